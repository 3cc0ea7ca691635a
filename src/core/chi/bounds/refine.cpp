#include "core/chi/bounds/refine.h"

#include "core/chi/bounds/scale.h"
#include "core/mask/measure/count.h"

namespace mq
{

namespace
{

void narrow_cell(RefinedCell *c)
{
    const CellFacts &u = c->unknown;
    uint32_t least = minus(c->least + u.beyond, c->in_lower + u.outside);
    uint32_t most = minus(c->most, c->in_upper + u.not_counted);
    uint32_t lo = std::max(u.surely, least), hi = std::min(u.possibly, most);
    // Only a damaged entry can contradict the pixels, which are right.
    if (lo > hi) {
        lo = u.surely;
        hi = std::max(u.surely, u.possibly);
    }
    c->lo = c->counted + lo;
    c->hi = c->counted + hi;
}

CellFacts subtract(const CellFacts &a, const CellFacts &b)
{
    return CellFacts{a.surely - b.surely, a.possibly - b.possibly, a.not_counted - b.not_counted,
                     a.outside - b.outside, a.beyond - b.beyond};
}

// Calls f(cell, its part in the rectangle, that part's part in the roi) for every touched cell.
template <typename F> void for_cells(const Refinement &r, const PixelRect &tile, F f)
{
    const CellGrid &g = r.entry->grid;
    CellRange touched = touched_cells(g, tile);
    for (int32_t cy = std::max(touched.cy0, r.range.cy0); cy < std::min(touched.cy1, r.range.cy1);
         cy++)
        for (int32_t cx = std::max(touched.cx0, r.range.cx0);
             cx < std::min(touched.cx1, r.range.cx1); cx++) {
            PixelRect part = intersect(g.cell_rect(cx, cy), tile);
            size_t i = size_t(cy - r.range.cy0) * (r.range.cx1 - r.range.cx0) + (cx - r.range.cx0);
            f(&r.cells[i], part, intersect(part, r.rect));
        }
}

} // namespace

size_t refined_cells(const CellGrid &grid, const Roi &roi)
{
    PixelRect rect = clip(roi, grid.width, grid.height);
    if (rect.empty())
        return 0;
    CellRange range = touched_cells(grid, rect);
    return size_t(range.cx1 - range.cx0) * size_t(range.cy1 - range.cy0);
}

void start_refinement(const ChiEntry &entry, const ChiBins &bins, const EdgeSelection &edges,
                      const TileFacts &facts, const Roi &roi, double lv, double uv,
                      RefinedCell *cells, Refinement *out)
{
    const CellGrid &g = entry.grid;
    Scale scale(entry.format, entry.domain);
    *out = Refinement{};
    out->entry = &entry;
    out->facts = &facts;
    out->counted = scale.range(entry.format, entry.domain, lv, uv);
    auto edge = [&](int32_t i) { return scale.edge(entry.format, entry.domain, bins, i); };
    out->upper = OrdinalRange{edge(edges.upper_from), edge(edges.upper_to)};
    out->lower = OrdinalRange{edge(edges.lower_from), edge(edges.lower_to)};
    out->rect = clip(roi, g.width, g.height);
    out->cells = cells;
    if (out->rect.empty() || out->counted.lo >= out->counted.hi)
        return; // no cells: nothing narrows [0, 0]
    out->range = touched_cells(g, out->rect);
    PlanePair upper(entry, edges.upper_from, edges.upper_to);
    PlanePair lower(entry, edges.lower_from, edges.lower_to);
    for (int32_t cy = out->range.cy0; cy < out->range.cy1; cy++)
        for (int32_t cx = out->range.cx0; cx < out->range.cx1; cx++) {
            size_t c = size_t(cy) * g.cells_x + cx;
            PixelRect cell = g.cell_rect(cx, cy);
            uint32_t area = static_cast<uint32_t>(cell.area());
            *cells = RefinedCell{};
            cells->most = upper.count(c, area);
            cells->least = lower.count(c, area);
            cells->unknown = gather_facts(entry, facts, cell, intersect(cell, out->rect));
            narrow_cell(cells);
            out->lo += cells->lo;
            out->hi += cells->hi;
            cells++;
        }
}

ChiEntry blank_entry(const MaskHeader &header)
{
    ChiEntry e{};
    e.format = header.format;
    e.domain = header.domain;
    e.grid = CellGrid{header.width, header.height, header.width, header.height, 1, 1};
    e.bins = kMinBins;
    return e;
}

void refine_whole(Refinement *r, const PixelRect &tile, bool all)
{
    for_cells(*r, tile, [&](RefinedCell *c, const PixelRect &part, const PixelRect &in) {
        CellFacts known = gather_facts(*r->entry, *r->facts, part, in);
        uint32_t count = all ? static_cast<uint32_t>(in.area()) : 0;
        c->unknown.surely += count - known.surely;
        c->unknown.possibly += count - known.possibly;
        r->lo -= c->lo;
        r->hi -= c->hi;
        narrow_cell(c);
        r->lo += c->lo;
        r->hi += c->hi;
    });
}

void refine_pixels(Refinement *r, const PixelRect &tile, const void *pixels)
{
    const PixelFormat format = r->entry->format;
    const size_t stride = static_cast<size_t>(tile.x1 - tile.x0);
    auto count = [&](const PixelRect &part, const OrdinalRange &range) {
        if (part.empty())
            return uint32_t{0};
        size_t first = size_t(part.y0 - tile.y0) * stride + size_t(part.x0 - tile.x0);
        return static_cast<uint32_t>(count_pixels(
            format, static_cast<const uint8_t *>(pixels) + first * flat_pixel_size(format), stride,
            part.x1 - part.x0, part.y1 - part.y0, range));
    };
    for_cells(*r, tile, [&](RefinedCell *c, const PixelRect &part, const PixelRect &in) {
        c->unknown = subtract(c->unknown, gather_facts(*r->entry, *r->facts, part, in));
        c->counted += count(in, r->counted);
        c->in_upper += count(part, r->upper);
        c->in_lower += count(part, r->lower);
        r->lo -= c->lo;
        r->hi -= c->hi;
        narrow_cell(c);
        r->lo += c->lo;
        r->hi += c->hi;
    });
}

uint64_t refinement_gain(const Refinement &r, const PixelRect &tile)
{
    uint64_t gain = 0;
    for_cells(r, tile, [&](const RefinedCell *c, const PixelRect &part, const PixelRect &in) {
        if (c->lo == c->hi)
            return;
        CellFacts facts = gather_facts(*r.entry, *r.facts, part, in);
        gain += std::min(c->hi - c->lo, facts.possibly - facts.surely);
    });
    return gain;
}

} // namespace mq
