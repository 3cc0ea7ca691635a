// Bounds of cp from a CHI entry. README.md beside this file states and proves what they claim.
#pragma once

#include "core/chi/entry.h"

namespace mq
{

// The exact count lies in [lo, hi]; whole numbers.
struct CountBounds {
    uint64_t lo, hi;
};

// Per-cell bounds (DESIGN section 5, step 2): for every cell that the roi touches, with cell area a, overlap o and
// cell bounds l <= count <= u: max(0, l - (a - o)) and min(u, o), summed. Never looser than paper_bounds.
// REQUIRES: lv <= uv, neither NaN; bins are those that the entry was built with.
CountBounds chi_bounds(const ChiEntry &entry, const ChiBins &bins, const Roi &roi, double lv, double uv);

// The paper's two bounds (section 3.2.1, equations 3 and 4, both directions), for comparison only: the benchmark
// counts what they alone would load.
CountBounds paper_bounds(const ChiEntry &entry, const ChiBins &bins, const Roi &roi, double lv, double uv);

} // namespace mq
