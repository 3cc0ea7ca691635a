#include "core/io/shape/polygon.h"

#include <algorithm>
#include <cmath>

namespace mq
{

namespace
{

// Marks, in every row whose centre line the edge crosses, the first pixel whose centre lies at or
// right of the crossing. Rows are half-open in y (a vertex on a centre line counts for the edge
// below it only), so level edges mark nothing and a vertex between two edges is counted once.
void mark_edge(double x1, double y1, double x2, double y2, Shape shape, uint8_t *flat)
{
    // One direction, whichever way the polygon runs: the edge that two polygons share must cross at
    // the same x in both.
    if (y1 > y2) {
        std::swap(x1, x2);
        std::swap(y1, y2);
    }
    // Rows r with y1 <= r + 0.5 < y2.
    double first = std::clamp(std::ceil(y1 - 0.5), 0.0, double(shape.height));
    double last = std::clamp(std::ceil(y2 - 0.5), 0.0, double(shape.height));
    for (int32_t r = int32_t(first); r < int32_t(last); r++) {
        double x = x1 + (r + 0.5 - y1) / (y2 - y1) * (x2 - x1);
        double column = std::clamp(std::ceil(x - 0.5), 0.0, double(shape.width));
        if (column < shape.width)
            flat[size_t(r) * shape.width + size_t(column)] ^= 1;
    }
}

} // namespace

bool fill_polygon(const double *xy, size_t n, Shape shape, uint8_t *flat, Error &err)
{
    if (n % 2 != 0 || n < 6) {
        err.set(ErrorCode::invalid_parameter,
                n % 2 != 0 ? "polygon has an odd count of coordinates, %zu"
                           : "polygon has too few coordinates, %zu",
                n);
        return err.with_detail("A polygon takes at least 3 points of two numbers each.")
            .with_hint("Write it as x1, y1, x2, y2, ... as COCO does.");
    }
    for (size_t i = 0; i < n; i++) {
        if (std::fabs(xy[i]) <= kMaxPolygonCoordinate) // false for NaN
            continue;
        char text[kNumberText];
        format_number(xy[i], text);
        err.set(ErrorCode::out_of_range, "%s coordinate of polygon point %zu is out of range: %s",
                i % 2 == 0 ? "x" : "y", i / 2 + 1, text);
        return err
            .with_detail("Coordinates are finite and at most %.0f away from 0.",
                         kMaxPolygonCoordinate)
            .with_hint("Give coordinates in pixels of the mask.");
    }

    // Edges toggle marks, then a running parity along each row fills: no sorting, and no memory but
    // the mask's own.
    memset(flat, 0, shape.pixels());
    for (size_t i = 0; i < n; i += 2) {
        size_t j = i + 2 < n ? i + 2 : 0;
        mark_edge(xy[i], xy[i + 1], xy[j], xy[j + 1], shape, flat);
    }
    for (int32_t y = 0; y < shape.height; y++) {
        uint8_t *row = flat + size_t(y) * shape.width;
        for (int32_t x = 1; x < shape.width; x++)
            row[x] ^= row[x - 1];
    }
    return true;
}

} // namespace mq
