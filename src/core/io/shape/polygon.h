// Polygons, as COCO and detectors write them, to bit masks.
#pragma once

#include "core/io/pixel_io.h"

namespace mq
{

constexpr double kMaxPolygonCoordinate =
    1e9; // either sign; beyond any mask, and safe to compute with

// Fills the polygon x1, y1, x2, y2, ... (n numbers; the last point is joined to the first) by the
// even-odd rule. Coordinates are continuous and 0-based: pixel column X (0-based) covers [X, X +
// 1), y grows downwards. A pixel is set when its centre lies inside. A centre exactly on an edge
// belongs to the polygon on its right, or below when the edge is level: half-open, so that of two
// polygons that share an edge never both, and always one, own a pixel. Parts outside the mask are
// cut off. Takes O(edges x height + pixels). Writes shape.pixels() bytes, 0 or 1, to flat.
// REQUIRES: check_shape holds. Errors: invalid_parameter (an odd count of numbers, fewer than 3
// points), out_of_range (NaN, infinity, beyond kMaxPolygonCoordinate: names the point).
bool fill_polygon(const double *xy, size_t n, Shape shape, uint8_t *flat, Error &err);

} // namespace mq
