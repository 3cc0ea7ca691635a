// What a sealed segment tells of the leaves of a program, for all of its rows at once: the columns
// that a batch is evaluated with.
#pragma once

#include "core/program/batch.h"
#include "facts/row_leaves.h"
#include "store/segment/segment_access.h"

namespace mq
{

static_assert(kSegmentRows <= kBatchRows, "a segment is evaluated in one call");

// Which of its rows, and what the bounds are taken from.
enum class SegmentStage : uint8_t {
    coarse, // the coarse counts, of all rows
    few,    // cells, of some rows
    all,    // cells, of all rows
};

struct SegmentRows {
    SegmentStage stage;
    uint32_t n; // rows of the batch
    // For few: rows[i] is row i of the batch; and 1 for each of them, 0 for others.
    uint32_t rows[kSegmentRows];
    uint8_t wanted[kSegmentRows];
};

// Room for the columns of one program at a time; they are allocated when first needed.
struct ColumnRoom {
    LeafColumn *columns;
    int n;
    void *memory; // for evaluation
    MemoryContext context;
};

// Room for any of some programs, of which none has more sites, or needs more memory to evaluate.
ColumnRoom make_column_room(int most_sites, size_t most_memory, MemoryContext context);

// Outcomes of the clause for rows of the open segment, whose index has these bins; of the number
// with `segment_numbers`. `l` is of the same program and lends its calls and edges. False when the
// segment was recycled while it was read. REQUIRES: the program's masks are all of this index.
bool segment_outcomes(Relation index, ChiSegment *s, const ChiBins *bins, RowLeaves *l,
                      const ProgramInput *inputs, ColumnRoom *room, const SegmentRows &rows,
                      uint8_t *outcomes);
bool segment_numbers(Relation index, ChiSegment *s, const ChiBins *bins, RowLeaves *l,
                     const ProgramInput *inputs, ColumnRoom *room, const SegmentRows &rows,
                     double *lo, double *hi, uint8_t *may);

} // namespace mq
