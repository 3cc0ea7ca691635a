// The parts of a segment that bounds are taken from, brought into memory.
#pragma once

#include "core/segment/layout.h"

namespace mq
{

// Spare bytes at the end of the cache's memory: vectors may be loaded from beyond a word.
constexpr size_t kCachePadding = 64;

// The counts of one row for one edge.
struct RowPlane {
    const uint8_t *words; // of cell 0, at the row's lane; null: all counts are 0
    size_t stride;        // to the next word of a cell
    uint32_t shift, width, bits_of_lane;
    bool straddles;

    uint32_t count(size_t cell) const
    {
        if (!words)
            return 0;
        const uint8_t *p = words + cell * kWordSize;
        uint64_t v = lane(p);
        if (straddles)
            v |= lane(p + stride) << bits_of_lane;
        return uint32_t(v >> shift) & uint32_t((uint64_t{1} << width) - 1);
    }

  private:
    uint64_t lane(const uint8_t *p) const
    {
        return bits_of_lane == 16 ? load_le<uint16_t>(p) : load_le<uint32_t>(p);
    }
};

// Cells of a segment in row-major order.
struct CellSpan {
    size_t first, end;
};

// Brings the counts of one row and edge in, of the cells of the span at least.
// `part`: which of the four regions for parts of blocks to use, 0 .. 3.
// REQUIRES: 1 <= edge < bins.
bool load_row_plane(const Segment &s, const SegmentReader &reader, uint32_t row, int32_t edge,
                    CellSpan cells, int part, SegmentCache *cache, RowPlane *out);

} // namespace mq
