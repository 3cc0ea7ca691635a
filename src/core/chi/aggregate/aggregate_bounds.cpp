#include "core/chi/aggregate/aggregate_bounds.h"

#include <cmath>
#include <cstring>

#include "core/chi/bounds/cell_facts.h"
#include "core/chi/aggregate/group_parts.h"
#include "core/chi/bounds/scale.h"

namespace mq
{

using namespace group_parts;

namespace
{

// More cells or tiles than any index keeps entries for.
constexpr size_t kMaxParts = size_t{1} << 20;

} // namespace

namespace group_parts
{

Interval level_bounds(const GroupBounds &g, const Level &level, const CountSums &sums,
                      uint64_t area)
{
    if (level.everything || level.nothing)
        return level.everything ? Interval{area, area} : Interval{0, 0};
    const uint64_t n = g.members.count, sure = level.sure_of, possible = level.possible_of;
    Interval b{0, area};
    if (sure <= n) {
        uint64_t lacking = sure == 0 ? 0 : sums.missing / (n - sure + 1);
        b.lo = area - std::min(lacking, area);
        if (sure == 1)
            b.lo = std::max<uint64_t>(b.lo, sums.most_inner);
    }
    if (possible > n)
        b.hi = 0;
    else if (possible > 0)
        b.hi = std::min(area, sums.reaching / possible);
    if (possible == n)
        b.hi = std::min<uint64_t>(b.hi, sums.least_outer);
    return b;
}

bool add_difference(const Interval &from, const Interval &to, uint64_t area, CountBounds *out)
{
    if (from.lo > from.hi || to.lo > to.hi || from.hi < to.lo)
        return false;
    out->lo += from.lo > to.hi ? from.lo - to.hi : 0;
    out->hi += std::min(area, from.hi - to.lo);
    return true;
}

} // namespace group_parts

void start_aggregate(const AggregateCall &call, const GroupMembers &members,
                     const AggregateLevels &levels, bool share, const ChiEntry &first,
                     GroupBounds *out)
{
    *out = GroupBounds{};
    out->call = call;
    out->members = members;
    out->levels = levels;
    out->share = share;
    out->grid = first.grid;
    out->one_grid = true;
    out->extremes = first.extremes;
    out->one_tiling = first.extremes.tiles() > 0;
    out->rect = clip(call.roi, first.grid.width, first.grid.height);
    if (out->rect.empty())
        return;
    out->range = touched_cells(first.grid, out->rect);
    out->n_cells =
        size_t(out->range.cx1 - out->range.cx0) * size_t(out->range.cy1 - out->range.cy0);
    out->one_grid = out->n_cells <= kMaxParts;
    for (int i = 0; i < 2; i++)
        out->whole[i] = kNoSums;
}

static bool has_cells(const GroupBounds &g, int i)
{
    return !g.rect.empty() && g.one_grid && !is_trivial(level_of(g, i));
}

size_t counts_size(const GroupBounds &g)
{
    return g.n_cells * sizeof(CountSums) * size_t(has_cells(g, 0) + has_cells(g, 1));
}

void start_counts(GroupBounds *g, void *memory)
{
    CountSums *free = static_cast<CountSums *>(memory);
    for (int i = 0; i < 2; i++)
        if (has_cells(*g, i)) {
            g->cells[i] = free;
            std::fill_n(free, g->n_cells, kNoSums);
            free += g->n_cells;
        }
}

void select_sets(const GroupBounds &group, const AggregateMember &member, bool with_facts,
                 MemberSets *out)
{
    const ChiEntry &e = *member.entry;
    out->has_facts = with_facts;
    for (int i = 0; i < 2; i++) {
        const Level &level = level_of(group, i);
        if (is_trivial(level))
            continue;
        CountedOrdinals counted = member_ordinals(group.call, group.members, level, member);
        out->edges[i] = select_edges(e.format, e.domain, *member.bins, counted);
        if (with_facts)
            out->facts[i] = tile_facts(e.format, e.domain, *member.bins, out->edges[i], counted);
    }
    if (!with_facts || group.call.members_compared)
        return;
    Scale scale(e.format, e.domain);
    ExtremeLevels levels(e.format, e.domain, *member.bins);
    auto value = [&](uint32_t ordinal) {
        uint32_t kept = std::min(std::max(ordinal, scale.bottom), scale.top);
        return raw_to_value(e.format, e.domain, ordinal_to_raw(e.format, kept));
    };
    const double bottom = value(0), top = value(scale.end);
    std::fill_n(out->least, 256, bottom);
    std::fill_n(out->most, 256, top);
    int32_t code = 0;
    for (int32_t highest = 0; highest < kLevels; highest++)
        for (int32_t lowest = 0; lowest <= highest; lowest++, code++) {
            out->least[code] = value(levels.ordinals[lowest]);
            uint32_t beyond = levels.ordinals[highest + 1];
            out->most[code] = beyond > 0 ? value(beyond - 1) : top;
        }
}

void add_counts(GroupBounds *group, const AggregateMember &member, const MemberSets &sets)
{
    const ChiEntry &e = *member.entry;
    GroupBounds &g = *group;
    if (g.rect.empty())
        return;
    if (e.grid.cell_width != g.grid.cell_width || e.grid.cell_height != g.grid.cell_height)
        g.one_grid = false;
    if (e.extremes.side != g.extremes.side)
        g.one_tiling = false;
    for (int i = 0; i < 2; i++) {
        if (is_trivial(level_of(g, i)))
            continue;
        const EdgeSelection &s = sets.edges[i];
        PlanePair upper(e, s.upper_from, s.upper_to), lower(e, s.lower_from, s.lower_to);
        uint32_t lo = 0, hi = 0;
        for_cells(e.grid, touched_cells(e.grid, g.rect), g.rect,
                  [&](size_t k, size_t c, const PixelRect &cell, const PixelRect &in) {
                      const uint32_t area = area_of(cell), overlap = area_of(in);
                      uint32_t least = minus(lower.count(c, area), area - overlap);
                      uint32_t most = std::min(upper.count(c, area), overlap);
                      lo += least;
                      hi += most;
                      if (g.one_grid)
                          add_member(&g.cells[i][k], overlap, least, most);
                  });
        add_member(&g.whole[i], area_of(g.rect), lo, hi);
    }
}

bool counted_bounds(const GroupBounds &g, CountBounds *out)
{
    *out = CountBounds{0, 0};
    if (g.rect.empty())
        return true;
    auto part = [&](int i, size_t k, uint64_t area) {
        const CountSums &sums = is_trivial(level_of(g, i)) ? kNoSums
                                : g.one_grid               ? g.cells[i][k]
                                                           : g.whole[i];
        return level_bounds(g, level_of(g, i), sums, area);
    };
    if (!g.one_grid)
        return add_difference(part(0, 0, area_of(g.rect)), part(1, 0, area_of(g.rect)),
                              area_of(g.rect), out);
    bool sound = true;
    for_cells(g.grid, g.range, g.rect,
              [&](size_t k, size_t, const PixelRect &, const PixelRect &in) {
                  const uint32_t area = area_of(in);
                  sound = add_difference(part(0, k, area), part(1, k, area), area, out) && sound;
              });
    return sound;
}

} // namespace mq
