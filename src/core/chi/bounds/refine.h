// Bounds of one cp that narrow as parts of the mask become known: the last stages.
// README.md beside this file proves what they claim ("With pixels").
#pragma once

#include "core/chi/bounds/cell_facts.h"
#include "core/mask/layout.h"

namespace mq
{

// A cell that the roi touches. Its pixels are known (read, or decided by the directory of the mask)
// or not; the facts are about those that are not.
struct RefinedCell {
    uint32_t most, least;        // the counts' bounds of the whole cell
    CellFacts unknown;           // pixels not known
    uint32_t counted;            // known pixels that count: inside the roi and in range
    uint32_t in_upper, in_lower; // known pixels between the edges of the upper, the lower bound
    uint32_t lo, hi;             // of what the cell adds to cp
};

struct Refinement {
    const ChiEntry *entry;
    const TileFacts *facts;
    OrdinalRange counted, upper, lower;
    PixelRect rect;
    CellRange range; // of the touched cells; cells has one each, row-major
    RefinedCell *cells;
    uint64_t lo, hi; // the exact count lies in [lo, hi]
};

// Cells that a roi touches: what start_refinement needs room for.
size_t refined_cells(const CellGrid &grid, const Roi &roi);

// Starts with the bounds of the second stage. `cells` has room for refined_cells(); all that is
// given stays alive as long as the refinement. REQUIRES: edges and facts were made for the entry,
// lv, uv.
void start_refinement(const ChiEntry &entry, const ChiBins &bins, const EdgeSelection &edges,
                      const TileFacts &facts, const Roi &roi, double lv, double uv,
                      RefinedCell *cells, Refinement *out);

// An entry that knows nothing but the mask's shape, for a mask that has none: one cell, and edges
// between which everything lies.
ChiEntry blank_entry(const MaskHeader &header);
constexpr EdgeSelection kBlankEdges{0, kMinBins, 0, 0};

// A rectangle of the mask becomes known: all of its pixels are in range or none is, as the extremes
// of a stored tile in the mask's directory tell, or its pixels are here, flat and without gaps.
// REQUIRES: it lies inside the mask and overlaps no rectangle given before.
void refine_whole(Refinement *r, const PixelRect &tile, bool all);
void refine_pixels(Refinement *r, const PixelRect &tile, const void *pixels);

// How much of the bounds' width such a rectangle accounts for, at most. Rectangles that cover what
// is unknown of the roi have gains that sum up to the width at least, so while they are undecided
// one of them has some.
uint64_t refinement_gain(const Refinement &r, const PixelRect &tile);

} // namespace mq
