#include "core/chi/bounds.h"

#include "core/chi/entry_layout.h"

namespace mq
{

namespace
{

// Ordinals as the mask's own pixels see them: all at or below the domain's bottom are 0, all above
// its top are `end`. Then the outer edges (-infinity and +infinity) coincide with thresholds at the
// ends of the domain.
struct Scale {
    uint32_t bottom, top, end;

    uint32_t limit(uint32_t ordinal) const
    {
        return ordinal <= bottom ? 0 : ordinal > top ? end : ordinal;
    }
};

// Counts of single cells between two edges.
class PlanePair
{
  public:
    PlanePair(const ChiEntry &e, int32_t from, int32_t to)
        : entry(e), empty(from >= to), from_all(from == 0), to_none(to == e.bins),
          from_bit(from_all ? 0 : plane_bit(e, from)),
          to_bit(to_none || to == 0 ? 0 : plane_bit(e, to))
    {
    }

    uint32_t count(size_t cell, uint32_t area) const
    {
        if (empty)
            return 0;
        uint32_t above = from_all ? area : load_count(entry, from_bit + cell * entry.bits);
        uint32_t beyond = to_none ? 0 : load_count(entry, to_bit + cell * entry.bits);
        // Counts of a sound entry never grow with the edge; a damaged one must not wrap around.
        return above > beyond ? above - beyond : 0;
    }

  private:
    const ChiEntry &entry;
    bool empty, from_all, to_none;
    size_t from_bit, to_bit; // where the planes start
};

// The cells that a non-empty rectangle touches.
struct CellRange {
    int32_t cx0, cy0, cx1, cy1;
};
CellRange touched_cells(const CellGrid &g, const PixelRect &rect)
{
    return CellRange{rect.x0 / g.cell_width, rect.y0 / g.cell_height,
                     (rect.x1 - 1) / g.cell_width + 1, (rect.y1 - 1) / g.cell_height + 1};
}

} // namespace

EdgeSelection select_edges(PixelFormat format, const Domain &domain, const ChiBins &bins, double lv,
                           double uv)
{
    Scale scale{lower_ordinal(format, domain, domain.lo), lower_ordinal(format, domain, domain.hi),
                ordinal_end(format)};
    uint32_t lo = scale.limit(lower_ordinal(format, domain, lv));
    uint32_t hi = scale.limit(upper_ordinal(format, domain, uv));
    if (lo >= hi) // no pixel can lie in the range
        return EdgeSelection{0, 0, 0, 0};

    // Edge ordinals never decrease, so one pass finds the four: the last edge at or below lo and at
    // or below hi, the first at or above lo and at or above hi.
    EdgeSelection s{0, bins.bins, bins.bins, 0};
    for (int32_t i = 0; i <= bins.bins; i++) {
        uint32_t edge = i == 0 ? 0
                        : i == bins.bins
                            ? scale.end
                            : scale.limit(lower_ordinal(format, domain, bins.inner[i - 1]));
        if (edge <= lo)
            s.upper_from = i;
        if (edge >= hi && i < s.upper_to)
            s.upper_to = i;
        if (edge >= lo && i < s.lower_from)
            s.lower_from = i;
        if (edge <= hi)
            s.lower_to = i;
    }
    if (s.lower_from > s.lower_to)
        s.lower_from = s.lower_to;
    return s;
}

CountBounds chi_bounds(const ChiEntry &entry, const EdgeSelection &edges, const Roi &roi)
{
    const CellGrid &g = entry.grid;
    CountBounds bounds{0, 0};
    PixelRect rect = clip(roi, g.width, g.height);
    if (rect.empty() || edges.upper_from >= edges.upper_to)
        return bounds;
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
            uint32_t most = upper.count(c, area);
            uint32_t least = exact ? most : lower.count(c, area);
            uint32_t outside = area - overlap;
            bounds.lo += least > outside ? least - outside : 0;
            bounds.hi += std::min(most, overlap);
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
