#include "paper_chi.h"

#include <algorithm>
#include <cmath>

namespace mq::bench
{

void PaperChi::build(const PaperGrid &grid, const float *map)
{
    const int32_t n = grid.cells();
    counts_.assign(size_t(grid.bins) * n * n, 0);
    for (int32_t y = 0; y < grid.side; y++) {
        const int32_t cy = y / grid.cell;
        for (int32_t x = 0; x < grid.side; x++) {
            const float v = map[size_t(y) * grid.side + x];
            const int32_t b = std::min(int32_t(v * float(grid.bins)), grid.bins - 1);
            counts_[(size_t(b) * n + cy) * n + x / grid.cell]++;
        }
    }
    // From counts a cell and bin to counts from the corner and from the bin's edge up.
    for (int32_t b = grid.bins - 1; b >= 0; b--)
        for (int32_t cy = 0; cy < n; cy++)
            for (int32_t cx = 0; cx < n; cx++)
                if (b + 1 < grid.bins)
                    counts_[(size_t(b) * n + cy) * n + cx] +=
                        counts_[(size_t(b + 1) * n + cy) * n + cx];
    for (int32_t b = 0; b < grid.bins; b++) {
        uint32_t *plane = &counts_[size_t(b) * n * n];
        for (int32_t cy = 0; cy < n; cy++)
            for (int32_t cx = 1; cx < n; cx++)
                plane[cy * n + cx] += plane[cy * n + cx - 1];
        for (int32_t cy = 1; cy < n; cy++)
            for (int32_t cx = 0; cx < n; cx++)
                plane[cy * n + cx] += plane[(cy - 1) * n + cx];
    }
}

int64_t PaperChi::region(const PaperGrid &grid, int32_t cx0, int32_t cy0, int32_t cx1, int32_t cy1,
                         int32_t b) const
{
    if (cx0 >= cx1 || cy0 >= cy1 || b >= grid.bins)
        return 0;
    const int32_t n = grid.cells();
    const uint32_t *plane = &counts_[size_t(b) * n * n];
    auto corner = [=](int32_t cx, int32_t cy) -> int64_t {
        return cx > 0 && cy > 0 ? plane[(cy - 1) * n + cx - 1] : 0;
    };
    return corner(cx1, cy1) - corner(cx0, cy1) - corner(cx1, cy0) + corner(cx0, cy0);
}

PaperBounds PaperChi::bounds(const PaperGrid &grid, const PixelRect &roi, double lv,
                             double uv) const
{
    if (roi.empty() || lv >= uv)
        return PaperBounds{0, 0};
    const int32_t n = grid.cells();
    // The smallest range of bins that covers [lv, uv), and the largest that it covers.
    const double scaled_lv = lv * grid.bins, scaled_uv = uv * grid.bins;
    const int32_t outer_from = int32_t(std::floor(scaled_lv)),
                  outer_to = std::min(int32_t(std::ceil(scaled_uv)), grid.bins),
                  inner_from = int32_t(std::ceil(scaled_lv)),
                  inner_to =
                      std::max(std::min(int32_t(std::floor(scaled_uv)), grid.bins), inner_from);
    // The smallest region of cells that covers the roi, and the largest that it covers; the last
    // cell of a row may be cut off by the mask's rim.
    const int32_t ox0 = roi.x0 / grid.cell, oy0 = roi.y0 / grid.cell,
                  ox1 = (roi.x1 + grid.cell - 1) / grid.cell,
                  oy1 = (roi.y1 + grid.cell - 1) / grid.cell;
    const int32_t ix0 = (roi.x0 + grid.cell - 1) / grid.cell,
                  iy0 = (roi.y0 + grid.cell - 1) / grid.cell,
                  ix1 = roi.x1 == grid.side ? n : roi.x1 / grid.cell,
                  iy1 = roi.y1 == grid.side ? n : roi.y1 / grid.cell;
    auto pixels = [&](int32_t c) { return int64_t(std::min(c * grid.cell, grid.side)); };
    const bool covers = ix0 < ix1 && iy0 < iy1;
    const int64_t area = roi.area(),
                  outer_area = (pixels(ox1) - pixels(ox0)) * (pixels(oy1) - pixels(oy0)),
                  inner_area =
                      covers ? (pixels(ix1) - pixels(ix0)) * (pixels(iy1) - pixels(iy0)) : 0;
    auto outer = [&](int32_t from, int32_t to) {
        return region(grid, ox0, oy0, ox1, oy1, from) - region(grid, ox0, oy0, ox1, oy1, to);
    };
    auto inner = [&](int32_t from, int32_t to) {
        return covers
                   ? region(grid, ix0, iy0, ix1, iy1, from) - region(grid, ix0, iy0, ix1, iy1, to)
                   : 0;
    };
    PaperBounds b;
    b.hi = std::min(outer(outer_from, outer_to), inner(outer_from, outer_to) + area - inner_area);
    b.lo = std::max(inner(inner_from, inner_to), outer(inner_from, inner_to) - (outer_area - area));
    b.lo = std::max<int64_t>(b.lo, 0);
    return b;
}

} // namespace mq::bench
