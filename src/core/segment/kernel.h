// The inner loops over a block of rows.
#pragma once

#include "core/segment/layout.h"

namespace mq
{

// The kernel walks runs of cells, neighbours in the grid's row-major order; the number of cells of
// a run is a multiple of kRunCells, so that vectors hold whole cells of one run. Tables hold a word
// (one value in all lanes) for each cell walked over. Cells that the roi does not touch overlap it
// by 0 and lie outside it with all the pixels that a lane can count, so whatever is read there adds
// nothing.
constexpr uint32_t kRunCells = 4;

struct BlockBounds {
    // Counts of the edges: upper from, upper to, lower from, lower to. Words of the first cell, or
    // null with a table in their place; null for both, as `to` only: 0.
    const uint8_t *plane[4];
    const uint8_t *constant[4];
    uint32_t width[4];
    bool exact;   // the lower bound is taken between the same edges as the upper one
    bool nothing; // the lower bound is 0

    uint32_t runs, cells;
    size_t run_stride;  // bytes from a run's first word to the next run's
    size_t word_stride; // bytes from a word to the cell's next word
    const uint8_t *overlap, *outside;
    uint8_t *unpacked; // room for a table
    uint32_t max_area; // of a cell

    // Counts of a lane: from this one to the one before that.
    uint32_t first_step, end_step;
    uint32_t *lo, *hi;
};

// Bounds of the rows of these steps, lanes rows each, with lanes of 16 and of 32 bits.
void block_bounds_16(const BlockBounds &b);
void block_bounds_32(const BlockBounds &b);

} // namespace mq
