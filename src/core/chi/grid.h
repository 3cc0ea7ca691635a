// The Cumulative Histogram Index of one mask (paper section 3.1): its grid of cells and its value
// bins.
#pragma once

#include <algorithm>

#include "core/base/assert.h"
#include "core/base/bytes.h"
#include "core/base/pixel.h"
#include "core/base/roi.h"

namespace mq
{

constexpr int32_t kMaxBins = 256;
constexpr int32_t kMinBins = 2;
constexpr int32_t kMaxGrid = 256; // cells a side when given by number
constexpr int32_t kDefaultGrid = 8;
constexpr int32_t kDefaultBins = 16;
constexpr int32_t kNoExtremes = 0;
constexpr int32_t kAutoExtremes = -1;

// How masks are cut into cells: cell_width x cell_height pixels, or grid_x x grid_y cells a mask
// (then a cell measures ceil(width / grid_x) x ceil(height / grid_y)). Exactly one of the two pairs
// is non-zero. `extremes` is the side in pixels of the tiles whose extremes an entry holds
// (tile_extremes.h): 0 for none, kAutoExtremes for as small as the space allows (extremes_side).
struct ChiGrid {
    int32_t cell_width = 0, cell_height = 0;
    int32_t grid_x = kDefaultGrid, grid_y = kDefaultGrid;
    int32_t extremes = kAutoExtremes;
};

// Value bins: bin i holds the values in [edge(i), edge(i+1)), with edge(0) = -infinity and
// edge(bins) = +infinity, so values beyond the binned range fall into the outer bins. inner[0 ..
// bins-2] are edge(1) .. edge(bins-1), ascending, strictly. [lo, hi] is the range that was cut into
// bins, and into the levels of tile extremes; both ends finite, lo < hi.
struct ChiBins {
    int32_t bins = 0;
    double lo = 0.0, hi = 1.0;
    double inner[kMaxBins - 1];
    bool rounded = true; // edges and levels as edge_ordinal() takes it

    bool operator==(const ChiBins &o) const
    {
        return bins == o.bins && lo == o.lo && hi == o.hi && rounded == o.rounded &&
               std::equal(inner, inner + bins - 1, o.inner);
    }
};

// Equi-width bins over [lo, hi]: inner edge i is lo + (hi - lo) * i / bins, computed in double.
void equi_width_bins(double lo, double hi, int32_t bins, ChiBins *out);

// The grid laid over one mask. Cells of the last column and row may be smaller.
struct CellGrid {
    int32_t width, height;           // of the mask
    int32_t cell_width, cell_height; // pixels
    int32_t cells_x, cells_y;

    size_t cells() const { return size_t(cells_x) * size_t(cells_y); }
    PixelRect cell_rect(int32_t cx, int32_t cy) const
    {
        return PixelRect{cx * cell_width, cy * cell_height, std::min((cx + 1) * cell_width, width),
                         std::min((cy + 1) * cell_height, height)};
    }
};
CellGrid lay_grid(const ChiGrid &grid, Shape shape);

// The cells that a rectangle touches.
struct CellRange {
    int32_t cx0, cy0, cx1, cy1;

    // Of the row-major order: the first cell, and one past the last.
    size_t first(const CellGrid &g) const { return size_t(cy0) * size_t(g.cells_x) + size_t(cx0); }
    size_t end(const CellGrid &g) const
    {
        return size_t(cy1 - 1) * size_t(g.cells_x) + size_t(cx1);
    }
};
// REQUIRES: rect is not empty and inside of the mask.
inline CellRange touched_cells(const CellGrid &g, const PixelRect &rect)
{
    mq_assert(!rect.empty() && rect.x0 >= 0 && rect.y0 >= 0 && rect.x1 <= g.width &&
              rect.y1 <= g.height);
    return CellRange{rect.x0 / g.cell_width, rect.y0 / g.cell_height,
                     (rect.x1 - 1) / g.cell_width + 1, (rect.y1 - 1) / g.cell_height + 1};
}

} // namespace mq
