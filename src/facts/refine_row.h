// The last stages of bounds: reads as much of the masks of one row as a clause needs.
// src/plan/README.md, "Stages", says when and why that changes no result.
#pragma once

#include "facts/row_bounds.h"

namespace mq
{

extern bool enable_ladder; // maskquery.enable_ladder

// Outcome bits of the clause for the current row of b, which row_outcomes() left undecided. Opens
// the row's masks, bounds each cp by what their tile directories say, and then reads tiles, those
// first that can decide most for the TOAST chunks they take, until the clause is decided or no tile
// is left. Notes in b which masks' pixels were read, and counts those masks as loaded. Tiles are
// shared with cp and kept for it (src/read/tile_cache.h).
//
// Reads nothing, and answers as row_outcomes() did at worst, where a mask is pending (cp is about
// to read it as a whole, and the index learns it) or NULL, or where the clause reads more than two.
// REQUIRES: set_source() was given the masks of the row.
uint8_t refine_row(RowBounds *b);

} // namespace mq
