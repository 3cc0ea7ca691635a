#include "core/mask/measure/count.h"

#include <algorithm>

#include "core/mask/codec.h"
#include "core/base/simd.h"

namespace mq
{

namespace
{

// A range of raw pixels taken as unsigned integers: lo <= raw <= lo + span.
template <typename T> struct RawRange {
    T lo, span;
};

// Each lane counts its own matches, in as many bits as a pixel has; flush() moves them to the total
// before one can overflow.
template <int Bytes, typename T> struct LaneCounts {
    using Vector = typename VectorOf<T, Bytes>::type;
    static constexpr size_t lanes = VectorOf<T, Bytes>::lanes;
    static constexpr size_t kMaxSteps = sizeof(T) == 1 ? 255 : 65535;

    // Two sums keep the additions of neighbouring vectors independent.
    Vector even{}, odd{};
    size_t steps_left = kMaxSteps;
    uint64_t total = 0;

    MQ_INLINE void flush()
    {
        uint32_t sum = 0;
        for (size_t lane = 0; lane < lanes; lane++)
            sum += uint32_t{even[lane]} + uint32_t{odd[lane]};
        total += sum;
        even = odd = Vector{};
        steps_left = kMaxSteps;
    }
};

// Counts the pixels of a row, a multiple of the lanes.
template <int Bytes, typename T>
MQ_INLINE void count_vectors(const T *p, size_t vectors, RawRange<T> range,
                             LaneCounts<Bytes, T> &counts)
{
    using Vector = typename VectorOf<T, Bytes>::type;
    constexpr size_t lanes = VectorOf<T, Bytes>::lanes;
    while (vectors > 0) {
        size_t steps = std::min(vectors, counts.steps_left), i = 0;
        Vector even = counts.even, odd = counts.odd, a, b;
        for (; i + 2 <= steps; i += 2) {
            load_vector(a, p + i * lanes);
            load_vector(b, p + (i + 1) * lanes);
            even -= (Vector)((a - range.lo) <= range.span);
            odd -= (Vector)((b - range.lo) <= range.span);
        }
        if (i < steps) {
            load_vector(a, p + i * lanes);
            even -= (Vector)((a - range.lo) <= range.span);
        }
        counts.even = even;
        counts.odd = odd;
        counts.steps_left -= steps;
        if (counts.steps_left == 0)
            counts.flush();
        p += steps * lanes;
        vectors -= steps;
    }
}

template <int Bytes, typename T>
MQ_INLINE uint64_t count_rectangle(const T *p, size_t stride, size_t width, size_t height,
                                   RawRange<T> range)
{
    using Vector = typename VectorOf<T, Bytes>::type;
    constexpr size_t lanes = VectorOf<T, Bytes>::lanes;
    if (stride == width) { // one long row
        width *= height;
        height = 1;
    }
    if (width < lanes) {
        if constexpr (Bytes > 16) {
            return count_rectangle<Bytes / 2, T>(p, stride, width, height, range);
        } else {
            uint64_t total = 0;
            for (size_t y = 0; y < height; y++)
                for (size_t x = 0; x < width; x++)
                    total += T(p[y * stride + x] - range.lo) <= range.span;
            return total;
        }
    }
    // What a row has beyond whole vectors is counted in the last lanes of a vector that ends with
    // the row.
    size_t rest = width % lanes;
    Vector last_lanes;
    for (size_t lane = 0; lane < lanes; lane++)
        last_lanes[lane] = lane + rest >= lanes ? T(~T{0}) : T{0};
    LaneCounts<Bytes, T> counts;
    for (size_t y = 0; y < height; y++, p += stride) {
        count_vectors<Bytes, T>(p, width / lanes, range, counts);
        if (rest != 0) {
            Vector v;
            load_vector(v, p + width - lanes);
            counts.even -= (Vector)((v - range.lo) <= range.span) & last_lanes;
            if (--counts.steps_left == 0)
                counts.flush();
        }
    }
    counts.flush();
    return counts.total;
}

#define MQ_COUNT_KERNEL(name, T)                                                                   \
    template <int Bytes>                                                                           \
    MQ_INLINE uint64_t name##_body(const T *p, size_t stride, size_t width, size_t height,         \
                                   RawRange<T> range)                                              \
    {                                                                                              \
        return count_rectangle<Bytes, T>(p, stride, width, height, range);                         \
    }                                                                                              \
    MQ_KERNEL(uint64_t, name,                                                                      \
              (const T *p, size_t stride, size_t width, size_t height, RawRange<T> range),         \
              (p, stride, width, height, range))

MQ_COUNT_KERNEL(count_rows_8, uint8_t)
MQ_COUNT_KERNEL(count_rows_16, uint16_t)
MQ_COUNT_KERNEL(count_rows_32, uint32_t)

uint64_t count_rows(const uint8_t *p, size_t stride, size_t width, size_t height,
                    RawRange<uint8_t> r)
{
    return count_rows_8(p, stride, width, height, r);
}
uint64_t count_rows(const uint16_t *p, size_t stride, size_t width, size_t height,
                    RawRange<uint16_t> r)
{
    return count_rows_16(p, stride, width, height, r);
}
uint64_t count_rows(const uint32_t *p, size_t stride, size_t width, size_t height,
                    RawRange<uint32_t> r)
{
    return count_rows_32(p, stride, width, height, r);
}

// Unsigned formats: the ordinal is the raw value.
template <typename T>
uint64_t count_unsigned(const void *pixels, size_t stride, size_t width, size_t height,
                        OrdinalRange r)
{
    return count_rows(static_cast<const T *>(pixels), stride, width, height,
                      RawRange<T>{static_cast<T>(r.lo), static_cast<T>(r.hi - 1 - r.lo)});
}

// Float formats order by magnitude above zero and against it below, so a range of ordinals is one
// range of raw bits on either side of zero, and no pixel needs to be converted. Nearly always one
// of the two is empty.
template <typename T>
uint64_t count_float(const void *pixels, size_t stride, size_t width, size_t height, OrdinalRange r)
{
    constexpr uint32_t kSign = uint32_t{1} << (8 * sizeof(T) - 1);
    const T *p = static_cast<const T *>(pixels);
    uint64_t total = 0;
    if (r.hi > kSign) {
        uint32_t lo = std::max(r.lo, kSign);
        total += count_rows(p, stride, width, height,
                            RawRange<T>{static_cast<T>(lo - kSign), static_cast<T>(r.hi - 1 - lo)});
    }
    if (r.lo < kSign) {
        uint32_t last = std::min(r.hi, kSign) - 1;
        total += count_rows(p, stride, width, height,
                            RawRange<T>{static_cast<T>(~last), static_cast<T>(last - r.lo)});
    }
    return total;
}

// Matches in a packed bit tile. REQUIRES: bits that fill the last byte are zero.
uint64_t count_packed(const uint8_t *packed, size_t pixels, OrdinalRange range)
{
    uint64_t ones = 0;
    size_t bytes = (pixels + 7) / 8, i = 0;
    for (; i + 8 <= bytes; i += 8)
        ones += __builtin_popcountll(load_le<uint64_t>(packed + i));
    for (; i < bytes; i++)
        ones += __builtin_popcount(packed[i]);
    return (range.lo == 0 ? pixels - ones : 0) + (range.hi > 1 ? ones : 0);
}

} // namespace

uint64_t count_pixels(PixelFormat format, const void *pixels, size_t stride, int32_t width,
                      int32_t height, OrdinalRange range)
{
    if (range.lo >= range.hi || width <= 0 || height <= 0)
        return 0;
    size_t w = static_cast<size_t>(width), h = static_cast<size_t>(height);
    switch (format) {
    case PixelFormat::f32:
        return count_float<uint32_t>(pixels, stride, w, h, range);
    case PixelFormat::f16:
        return count_float<uint16_t>(pixels, stride, w, h, range);
    case PixelFormat::u16:
        return count_unsigned<uint16_t>(pixels, stride, w, h, range);
    case PixelFormat::u8:
    case PixelFormat::bit:
        break;
    }
    return count_unsigned<uint8_t>(pixels, stride, w, h, range);
}

TileVerdict judge_tile(const TileDirectory &dir, size_t t, OrdinalRange range)
{
    uint32_t min = dir.min_ordinal(t), max = dir.max_ordinal(t);
    if (max < range.lo || min >= range.hi || range.lo >= range.hi)
        return TileVerdict::none;
    if (min >= range.lo && max < range.hi)
        return TileVerdict::all;
    return TileVerdict::undecided;
}

bool count_tile(const TileDirectory &dir, size_t t, Bytes payload, const PixelRect &rect,
                OrdinalRange range, uint64_t *count, Error &err)
{
    const MaskHeader &h = *dir.header;
    PixelRect tile = h.tile_rect(t);
    PixelRect part = intersect(tile, rect);
    *count = 0;
    if (part.empty())
        return true;
    alignas(8) uint8_t pixels[kMaxTileBytes];
    if (h.format == PixelFormat::bit && part.area() == tile.area() && !dir.constant(t)) {
        if (!read_tile_payload(dir, t, payload, pixels, err))
            return false;
        *count = count_packed(pixels, static_cast<size_t>(tile.area()), range);
        return true;
    }
    if (!decode_tile(dir, t, payload, pixels, err))
        return false;
    size_t stride = static_cast<size_t>(tile.x1 - tile.x0);
    size_t first = size_t(part.y0 - tile.y0) * stride + size_t(part.x0 - tile.x0);
    *count = count_pixels(h.format, pixels + first * flat_pixel_size(h.format), stride,
                          part.x1 - part.x0, part.y1 - part.y0, range);
    return true;
}

bool count_mask(Bytes value, const Roi &roi, double lv, double uv, uint64_t *count, Error &err)
{
    MaskHeader h;
    TileDirectory dir;
    if (!read_header(value, &h, err) || !TileDirectory::open(h, value, value.size, &dir, err))
        return false;
    *count = 0;
    PixelRect rect = clip(roi, h.width, h.height);
    OrdinalRange range = ordinal_range(h.format, h.domain, lv, uv);
    if (rect.empty() || range.lo >= range.hi)
        return true;
    for (int32_t ty = rect.y0 / h.tile_height; ty * h.tile_height < rect.y1; ty++) {
        for (int32_t tx = rect.x0 / h.tile_width; tx * h.tile_width < rect.x1; tx++) {
            size_t t = size_t(ty) * h.tiles_x + tx;
            uint64_t found = 0;
            switch (judge_tile(dir, t, range)) {
            case TileVerdict::none:
                break;
            case TileVerdict::all:
                found = static_cast<uint64_t>(intersect(h.tile_rect(t), rect).area());
                break;
            case TileVerdict::undecided:
                if (!count_tile(dir, t, dir.payload(value, t), rect, range, &found, err))
                    return false;
            }
            *count += found;
        }
    }
    return true;
}

} // namespace mq
