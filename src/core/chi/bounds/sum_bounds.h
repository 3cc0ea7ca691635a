// Bounds of pixel_sum from a CHI entry. README.md beside this file states and proves what they
// claim.
#pragma once

#include "core/chi/entry.h"

namespace mq
{

// The sum as pixel_sum computes it lies in [lo, hi]; infinite ends where it may overflow.
struct SumBounds {
    double lo, hi;
    double least; // no sum other than 0 is nearer to 0
};

// The pixels of a cell that lie between two edges, and what one of them adds at most (or at least):
// the value of an ordinal, or nothing.
struct SumGroup {
    int32_t from, to;
    bool counts;
    uint32_t ordinal;
};

// The groups that bounds of pixel_sum over lv <= v < uv are taken from. They depend on the entry's
// pixel format and domain, and not on its counts: entries that share the two share them.
struct SumEdges {
    int32_t first_edge, last_edge; // all edges of groups that an entry has counts for
    int32_t least_groups, most_groups;
    SumGroup least[kMaxBins]; // by what they add, ascending
    SumGroup most[kMaxBins];  // descending
};

// REQUIRES: lv <= uv, neither NaN.
void select_sum_edges(PixelFormat format, const Domain &domain, const ChiBins &bins, double lv,
                      double uv, SumEdges *out);

// Bounds over a roi. REQUIRES: edges were selected for the entry's format, domain and bins.
SumBounds chi_sum_bounds(const ChiEntry &entry, const SumEdges &edges, const Roi &roi);

// Bounds over what a roi has outside another one. False when that is not inside the first, as far
// as the mask reaches.
bool chi_sum_bounds_without(const ChiEntry &entry, const SumEdges &edges, const Roi &roi,
                            const Roi &inner, SumBounds *out);

} // namespace mq
