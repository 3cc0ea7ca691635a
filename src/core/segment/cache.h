// The parts of a segment that bounds are taken from, brought into memory.
#pragma once

#include "core/segment/layout.h"

namespace mq
{

// Spare bytes at the end of the cache's memory: vectors may be loaded from beyond a word.
constexpr size_t kCachePadding = 64;

// Cells of a segment in row-major order.
struct CellSpan {
    size_t first, end;
};

// Plans to bring in the counts of one row and edge, of the cells of the span at least.
// `part`: which of the four regions for parts of blocks to use, 0 .. 3.
// REQUIRES: 1 <= edge < bins.
void plan_row_plane(const Segment &s, uint32_t row, int32_t edge, CellSpan cells, int part,
                    SegmentCache *cache, SegmentReads *reads, RowPlane *out);

} // namespace mq
