// Parts that both stages of the bounds of a mask aggregate are made of.
#pragma once

#include "core/chi/aggregate/aggregate_bounds.h"

namespace mq::group_parts
{

inline const Level &level_of(const GroupBounds &g, int i)
{
    return i == 0 ? g.levels.from : g.levels.to;
}

inline bool is_trivial(const Level &level)
{
    return level.everything || level.nothing;
}

constexpr CountSums kNoSums{0, 0, 0, UINT32_MAX};

// A member whose sets hold `lo` of `area` pixels at least and `hi` at most.
inline void add_member(CountSums *sums, uint32_t area, uint32_t lo, uint32_t hi)
{
    sums->missing += area - std::min(lo, area);
    sums->reaching += hi;
    sums->most_inner = std::max(sums->most_inner, lo);
    sums->least_outer = std::min(sums->least_outer, hi);
}

struct Interval {
    uint64_t lo, hi;
};

// Pixels of the level among `area` ones, from the members' counts there.
Interval level_bounds(const GroupBounds &g, const Level &level, const CountSums &sums,
                      uint64_t area);

// Pixels in `from` but not in `to`, of `area` ones, added to what other cells have. False when the
// bounds contradict each other.
bool add_difference(const Interval &from, const Interval &to, uint64_t area, CountBounds *out);

// Calls f(number, cell, its part in the roi) for every touched cell.
template <typename F>
void for_cells(const CellGrid &grid, const CellRange &range, const PixelRect &rect, F f)
{
    size_t i = 0;
    for (int32_t cy = range.cy0; cy < range.cy1; cy++)
        for (int32_t cx = range.cx0; cx < range.cx1; cx++) {
            PixelRect cell = grid.cell_rect(cx, cy);
            f(i++, size_t(cy) * grid.cells_x + cx, cell, intersect(cell, rect));
        }
}

inline uint32_t area_of(const PixelRect &rect)
{
    return static_cast<uint32_t>(rect.area());
}

} // namespace mq::group_parts
