#include "core/chi/columns.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "core/base/simd.h"

namespace mq
{

namespace
{

// Pixels of float formats compare as signed integers once the magnitude bits of negative ones are
// inverted; all others compare as they are. An edge is brought to the same scale.
template <typename T> constexpr bool kIsFloat = std::is_signed<T>::value;

template <typename T> T edge_key(uint32_t ordinal)
{
    constexpr uint32_t kSign = kIsFloat<T> ? uint32_t{1} << (8 * sizeof(T) - 1) : 0;
    return static_cast<T>(ordinal ^ kSign);
}

template <typename T> uint32_t key_ordinal(T key)
{
    using Unsigned = typename std::make_unsigned<T>::type;
    constexpr uint32_t kSign = kIsFloat<T> ? uint32_t{1} << (8 * sizeof(T) - 1) : 0;
    return static_cast<Unsigned>(key) ^ kSign;
}

// V is T or a vector of it.
template <typename T, typename V> MQ_INLINE void to_key(V &v)
{
    if constexpr (kIsFloat<T>)
        v ^= (v >> (8 * sizeof(T) - 1)) & std::numeric_limits<T>::max();
}

// Columns in vectors of Bytes, what remains in narrower ones, the last few one by one.
template <int Bytes, typename T>
MQ_INLINE void count_block(const T *pixels, size_t stride, size_t width, int32_t rows,
                           const T *keys, T *out)
{
    using Vector = typename VectorOf<T, Bytes>::type;
    constexpr size_t lanes = VectorOf<T, Bytes>::lanes;
    size_t x = 0;
    for (; x + lanes <= width; x += lanes) {
        Vector c0{}, c1{}, c2{}, c3{};
        const T *p = pixels + x;
        for (int32_t y = 0; y < rows; y++, p += stride) {
            Vector v;
            load_vector(v, p);
            to_key<T>(v);
            c0 -= (Vector)(v >= keys[0]);
            c1 -= (Vector)(v >= keys[1]);
            c2 -= (Vector)(v >= keys[2]);
            c3 -= (Vector)(v >= keys[3]);
        }
        memcpy(out + x, &c0, sizeof c0);
        memcpy(out + x + stride, &c1, sizeof c1);
        memcpy(out + x + 2 * stride, &c2, sizeof c2);
        memcpy(out + x + 3 * stride, &c3, sizeof c3);
    }
    if constexpr (Bytes > 16) {
        if (x < width)
            count_block<Bytes / 2, T>(pixels + x, stride, width - x, rows, keys, out + x);
    } else {
        for (; x < width; x++) {
            for (int32_t i = 0; i < kEdgeGroup; i++) {
                T count = 0;
                for (int32_t y = 0; y < rows; y++) {
                    T v = pixels[y * stride + x];
                    to_key<T>(v);
                    count += v >= keys[i];
                }
                out[x + i * stride] = count;
            }
        }
    }
}

template <int Bytes, typename T>
MQ_INLINE void extremes_block(const T *pixels, size_t stride, size_t width, int32_t rows, T *min,
                              T *max)
{
    using Vector = typename VectorOf<T, Bytes>::type;
    constexpr size_t lanes = VectorOf<T, Bytes>::lanes;
    size_t x = 0;
    for (; x + lanes <= width; x += lanes) {
        const T *p = pixels + x;
        Vector lo, hi;
        load_vector(lo, p);
        to_key<T>(lo);
        hi = lo;
        for (int32_t y = 1; y < rows; y++) {
            Vector v;
            load_vector(v, p += stride);
            to_key<T>(v);
            Vector less = (Vector)(v < lo), more = (Vector)(v > hi);
            lo = (v & less) | (lo & ~less);
            hi = (v & more) | (hi & ~more);
        }
        memcpy(min + x, &lo, sizeof lo);
        memcpy(max + x, &hi, sizeof hi);
    }
    if constexpr (Bytes > 16) {
        if (x < width)
            extremes_block<Bytes / 2, T>(pixels + x, stride, width - x, rows, min + x, max + x);
    } else {
        for (; x < width; x++) {
            T lo = pixels[x];
            to_key<T>(lo);
            T hi = lo;
            for (int32_t y = 1; y < rows; y++) {
                T v = pixels[y * stride + x];
                to_key<T>(v);
                lo = std::min(lo, v);
                hi = std::max(hi, v);
            }
            min[x] = lo;
            max[x] = hi;
        }
    }
}

#define MQ_COLUMN_KERNEL(name, T)                                                                  \
    template <int Bytes>                                                                           \
    MQ_INLINE void name##_body(const T *pixels, size_t width, int32_t rows, const T *keys, T *out) \
    {                                                                                              \
        count_block<Bytes, T>(pixels, width, width, rows, keys, out);                              \
    }                                                                                              \
    MQ_KERNEL(void, name, (const T *pixels, size_t width, int32_t rows, const T *keys, T *out),    \
              (pixels, width, rows, keys, out))                                                    \
    template <int Bytes>                                                                           \
    MQ_INLINE void name##_extremes_body(const T *pixels, size_t width, int32_t rows, T *min,       \
                                        T *max)                                                    \
    {                                                                                              \
        extremes_block<Bytes, T>(pixels, width, width, rows, min, max);                            \
    }                                                                                              \
    MQ_KERNEL(void, name##_extremes,                                                               \
              (const T *pixels, size_t width, int32_t rows, T *min, T *max),                       \
              (pixels, width, rows, min, max))

MQ_COLUMN_KERNEL(columns_f32, int32_t)
MQ_COLUMN_KERNEL(columns_f16, int16_t)
MQ_COLUMN_KERNEL(columns_u16, uint16_t)
MQ_COLUMN_KERNEL(columns_u8, uint8_t)

template <typename T, typename Kernel>
void run(Kernel kernel, const void *pixels, size_t width, int32_t rows, const uint32_t *ordinals,
         int32_t edges, ColumnCounts *out)
{
    // An incomplete group repeats its last edge; those counts are not read.
    T keys[kEdgeGroup];
    for (int32_t i = 0; i < kEdgeGroup; i++)
        keys[i] = edge_key<T>(ordinals[i < edges ? i : edges - 1]);
    out->width = width;
    out->lane_size = sizeof(T);
    kernel(static_cast<const T *>(pixels), width, rows, keys, reinterpret_cast<T *>(out->lanes));
}

template <typename T, typename Kernel>
void run_extremes(Kernel kernel, const void *pixels, size_t width, int32_t rows,
                  ColumnExtremes *out)
{
    kernel(static_cast<const T *>(pixels), width, rows, reinterpret_cast<T *>(out->min),
           reinterpret_cast<T *>(out->max));
}

template <typename T>
void widen_lanes(const ColumnExtremes &e, int32_t x0, int32_t x1, uint32_t *lo, uint32_t *hi)
{
    const T *min = reinterpret_cast<const T *>(e.min), *max = reinterpret_cast<const T *>(e.max);
    T least = min[x0], most = max[x0];
    for (int32_t x = x0 + 1; x < x1; x++) {
        least = std::min(least, min[x]);
        most = std::max(most, max[x]);
    }
    *lo = std::min(*lo, key_ordinal(least));
    *hi = std::max(*hi, key_ordinal(most));
}

template <typename T> uint32_t sum_lanes(const uint8_t *lanes, size_t first, size_t last)
{
    const T *p = reinterpret_cast<const T *>(lanes);
    uint32_t sum = 0;
    for (size_t i = first; i < last; i++)
        sum += p[i];
    return sum;
}

} // namespace

uint32_t ColumnCounts::sum(int32_t i, int32_t x0, int32_t x1) const
{
    size_t first = i * width + x0, last = i * width + x1;
    return lane_size == 1   ? sum_lanes<uint8_t>(lanes, first, last)
           : lane_size == 2 ? sum_lanes<uint16_t>(lanes, first, last)
                            : sum_lanes<uint32_t>(lanes, first, last);
}

void count_columns(PixelFormat format, const void *pixels, size_t width, int32_t rows,
                   const uint32_t *ordinals, int32_t edges, ColumnCounts *out)
{
    switch (format) {
    case PixelFormat::f32:
        return run<int32_t>(columns_f32, pixels, width, rows, ordinals, edges, out);
    case PixelFormat::f16:
        return run<int16_t>(columns_f16, pixels, width, rows, ordinals, edges, out);
    case PixelFormat::u16:
        return run<uint16_t>(columns_u16, pixels, width, rows, ordinals, edges, out);
    case PixelFormat::u8:
    case PixelFormat::bit:
        break;
    }
    run<uint8_t>(columns_u8, pixels, width, rows, ordinals, edges, out);
}

void ColumnExtremes::widen(int32_t x0, int32_t x1, uint32_t *lo, uint32_t *hi) const
{
    switch (format) {
    case PixelFormat::f32:
        return widen_lanes<int32_t>(*this, x0, x1, lo, hi);
    case PixelFormat::f16:
        return widen_lanes<int16_t>(*this, x0, x1, lo, hi);
    case PixelFormat::u16:
        return widen_lanes<uint16_t>(*this, x0, x1, lo, hi);
    case PixelFormat::u8:
    case PixelFormat::bit:
        break;
    }
    widen_lanes<uint8_t>(*this, x0, x1, lo, hi);
}

void find_column_extremes(PixelFormat format, const void *pixels, size_t width, int32_t rows,
                          ColumnExtremes *out)
{
    out->format = format;
    switch (format) {
    case PixelFormat::f32:
        return run_extremes<int32_t>(columns_f32_extremes, pixels, width, rows, out);
    case PixelFormat::f16:
        return run_extremes<int16_t>(columns_f16_extremes, pixels, width, rows, out);
    case PixelFormat::u16:
        return run_extremes<uint16_t>(columns_u16_extremes, pixels, width, rows, out);
    case PixelFormat::u8:
    case PixelFormat::bit:
        break;
    }
    run_extremes<uint8_t>(columns_u8_extremes, pixels, width, rows, out);
}

} // namespace mq
