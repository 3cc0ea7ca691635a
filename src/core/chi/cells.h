// A roi inside a roi.
#pragma once

#include "core/chi/grid.h"

namespace mq
{

// Clips a roi and one that lies inside it, as far as the mask reaches; false when it does not, or
// when the roi touches no pixel. An inner roi without pixels gives the empty rectangle at (0, 0).
bool clip_nested(const CellGrid &grid, const Roi &roi, const Roi &inner, PixelRect *rect,
                 PixelRect *hole);

} // namespace mq
