// What the intersection has of the union.
#include "core/chi/bounds/cell_facts.h"
#include "core/chi/aggregate/group_parts.h"

namespace mq
{

using namespace group_parts;

namespace
{

// Of some pixels: how many lie in the intersection, how many in the union but not in the
// intersection, and how many in the union at least.
struct Split {
    Interval both, differ;
    uint64_t least;
};

Interval differing(const CountSums &s, uint64_t area)
{
    return Interval{minus(s.most_inner, s.least_outer),
                    std::min(area, std::min(s.missing, s.reaching))};
}

Interval closer(const Interval &a, const Interval &b)
{
    return Interval{std::max(a.lo, b.lo), std::min(a.hi, b.hi)};
}

Interval shift(const Interval &a, uint64_t by)
{
    return Interval{a.lo + by, a.hi + by};
}

Split split(const GroupBounds &g, const CountSums &s, uint64_t area)
{
    return Split{level_bounds(g, g.levels.from, s, area), differing(s, area), s.most_inner};
}

Split split_rests(const GroupBounds &g, const CellRest &both, const CellRest &any)
{
    return Split{shift(level_bounds(g, g.levels.from, both.sums, both.open), both.surely_in),
                 shift(differing(any.sums, any.open), any.differ),
                 uint64_t{any.surely_in} + any.differ + any.sums.most_inner};
}

double share(uint64_t part, uint64_t rest)
{
    return part > 0 ? double(part) / double(part + rest) : 0;
}

} // namespace

bool share_bounds(const GroupBounds &g, bool with_extremes, RatioBounds *out, uint64_t *least)
{
    Split sum{{0, 0}, {0, 0}, 0};
    bool sound = true;
    auto add = [&](const Split &x) {
        sound = sound && x.both.lo <= x.both.hi && x.differ.lo <= x.differ.hi;
        sum.both.lo += x.both.lo;
        sum.both.hi += x.both.hi;
        sum.differ.lo += x.differ.lo;
        sum.differ.hi += x.differ.hi;
        sum.least += std::max(x.least, x.both.lo + x.differ.lo);
    };
    if (!g.rect.empty() && !g.one_grid)
        add(split(g, g.whole[0], area_of(g.rect)));
    else if (!g.rect.empty())
        for_cells(g.grid, g.range, g.rect,
                  [&](size_t k, size_t, const PixelRect &, const PixelRect &in) {
                      Split x = split(g, g.cells[0][k], area_of(in));
                      if (with_extremes) {
                          const Split open = split_rests(g, g.rests[0][k], g.rests[1][k]);
                          x.both = closer(x.both, open.both);
                          x.differ = closer(x.differ, open.differ);
                          x.least = std::max(x.least, open.least);
                      }
                      add(x);
                  });
    *least = sum.least;
    *out = RatioBounds{share(sum.both.lo, sum.differ.hi), share(sum.both.hi, sum.differ.lo)};
    if (sum.both.hi < sum.least)
        out->hi = std::min(out->hi, double(sum.both.hi) / double(sum.least));
    return sound;
}

} // namespace mq
