// The smallest and the largest pixel of a block, as ordinals.
#pragma once

#include "core/base/pixel.h"

namespace mq
{

struct OrdinalExtremes {
    uint32_t min, max;
};

// Extremes of `count` flat pixels that lie one after the other. REQUIRES: count > 0; pixels aligned
// to their size.
OrdinalExtremes find_extremes(PixelFormat format, const void *pixels, size_t count);

} // namespace mq
