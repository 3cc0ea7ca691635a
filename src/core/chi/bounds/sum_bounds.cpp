#include "core/chi/bounds/sum_bounds.h"
#include "core/base/assert.h"

#include <algorithm>

#include "core/chi/cells.h"
#include "core/chi/entry_layout.h"
#include "core/chi/bounds/scale.h"
#include "core/base/value_sum.h"

namespace mq
{

namespace
{

int sign_of(PixelFormat format, const Domain &domain, uint32_t ordinal)
{
    if (is_float_format(format)) {
        double v = raw_to_value(format, domain, ordinal_to_raw(format, ordinal));
        return int(v > 0) - int(v < 0);
    }
    if (domain.lo >= 0)
        return ordinal > 0 || domain.lo > 0;
    // Rounding could hide on which side of 0 a code lies.
    ValueSum one(format, domain);
    one.add(ordinal, 1);
    return one.sign();
}

// Groups in order of bins; neighbours that add nothing become one.
struct GroupList {
    SumGroup *groups;
    int32_t n = 0;

    void add(int32_t bin, bool counts, uint32_t ordinal)
    {
        if (!counts && n > 0 && !groups[n - 1].counts)
            groups[n - 1].to = bin + 1;
        else
            groups[n++] = SumGroup{bin, bin + 1, counts, ordinal};
    }
};

void sort_groups(PixelFormat format, const Domain &domain, SumGroup *groups, int32_t n,
                 bool ascending)
{
    auto key = [&](const SumGroup &g) { return g.counts ? sign_of(format, domain, g.ordinal) : 0; };
    std::sort(groups, groups + n, [&](const SumGroup &a, const SumGroup &b) {
        const SumGroup &low = ascending ? a : b, &high = ascending ? b : a;
        int low_sign = key(low), high_sign = key(high);
        if (low_sign != high_sign)
            return low_sign < high_sign;
        return low.counts && high.counts && low.ordinal < high.ordinal;
    });
}

// How many pixels of each group were taken.
struct Taken {
    uint64_t pixels[kMaxBins];
};

// Takes pixels of a cell, group after group, until there are `wanted`. `above` holds the cell's
// count for every edge.
void take(const SumGroup *groups, int32_t n, const uint32_t *above, uint32_t wanted, Taken *taken)
{
    for (int32_t g = 0; g < n && wanted > 0; g++) {
        uint32_t from = above[groups[g].from], to = above[groups[g].to];
        // Counts of a sound entry never grow with the edge; a damaged one must not wrap around.
        uint32_t found = std::min(from > to ? from - to : 0, wanted);
        taken->pixels[g] += found;
        wanted -= found;
    }
}

double total(const ChiEntry &entry, const SumGroup *groups, int32_t n, const Taken &taken)
{
    ValueSum sum(entry.format, entry.domain);
    for (int32_t g = 0; g < n; g++)
        if (groups[g].counts && taken.pixels[g] > 0)
            sum.add(groups[g].ordinal, taken.pixels[g]);
    return sum.value();
}

// Bounds over the pixels of rect that are not in hole. REQUIRES: rect is not empty; hole is empty
// or lies inside.
SumBounds bound_sum(const ChiEntry &entry, const SumEdges &edges, const PixelRect &rect,
                    const PixelRect &hole)
{
    const CellGrid &g = entry.grid;
    Taken least, most;
    std::fill_n(least.pixels, edges.least_groups, 0);
    std::fill_n(most.pixels, edges.most_groups, 0);
    uint32_t above[kMaxBins + 1];
    above[entry.bins] = 0;
    CellRange cells = touched_cells(g, rect);
    for (int32_t cy = cells.cy0; cy < cells.cy1; cy++) {
        for (int32_t cx = cells.cx0; cx < cells.cx1; cx++) {
            PixelRect cell = g.cell_rect(cx, cy);
            int64_t wanted = intersect(cell, rect).area() - intersect(cell, hole).area();
            if (wanted == 0)
                continue;
            size_t c = size_t(cy) * g.cells_x + cx;
            above[0] = static_cast<uint32_t>(cell.area());
            for (int32_t e = edges.first_edge; e <= edges.last_edge; e++)
                above[e] = load_count(entry, plane_bit(entry, e) + c * entry.bits);
            take(edges.least, edges.least_groups, above, static_cast<uint32_t>(wanted), &least);
            take(edges.most, edges.most_groups, above, static_cast<uint32_t>(wanted), &most);
        }
    }
    return SumBounds{total(entry, edges.least, edges.least_groups, least),
                     total(entry, edges.most, edges.most_groups, most),
                     least_sum(entry.format, entry.domain)};
}

} // namespace

void select_sum_edges(PixelFormat format, const Domain &domain, const ChiBins &bins, double lv,
                      double uv, SumEdges *out)
{
    mq_assert(lv <= uv);
    Scale scale(format, domain);
    OrdinalRange range = ordinal_range(format, domain, lv, uv);
    GroupList least{out->least}, most{out->most};
    // Ordinals in 64 bits, so that one before the first is a number too.
    int64_t next = 0;
    for (int32_t bin = 0; bin < bins.bins; bin++) {
        int64_t begin = next;
        next = bin + 1 == bins.bins ? int64_t{scale.top} + 1
                                    : edge_ordinal(format, domain, bins.inner[bin], bins.rounded);
        // The ordinals of the bin's pixels, and those of them that count.
        int64_t first = std::max(begin, int64_t{scale.bottom}),
                last = std::min(next - 1, int64_t{scale.top});
        int64_t from = std::max(first, int64_t{range.lo}),
                to = std::min(last, int64_t{range.hi} - 1);
        if (from > to) {
            least.add(bin, false, 0);
            most.add(bin, false, 0);
            continue;
        }
        bool all = from == first && to == last;
        least.add(bin, all || sign_of(format, domain, uint32_t(from)) < 0, uint32_t(from));
        most.add(bin, all || sign_of(format, domain, uint32_t(to)) > 0, uint32_t(to));
    }
    out->least_groups = least.n;
    out->most_groups = most.n;
    out->first_edge = bins.bins;
    out->last_edge = 0;
    for (const GroupList &list : {least, most})
        for (int32_t g = 0; g < list.n; g++)
            for (int32_t edge : {list.groups[g].from, list.groups[g].to})
                if (edge > 0 && edge < bins.bins) {
                    out->first_edge = std::min(out->first_edge, edge);
                    out->last_edge = std::max(out->last_edge, edge);
                }
    sort_groups(format, domain, out->least, least.n, true);
    sort_groups(format, domain, out->most, most.n, false);
}

SumBounds chi_sum_bounds(const ChiEntry &entry, const SumEdges &edges, const Roi &roi)
{
    PixelRect rect = clip(roi, entry.grid.width, entry.grid.height);
    if (rect.empty())
        return SumBounds{0, 0, least_sum(entry.format, entry.domain)};
    return bound_sum(entry, edges, rect, PixelRect{0, 0, 0, 0});
}

bool chi_sum_bounds_without(const ChiEntry &entry, const SumEdges &edges, const Roi &roi,
                            const Roi &inner, SumBounds *out)
{
    PixelRect rect, hole;
    if (!clip_nested(entry.grid, roi, inner, &rect, &hole))
        return false;
    *out = bound_sum(entry, edges, rect, hole);
    return true;
}

} // namespace mq
