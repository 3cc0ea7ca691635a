// The second stage: what tile extremes add.
#include "core/chi/bounds/cell_facts.h"
#include "core/base/assert.h"
#include "core/chi/aggregate/group_parts.h"

namespace mq
{

using namespace group_parts;

namespace
{

// More tiles than any index keeps entries for.
constexpr size_t kMaxTiles = size_t{1} << 20;

TileSums &tile_at(const GroupBounds &g, int32_t tx, int32_t ty)
{
    const CellRange &r = g.tile_range;
    return g.tiles[size_t(ty - r.cy0) * size_t(r.cx1 - r.cx0) + size_t(tx - r.cx0)];
}

PixelRect tile_rect(const GroupBounds &g, int32_t tx, int32_t ty)
{
    const int32_t side = g.extremes.side;
    return PixelRect{tx * side, ty * side, std::min((tx + 1) * side, g.grid.width),
                     std::min((ty + 1) * side, g.grid.height)};
}

// Calls f(tx, ty, the tile's part of the rectangle) for every small tile that touches it.
template <typename F> void for_tiles(const GroupBounds &g, const PixelRect &rect, F f)
{
    const int32_t side = g.extremes.side;
    for (int32_t ty = rect.y0 / side; ty * side < rect.y1; ty++)
        for (int32_t tx = rect.x0 / side; tx * side < rect.x1; tx++)
            f(tx, ty, intersect(tile_rect(g, tx, ty), rect));
}

bool all_in(const GroupBounds &g, int i, const TileSums &tile)
{
    const Level &level = level_of(g, i);
    const double n = g.call.kind == MaskAggregate::mean ? double(g.members.count) : 1;
    return tile.sure[i] >= level.sure_of ||
           (adds_up(g.call.kind) &&
            surely_in(level, g.members.domain, tile.least / n, level.slack));
}

bool none_in(const GroupBounds &g, int i, const TileSums &tile)
{
    const Level &level = level_of(g, i);
    const double n = g.call.kind == MaskAggregate::mean ? double(g.members.count) : 1;
    return tile.possible[i] < level.possible_of ||
           (adds_up(g.call.kind) &&
            surely_out(level, g.members.domain, tile.most / n, level.slack));
}

// The levels that the second stage has something to do for, and whose sets they are taken from.
bool in_use(const GroupBounds &g, int i)
{
    return g.share || !is_trivial(level_of(g, i));
}
int sets_of(const GroupBounds &g, int i)
{
    return g.share ? 0 : i;
}

enum class TileState { all, none, differ, open };

TileState judge_level(const GroupBounds &g, int i, const TileSums &tile)
{
    return all_in(g, i, tile)    ? TileState::all
           : none_in(g, i, tile) ? TileState::none
                                 : TileState::open;
}

// With `share`.
TileState judge_split(const GroupBounds &g, int i, const TileSums &tile)
{
    const uint64_t sure = tile.sure[0], possible = tile.possible[0], n = g.members.count;
    if (sure == n)
        return TileState::all;
    if (possible == 0 || (i == 0 && possible < n))
        return TileState::none;
    return sure > 0 && possible < n ? TileState::differ : TileState::open;
}

} // namespace

static CellRange touched_tiles(const GroupBounds &g)
{
    const int32_t side = g.extremes.side;
    return CellRange{g.rect.x0 / side, g.rect.y0 / side, (g.rect.x1 - 1) / side + 1,
                     (g.rect.y1 - 1) / side + 1};
}

static size_t count_tiles(const CellRange &r)
{
    return size_t(r.cx1 - r.cx0) * size_t(r.cy1 - r.cy0);
}

size_t extremes_size(const GroupBounds &g)
{
    if (g.rect.empty() || !g.one_grid || !g.one_tiling)
        return 0;
    const size_t tiles = count_tiles(touched_tiles(g));
    if (tiles > kMaxTiles)
        return 0;
    return tiles * sizeof(TileSums) +
           g.n_cells * sizeof(CellRest) * size_t(in_use(g, 0) + in_use(g, 1));
}

void start_extremes(GroupBounds *group, void *memory)
{
    mq_assert(extremes_size(*group) > 0);
    GroupBounds &g = *group;
    g.tile_range = touched_tiles(g);
    const size_t tiles = count_tiles(g.tile_range);
    g.tiles = static_cast<TileSums *>(memory);
    std::fill_n(g.tiles, tiles, TileSums{});
    static_assert(sizeof(TileSums) % alignof(CellRest) == 0);
    CellRest *free = reinterpret_cast<CellRest *>(g.tiles + tiles);
    for (int i = 0; i < 2; i++)
        if (in_use(g, i)) {
            g.rests[i] = free;
            std::fill_n(free, g.n_cells, CellRest{0, 0, 0, kNoSums});
            free += g.n_cells;
        }
}

void add_extremes(GroupBounds *group, const AggregateMember &member, const MemberSets &sets)
{
    const ChiEntry &e = *member.entry;
    GroupBounds &g = *group;
    const uint8_t *codes = entry_tail(e).data;
    const int some = is_trivial(g.levels.from); // a level that has facts
    TileSums *tile = g.tiles;
    for (int32_t ty = g.tile_range.cy0; ty < g.tile_range.cy1; ty++)
        for (int32_t tx = g.tile_range.cx0; tx < g.tile_range.cx1; tx++, tile++) {
            const uint8_t code = codes[size_t(ty) * g.extremes.tiles_x + tx];
            for (int i = 0; i < 2; i++) {
                if (is_trivial(level_of(g, i)))
                    continue;
                tile->sure[i] += (sets.facts[i].of[code] & kAllCount) != 0;
                tile->possible[i] += !(sets.facts[i].of[code] & kNoneCount);
            }
            if (!adds_up(g.call.kind))
                continue;
            const uint8_t fact = sets.facts[some].of[code];
            const bool bits = g.call.members_compared;
            tile->least += member.weight * (bits ? !!(fact & kAllCount) : sets.least[code]);
            tile->most += member.weight * (bits ? !(fact & kNoneCount) : sets.most[code]);
        }
}

void judge_tiles(GroupBounds *group)
{
    GroupBounds &g = *group;
    for (int i = 0; i < 2; i++) {
        if (!in_use(g, i))
            continue;
        for_tiles(g, g.rect, [&](int32_t tx, int32_t ty, const PixelRect &part) {
            TileSums &tile = tile_at(g, tx, ty);
            const TileState state = g.share ? judge_split(g, i, tile) : judge_level(g, i, tile);
            tile.open[i] = state == TileState::open;
            if (state == TileState::none)
                return;
            CellRange cells = touched_cells(g.grid, part);
            for (int32_t cy = cells.cy0; cy < cells.cy1; cy++)
                for (int32_t cx = cells.cx0; cx < cells.cx1; cx++) {
                    uint32_t area = area_of(intersect(g.grid.cell_rect(cx, cy), part));
                    CellRest &rest =
                        g.rests[i][size_t(cy - g.range.cy0) * size_t(g.range.cx1 - g.range.cx0) +
                                   size_t(cx - g.range.cx0)];
                    (state == TileState::all      ? rest.surely_in
                     : state == TileState::differ ? rest.differ
                                                  : rest.open) += area;
                }
        });
    }
}

void add_rest(GroupBounds *group, const AggregateMember &member, const MemberSets &sets)
{
    const ChiEntry &e = *member.entry;
    GroupBounds &g = *group;
    const uint8_t *codes = entry_tail(e).data;
    for (int i = 0; i < 2; i++) {
        if (!in_use(g, i))
            continue;
        const EdgeSelection &s = sets.edges[sets_of(g, i)];
        const TileFacts &facts = sets.facts[sets_of(g, i)];
        PlanePair upper(e, s.upper_from, s.upper_to), lower(e, s.lower_from, s.lower_to);
        for_cells(g.grid, g.range, g.rect,
                  [&](size_t k, size_t c, const PixelRect &cell, const PixelRect &) {
                      CellRest &rest = g.rests[i][k];
                      if (rest.open == 0)
                          return;
                      CellFacts f;
                      for_tiles(g, cell, [&](int32_t tx, int32_t ty, const PixelRect &part) {
                          const PixelRect in = intersect(part, g.rect);
                          const uint32_t inside =
                              in.empty() || !tile_at(g, tx, ty).open[i] ? 0 : area_of(in);
                          add_tile(&f, facts.of[codes[size_t(ty) * g.extremes.tiles_x + tx]],
                                   inside, area_of(part) - inside);
                      });
                      const uint32_t area = area_of(cell);
                      uint32_t least = lower.count(c, area), most = upper.count(c, area);
                      add_member(&rest.sums, rest.open,
                                 std::max(f.surely, minus(least + f.beyond, f.outside)),
                                 std::min(f.possibly, minus(most, f.not_counted)));
                  });
    }
}

bool extreme_bounds(const GroupBounds &g, CountBounds *out)
{
    *out = CountBounds{0, 0};
    bool sound = true;
    for_cells(g.grid, g.range, g.rect,
              [&](size_t k, size_t, const PixelRect &, const PixelRect &in) {
                  Interval part[2];
                  for (int i = 0; i < 2; i++) {
                      const Level &level = level_of(g, i);
                      if (is_trivial(level)) {
                          part[i] = level_bounds(g, level, kNoSums, area_of(in));
                          continue;
                      }
                      const CellRest &rest = g.rests[i][k];
                      Interval counts = level_bounds(g, level, g.cells[i][k], area_of(in));
                      Interval open = level_bounds(g, level, rest.sums, rest.open);
                      part[i] = Interval{std::max(counts.lo, rest.surely_in + open.lo),
                                         std::min(counts.hi, rest.surely_in + open.hi)};
                  }
                  sound = add_difference(part[0], part[1], area_of(in), out) && sound;
              });
    return sound;
}

} // namespace mq
