// Bounds of cp from a CHI entry. README.md beside this file states and proves what they claim.
#pragma once

#include "core/chi/entry.h"

namespace mq
{

// The exact count lies in [lo, hi]; whole numbers.
struct CountBounds {
    uint64_t lo, hi;
};

// The bin edges between which bounds of lv <= v < uv are taken: with A(i) the pixels of a region
// with value >= edge(i),
//   A(lower_from) - A(lower_to) <= exact count <= A(upper_from) - A(upper_to).
// It depends on the entry's pixel format and domain, and not on its counts: entries that share the
// two share it.
struct EdgeSelection {
    int32_t upper_from, upper_to;
    int32_t lower_from, lower_to; // equal when nothing is known to lie inside
};

// REQUIRES: lv <= uv, neither NaN.
EdgeSelection select_edges(PixelFormat format, const Domain &domain, const ChiBins &bins, double lv,
                           double uv);

// Two sets of ordinals, `inner` within `outer`, for counts that are known no closer than that: as
// many pixels count as `inner` holds at least, and as `outer` holds at most. A range that ends
// where it begins, or before, is empty.
struct CountedOrdinals {
    OrdinalRange inner, outer;
};
// The same edges for such counts.
EdgeSelection select_edges(PixelFormat format, const Domain &domain, const ChiBins &bins,
                           const CountedOrdinals &counted);

// Per-cell bounds (README.md): for every cell that the roi touches, with cell area a, overlap o and
// cell bounds l <= count <= u: max(0, l - (a - o)) and min(u, o), summed. Never looser than
// paper_bounds. REQUIRES: edges were selected for the entry's format, domain and bins.
CountBounds chi_bounds(const ChiEntry &entry, const EdgeSelection &edges, const Roi &roi);

// Bounds of the count over what a roi has outside another one, `inner`. False when that is not
// inside the roi, as far as the mask reaches.
bool chi_bounds_without(const ChiEntry &entry, const EdgeSelection &edges, const Roi &roi,
                        const Roi &inner, CountBounds *out);

// What the byte of a tile tells, for all entries of one format and domain. REQUIRES: lv <= uv,
// neither NaN; edges were selected for the same.
TileFacts tile_facts(PixelFormat format, const Domain &domain, const ChiBins &bins,
                     const EdgeSelection &edges, double lv, double uv);

// The same for ordinals. kNoneCount: none lies in `outer`; kAllCount: all lie in `inner`.
TileFacts tile_facts(PixelFormat format, const Domain &domain, const ChiBins &bins,
                     const EdgeSelection &edges, const CountedOrdinals &counted);

// The second stage: per-cell bounds narrowed by the extremes of the cell's tiles
// (README.md). Never looser than chi_bounds, and equal to it when the entry has no extremes;
// several times its work. REQUIRES: edges and facts were made for the entry's format, domain and
// bins.
CountBounds tile_bounds(const ChiEntry &entry, const EdgeSelection &edges, const TileFacts &facts,
                        const Roi &roi);

// Each in one step. REQUIRES: lv <= uv, neither NaN; bins are those that the entry was built with.
inline CountBounds chi_bounds(const ChiEntry &entry, const ChiBins &bins, const Roi &roi, double lv,
                              double uv)
{
    return chi_bounds(entry, select_edges(entry.format, entry.domain, bins, lv, uv), roi);
}
inline CountBounds tile_bounds(const ChiEntry &entry, const ChiBins &bins, const Roi &roi,
                               double lv, double uv)
{
    EdgeSelection edges = select_edges(entry.format, entry.domain, bins, lv, uv);
    return tile_bounds(entry, edges, tile_facts(entry.format, entry.domain, bins, edges, lv, uv),
                       roi);
}

// The paper's two bounds (section 3.2.1, equations 3 and 4, both directions), for comparison only:
// the benchmark counts what they alone would load.
CountBounds paper_bounds(const ChiEntry &entry, const ChiBins &bins, const Roi &roi, double lv,
                         double uv);

} // namespace mq
