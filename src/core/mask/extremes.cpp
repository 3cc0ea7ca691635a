#include "core/mask/extremes.h"

#include <algorithm>

namespace mq
{

namespace
{

template <typename T, typename Order>
OrdinalExtremes reduce(const void *pixels, size_t count, Order order)
{
    const T *p = static_cast<const T *>(pixels);
    T min = order(p[0]), max = min;
    for (size_t i = 1; i < count; i++) {
        T v = order(p[i]);
        min = std::min(min, v);
        max = std::max(max, v);
    }
    return OrdinalExtremes{min, max};
}

} // namespace

OrdinalExtremes find_extremes(PixelFormat format, const void *pixels, size_t count)
{
    switch (format) {
    case PixelFormat::f32:
        return reduce<uint32_t>(pixels, count, ordinal_f32);
    case PixelFormat::f16:
        return reduce<uint16_t>(pixels, count, ordinal_f16);
    case PixelFormat::u16:
        return reduce<uint16_t>(pixels, count, [](uint16_t v) { return v; });
    case PixelFormat::u8:
    case PixelFormat::bit:
        break;
    }
    return reduce<uint8_t>(pixels, count, [](uint8_t v) { return v; });
}

} // namespace mq
