#include "core/chi/grid.h"

namespace mq
{

void equi_width_bins(double lo, double hi, int32_t bins, ChiBins *out)
{
    out->bins = bins;
    out->lo = lo;
    out->hi = hi;
    for (int32_t i = 1; i < bins; i++)
        out->inner[i - 1] = lo + (hi - lo) * i / bins;
}

CellGrid lay_grid(const ChiGrid &grid, Shape shape)
{
    CellGrid g;
    g.width = shape.width;
    g.height = shape.height;
    if (grid.cell_width > 0) {
        g.cell_width = std::min(grid.cell_width, shape.width);
        g.cell_height = std::min(grid.cell_height, shape.height);
    } else {
        g.cell_width = (shape.width + grid.grid_x - 1) / grid.grid_x;
        g.cell_height = (shape.height + grid.grid_y - 1) / grid.grid_y;
    }
    g.cells_x = (shape.width + g.cell_width - 1) / g.cell_width;
    g.cells_y = (shape.height + g.cell_height - 1) / g.cell_height;
    return g;
}

} // namespace mq
