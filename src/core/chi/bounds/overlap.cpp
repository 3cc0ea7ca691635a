#include "core/chi/bounds/overlap.h"

#include "core/chi/bounds/cell_facts.h"

namespace mq
{

namespace
{

// Bounds of the pixels of a region in one cell.
struct Region {
    int64_t lo, hi;
};

struct Regions {
    PlanePair upper, lower;

    Regions(const ChiEntry &e, const EdgeSelection &s)
        : upper(e, s.upper_from, s.upper_to), lower(e, s.lower_from, s.lower_to)
    {
    }
    Region in_cell(size_t cell, uint32_t area) const
    {
        return Region{lower.count(cell, area), upper.count(cell, area)};
    }
};

// Bounds of |A and B|, |A without B|, |B without A| and of the sum of the latter two.
struct Overlap {
    int64_t both_lo = 0, both_hi = 0;
    int64_t only_a_lo = 0, only_a_hi = 0, only_b_lo = 0, only_b_hi = 0;
    int64_t differ_lo = 0, differ_hi = 0;

    // Adds a cell, or any set of `area` pixels.
    void add(int64_t area, const Region &a, const Region &b)
    {
        both_lo += std::max<int64_t>(0, a.lo + b.lo - area);
        both_hi += std::min(a.hi, b.hi);
        int64_t a_over_b = std::max<int64_t>(0, a.lo - b.hi),
                b_over_a = std::max<int64_t>(0, b.lo - a.hi);
        only_a_lo += a_over_b;
        only_b_lo += b_over_a;
        differ_lo += std::max(a_over_b, b_over_a);
        only_a_hi += std::min(a.hi, area - b.lo);
        only_b_hi += std::min(b.hi, area - a.lo);
        differ_hi += a.lo + b.lo >= area   ? 2 * area - a.lo - b.lo
                     : a.hi + b.hi <= area ? a.hi + b.hi
                                           : area;
    }
};

// part / (part + rest), and 0 of nothing.
double share(int64_t part, int64_t rest)
{
    return part > 0 ? double(part) / double(part + std::max<int64_t>(rest, 0)) : 0;
}

} // namespace

bool chi_overlap_bounds(OverlapKind kind, const ChiEntry &a, const EdgeSelection &a_edges,
                        const ChiEntry &b, const EdgeSelection &b_edges, RatioBounds *out)
{
    if (a.grid.width != b.grid.width || a.grid.height != b.grid.height)
        return false;
    Regions in_a(a, a_edges), in_b(b, b_edges);
    Overlap o;
    if (a.grid.cell_width == b.grid.cell_width && a.grid.cell_height == b.grid.cell_height) {
        for (int32_t cy = 0; cy < a.grid.cells_y; cy++)
            for (int32_t cx = 0; cx < a.grid.cells_x; cx++) {
                size_t c = size_t(cy) * a.grid.cells_x + cx;
                uint32_t area = static_cast<uint32_t>(a.grid.cell_rect(cx, cy).area());
                o.add(area, in_a.in_cell(c, area), in_b.in_cell(c, area));
            }
    } else {
        auto whole = [](const ChiEntry &e, const Regions &regions) {
            Region sum{0, 0};
            for (size_t c = 0; c < e.grid.cells(); c++) {
                Region r = regions.in_cell(c, chi_count(e, c, 0));
                sum.lo += r.lo;
                sum.hi += r.hi;
            }
            return sum;
        };
        o.add(int64_t{a.grid.width} * a.grid.height, whole(a, in_a), whole(b, in_b));
    }
    if (kind == OverlapKind::iou)
        *out = RatioBounds{share(o.both_lo, o.differ_hi), share(o.both_hi, o.differ_lo)};
    else
        *out = RatioBounds{std::max(share(o.both_lo, o.only_a_hi), share(o.both_lo, o.only_b_hi)),
                           std::max(share(o.both_hi, o.only_a_lo), share(o.both_hi, o.only_b_lo))};
    return true;
}

} // namespace mq
