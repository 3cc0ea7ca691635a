#include "core/mask/measure/extremes.h"

#include "core/base/simd.h"

namespace mq
{

namespace
{

struct AsIs {
    template <typename T> MQ_INLINE T operator()(T raw) const { return raw; }
};
struct AsFloat {
    MQ_INLINE uint32_t operator()(uint32_t raw) const { return ordinal_f32(raw); }
    MQ_INLINE uint16_t operator()(uint16_t raw) const
    {
        return static_cast<uint16_t>(ordinal_f16(raw));
    }
};

// A plain loop: compilers vectorise it for each instruction set on their own, so the width goes
// unused.
template <typename T, typename Order>
MQ_INLINE OrdinalExtremes reduce(const T *p, size_t count, Order order)
{
    T min = order(p[0]), max = min;
    for (size_t i = 1; i < count; i++) {
        T v = order(p[i]);
        min = v < min ? v : min;
        max = v > max ? v : max;
    }
    return OrdinalExtremes{min, max};
}

#define MQ_EXTREMES_KERNEL(name, T, Order)                                                         \
    template <int Bytes> MQ_INLINE OrdinalExtremes name##_body(const T *p, size_t count)           \
    {                                                                                              \
        return reduce(p, count, Order());                                                          \
    }                                                                                              \
    MQ_KERNEL(OrdinalExtremes, name, (const T *p, size_t count), (p, count))

MQ_EXTREMES_KERNEL(extremes_f32, uint32_t, AsFloat)
MQ_EXTREMES_KERNEL(extremes_f16, uint16_t, AsFloat)
MQ_EXTREMES_KERNEL(extremes_16, uint16_t, AsIs)
MQ_EXTREMES_KERNEL(extremes_8, uint8_t, AsIs)

} // namespace

OrdinalExtremes find_extremes(PixelFormat format, const void *pixels, size_t count)
{
    switch (format) {
    case PixelFormat::f32:
        return extremes_f32(static_cast<const uint32_t *>(pixels), count);
    case PixelFormat::f16:
        return extremes_f16(static_cast<const uint16_t *>(pixels), count);
    case PixelFormat::u16:
        return extremes_16(static_cast<const uint16_t *>(pixels), count);
    case PixelFormat::u8:
    case PixelFormat::bit:
        break;
    }
    return extremes_8(static_cast<const uint8_t *>(pixels), count);
}

} // namespace mq
