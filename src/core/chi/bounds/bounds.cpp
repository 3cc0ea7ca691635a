#include "core/chi/bounds/bounds.h"
#include "core/base/assert.h"

#include "core/chi/bounds/cell_facts.h"
#include "core/chi/cells.h"
#include "core/chi/bounds/scale.h"

namespace mq
{

EdgeSelection select_edges(PixelFormat format, const Domain &domain, const ChiBins &bins, double lv,
                           double uv)
{
    mq_assert(lv <= uv);
    OrdinalRange range = Scale(format, domain).range(format, domain, lv, uv);
    return select_edges(format, domain, bins, CountedOrdinals{range, range});
}

EdgeSelection select_edges(PixelFormat format, const Domain &domain, const ChiBins &bins,
                           const CountedOrdinals &counted)
{
    Scale scale(format, domain);
    const OrdinalRange outer = scale.limit(counted.outer), inner = scale.limit(counted.inner);
    if (outer.lo >= outer.hi) // no pixel can lie in the range
        return EdgeSelection{0, 0, 0, 0};

    // Edge ordinals never decrease, so one pass finds the four: the last edge at or below outer.lo
    // and at or below inner.hi, the first at or above inner.lo and at or above outer.hi.
    EdgeSelection s{0, bins.bins, bins.bins, 0};
    for (int32_t i = 0; i <= bins.bins; i++) {
        uint32_t edge = scale.edge(format, domain, bins, i);
        if (edge <= outer.lo)
            s.upper_from = i;
        if (edge >= outer.hi && i < s.upper_to)
            s.upper_to = i;
        if (edge >= inner.lo && i < s.lower_from)
            s.lower_from = i;
        if (edge <= inner.hi)
            s.lower_to = i;
    }
    if (s.lower_from > s.lower_to || inner.lo >= inner.hi)
        s.lower_from = s.lower_to;
    return s;
}

// Bounds over the pixels of rect that are not in hole. REQUIRES: rect is not empty; hole lies
// inside, or there is none.
template <bool kHole>
static CountBounds bound_count(const ChiEntry &entry, const EdgeSelection &edges,
                               const PixelRect &rect, const PixelRect &hole)
{
    const CellGrid &g = entry.grid;
    CountBounds bounds{0, 0};
    PlanePair upper(entry, edges.upper_from, edges.upper_to);
    PlanePair lower(entry, edges.lower_from, edges.lower_to);
    bool exact = edges.upper_from == edges.lower_from && edges.upper_to == edges.lower_to;
    CellRange cells = touched_cells(g, rect);
    for (int32_t cy = cells.cy0; cy < cells.cy1; cy++) {
        for (int32_t cx = cells.cx0; cx < cells.cx1; cx++) {
            size_t c = size_t(cy) * g.cells_x + cx;
            PixelRect cell = g.cell_rect(cx, cy);
            uint32_t area = static_cast<uint32_t>(cell.area());
            uint32_t overlap = static_cast<uint32_t>(intersect(cell, rect).area());
            if (kHole)
                overlap -= static_cast<uint32_t>(intersect(cell, hole).area());
            uint32_t most = upper.count(c, area);
            uint32_t least = exact ? most : lower.count(c, area);
            uint32_t outside = area - overlap;
            bounds.lo += least > outside ? least - outside : 0;
            bounds.hi += std::min(most, overlap);
        }
    }
    return bounds;
}

CountBounds chi_bounds(const ChiEntry &entry, const EdgeSelection &edges, const Roi &roi)
{
    PixelRect rect = clip(roi, entry.grid.width, entry.grid.height);
    if (rect.empty() || edges.upper_from >= edges.upper_to)
        return CountBounds{0, 0};
    return bound_count<false>(entry, edges, rect, PixelRect{});
}

bool clip_nested(const CellGrid &grid, const Roi &roi, const Roi &inner, PixelRect *rect,
                 PixelRect *hole)
{
    *rect = clip(roi, grid.width, grid.height);
    *hole = clip(inner, grid.width, grid.height);
    if (hole->empty())
        *hole = PixelRect{0, 0, 0, 0};
    return !rect->empty() && intersect(*rect, *hole).area() == hole->area();
}

bool chi_bounds_without(const ChiEntry &entry, const EdgeSelection &edges, const Roi &roi,
                        const Roi &inner, CountBounds *out)
{
    PixelRect rect, hole;
    if (!clip_nested(entry.grid, roi, inner, &rect, &hole))
        return false;
    *out = edges.upper_from >= edges.upper_to ? CountBounds{0, 0}
                                              : bound_count<true>(entry, edges, rect, hole);
    return true;
}

TileFacts tile_facts(PixelFormat format, const Domain &domain, const ChiBins &bins,
                     const EdgeSelection &edges, double lv, double uv)
{
    mq_assert(lv <= uv);
    OrdinalRange range = Scale(format, domain).range(format, domain, lv, uv);
    return tile_facts(format, domain, bins, edges, CountedOrdinals{range, range});
}

TileFacts tile_facts(PixelFormat format, const Domain &domain, const ChiBins &bins,
                     const EdgeSelection &edges, const CountedOrdinals &counted)
{
    Scale scale(format, domain);
    ExtremeLevels levels(format, domain, bins);
    const OrdinalRange outer = scale.limit(counted.outer), inner = scale.limit(counted.inner);
    auto between = [&](int32_t from, int32_t to) {
        return OrdinalRange{scale.edge(format, domain, bins, from),
                            scale.edge(format, domain, bins, to)};
    };
    OrdinalRange upper = between(edges.upper_from, edges.upper_to);
    OrdinalRange lower = between(edges.lower_from, edges.lower_to);
    auto disjoint = [](const OrdinalRange &tile, const OrdinalRange &r) {
        return r.lo >= r.hi || tile.hi <= r.lo || tile.lo >= r.hi;
    };
    auto inside = [](const OrdinalRange &tile, const OrdinalRange &r) {
        return tile.lo >= r.lo && tile.hi <= r.hi;
    };

    TileFacts facts{};
    int32_t code = 0;
    for (int32_t highest = 0; highest < kLevels; highest++)
        for (int32_t lowest = 0; lowest <= highest; lowest++) {
            OrdinalRange tile{levels.ordinals[lowest], levels.ordinals[highest + 1]};
            facts.of[code++] = static_cast<uint8_t>((disjoint(tile, outer) ? kNoneCount
                                                     : inside(tile, inner) ? kAllCount
                                                                           : 0) |
                                                    (inside(tile, upper) ? kAllInUpper : 0) |
                                                    (disjoint(tile, lower) ? kNoneInLower : 0));
        }
    return facts;
}

namespace
{

int32_t shared(int32_t a0, int32_t a1, int32_t b0, int32_t b1)
{
    return std::max(0, std::min(a1, b1) - std::max(a0, b0));
}

} // namespace

CellFacts gather_facts(const ChiEntry &entry, const TileFacts &facts, const PixelRect &cell,
                       const PixelRect &in)
{
    const ExtremeGrid &g = entry.extremes;
    const uint8_t *codes = entry_tail(entry).data;
    CellFacts sum;
    if (g.tiles() == 0) {
        sum.possibly = static_cast<uint32_t>(in.area());
        sum.outside = static_cast<uint32_t>(cell.area()) - sum.possibly;
        return sum;
    }
    for (int32_t ty = cell.y0 / g.side; ty * g.side < cell.y1; ty++) {
        const int32_t y0 = ty * g.side, y1 = y0 + g.side;
        const uint32_t rows = static_cast<uint32_t>(shared(y0, y1, cell.y0, cell.y1));
        const uint32_t rows_in = static_cast<uint32_t>(shared(y0, y1, in.y0, in.y1));
        const uint8_t *row = codes + size_t(ty) * g.tiles_x;
        for (int32_t tx = cell.x0 / g.side; tx * g.side < cell.x1; tx++) {
            const int32_t x0 = tx * g.side, x1 = x0 + g.side;
            const uint32_t inside = rows_in * static_cast<uint32_t>(shared(x0, x1, in.x0, in.x1));
            const uint32_t outside =
                rows * static_cast<uint32_t>(shared(x0, x1, cell.x0, cell.x1)) - inside;
            add_tile(&sum, facts.of[row[tx]], inside, outside);
        }
    }
    return sum;
}

CountBounds tile_bounds(const ChiEntry &entry, const EdgeSelection &edges, const TileFacts &facts,
                        const Roi &roi)
{
    if (entry.extremes.tiles() == 0)
        return chi_bounds(entry, edges, roi);
    const CellGrid &g = entry.grid;
    CountBounds bounds{0, 0};
    PixelRect rect = clip(roi, g.width, g.height);
    if (rect.empty() || edges.upper_from >= edges.upper_to)
        return bounds;
    PlanePair upper(entry, edges.upper_from, edges.upper_to);
    PlanePair lower(entry, edges.lower_from, edges.lower_to);
    CellRange cells = touched_cells(g, rect);
    for (int32_t cy = cells.cy0; cy < cells.cy1; cy++) {
        for (int32_t cx = cells.cx0; cx < cells.cx1; cx++) {
            size_t c = size_t(cy) * g.cells_x + cx;
            PixelRect cell = g.cell_rect(cx, cy), in = intersect(cell, rect);
            uint32_t area = static_cast<uint32_t>(cell.area());
            uint32_t overlap = static_cast<uint32_t>(in.area());
            uint32_t most = upper.count(c, area), least = lower.count(c, area);
            uint32_t lo = minus(least, area - overlap), hi = std::min(most, overlap);
            if (lo < hi) {
                CellFacts f = gather_facts(entry, facts, cell, in);
                lo = std::max(f.surely, minus(least + f.beyond, f.outside));
                hi = std::min(f.possibly, minus(most, f.not_counted));
            }
            bounds.lo += lo;
            bounds.hi += hi;
        }
    }
    return bounds;
}

CountBounds paper_bounds(const ChiEntry &entry, const ChiBins &bins, const Roi &roi, double lv,
                         double uv)
{
    const CellGrid &g = entry.grid;
    EdgeSelection edges = select_edges(entry.format, entry.domain, bins, lv, uv);
    PixelRect rect = clip(roi, g.width, g.height);
    if (rect.empty() || edges.upper_from >= edges.upper_to)
        return CountBounds{0, 0};
    PlanePair upper(entry, edges.upper_from, edges.upper_to);
    PlanePair lower(entry, edges.lower_from, edges.lower_to);
    CellRange cells = touched_cells(g, rect);

    // Counts and areas of the smallest available region that covers the roi and of the largest that
    // it covers.
    int64_t covering_most = 0, covering_least = 0, covering_area = 0;
    int64_t covered_most = 0, covered_least = 0, covered_area = 0;
    for (int32_t cy = cells.cy0; cy < cells.cy1; cy++) {
        for (int32_t cx = cells.cx0; cx < cells.cx1; cx++) {
            size_t c = size_t(cy) * g.cells_x + cx;
            PixelRect cell = g.cell_rect(cx, cy);
            uint32_t area = static_cast<uint32_t>(cell.area());
            int64_t most = upper.count(c, area), least = lower.count(c, area);
            covering_most += most;
            covering_least += least;
            covering_area += area;
            if (intersect(cell, rect).area() == area) {
                covered_most += most;
                covered_least += least;
                covered_area += area;
            }
        }
    }
    int64_t hi = std::min(covering_most, covered_most + rect.area() - covered_area);
    int64_t lo = std::max(covered_least, covering_least - (covering_area - rect.area()));
    return CountBounds{static_cast<uint64_t>(std::max<int64_t>(lo, 0)), static_cast<uint64_t>(hi)};
}

} // namespace mq
