// The inner loops over a block of rows.
#pragma once

#include "core/segment/layout.h"

namespace mq
{

// The cells that a roi touches, as the kernel walks them: `runs` rows of the grid, `cells` cells of
// each, rounded up to kRunCells so that vectors hold whole cells of one run. Tables hold a word
// (one value in all lanes) a cell. Cells beyond the roi overlap it by 0 and lie outside it with all
// the pixels that a lane can count, so whatever is read there adds nothing.
constexpr uint32_t kRunCells = 4;

struct BlockBounds {
    // Counts of the four edges, or null with `constant` in their place: words of all touched cells.
    const uint8_t
        *plane[4]; // upper from, upper to, lower from, lower to; of the first touched cell
    const uint8_t *constant[4]; // null for a `to` that is no edge: 0
    uint32_t width[4];
    bool exact;   // the lower bound is taken between the same edges as the upper one
    bool nothing; // the lower bound is 0

    uint32_t runs, cells;
    size_t run_stride;  // bytes from a run's first word to the next run's
    size_t word_stride; // bytes from a word to the cell's next word
    const uint8_t *overlap, *outside;
    uint8_t *unpacked[4]; // room for a word of all touched cells
    uint32_t max_area;    // of a cell

    uint32_t steps; // counts of a lane
    uint32_t *lo, *hi;
};

// Bounds of steps * lanes rows, with lanes of 16 and of 32 bits.
void block_bounds_16(const BlockBounds &b);
void block_bounds_32(const BlockBounds &b);

} // namespace mq
