// Region of interest (paper section 2.1): a box in pixel coordinates, 1-based and inclusive, x to
// the right, y down, upper left corner first. It may reach outside any mask; the part outside
// counts nothing.
#pragma once

#include "core/base/assert.h"

#include <algorithm>
#include <cstdint>

namespace mq
{

struct Roi {
    int32_t x1, y1, x2, y2; // x1 <= x2, y1 <= y2
};

// 'full'::roi covers any mask.
constexpr Roi kFullRoi{INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX};

inline bool is_full(const Roi &r)
{
    return r.x1 == INT32_MIN && r.y1 == INT32_MIN && r.x2 == INT32_MAX && r.y2 == INT32_MAX;
}

// A roi clipped to a mask, as 0-based half-open pixel ranges; empty when x0 >= x1 or y0 >= y1.
struct PixelRect {
    int32_t x0, y0, x1, y1;

    bool empty() const { return x0 >= x1 || y0 >= y1; }
    int64_t area() const { return empty() ? 0 : int64_t{x1 - x0} * (y1 - y0); }
};

// REQUIRES: 1 <= width, height <= kMaxSide.
inline PixelRect clip(const Roi &r, int32_t width, int32_t height)
{
    mq_assert(1 <= width && 1 <= height);
    PixelRect p;
    p.x0 = std::clamp<int64_t>(int64_t{r.x1} - 1, 0, width);
    p.y0 = std::clamp<int64_t>(int64_t{r.y1} - 1, 0, height);
    p.x1 = std::clamp<int64_t>(r.x2, 0, width);
    p.y1 = std::clamp<int64_t>(r.y2, 0, height);
    return p;
}

// What two rectangles share; empty() when they are disjoint.
inline PixelRect intersect(const PixelRect &a, const PixelRect &b)
{
    return PixelRect{std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1),
                     std::min(a.y1, b.y1)};
}

} // namespace mq
