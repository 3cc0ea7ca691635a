#include "core/mask/measure/pixel_sum.h"

#include <algorithm>
#include <cmath>

#include "core/mask/codec.h"
#include "core/mask/measure/count.h"
#include "core/base/simd.h"

namespace mq
{

namespace
{

// ---- u8, u16, bit: codes are added as integers ----

template <int Bytes, typename T>
MQ_INLINE uint64_t code_sum(const T *p, size_t stride, size_t width, size_t height, uint32_t lo,
                            uint32_t span)
{
    uint64_t total = 0;
    for (size_t y = 0; y < height; y++, p += stride) {
        uint32_t row = 0; // 16384 codes of 16 bits fit
        for (size_t x = 0; x < width; x++)
            row += p[x] - lo <= span ? p[x] : 0;
        total += row;
    }
    return total;
}

#define MQ_CODE_KERNEL(name, T)                                                                    \
    template <int Bytes>                                                                           \
    MQ_INLINE uint64_t name##_body(const T *p, size_t stride, size_t width, size_t height,         \
                                   uint32_t lo, uint32_t span)                                     \
    {                                                                                              \
        return code_sum<Bytes, T>(p, stride, width, height, lo, span);                             \
    }                                                                                              \
    MQ_KERNEL(                                                                                     \
        uint64_t, name,                                                                            \
        (const T *p, size_t stride, size_t width, size_t height, uint32_t lo, uint32_t span),      \
        (p, stride, width, height, lo, span))

MQ_CODE_KERNEL(code_sum_8, uint8_t)
MQ_CODE_KERNEL(code_sum_16, uint16_t)

// ---- f32, f16: doubles that are added without rounding ----

// A value v with |v| <= 2^E is cut into its multiple q of 2^(E-39) and the rest, which is at most
// 2^(E-40): v + M with M = 1.5 * 2^(E+13) lies where doubles are 2^(E-39) apart, so that addition
// rounds v and q = (v + M) - M and v - q are exact. 8192 values, more than a tile has, total at
// most 2^52 of those units: adding q's is exact in any order. The rest is cut once more, 40 binary
// digits further down. What is beyond that (values 10^17 times less than the domain's ends, and not
// 0) is reported, and the pixels are then added one by one.
constexpr int kTileDigits = 13; // log2 of the most pixels of a tile
static_assert(kMaxTileBytes / sizeof(uint16_t) <= size_t{1} << kTileDigits, "sums stay exact");

struct Cuts {
    double coarse, fine; // M of the first and of the second cut
};

Cuts make_cuts(const Domain &domain)
{
    // Pixels may exceed the domain by the rounding of its ends to float, never the power of two.
    int e;
    std::frexp(float(std::max(std::fabs(domain.lo), std::fabs(domain.hi))), &e);
    return Cuts{std::ldexp(1.5, e + kTileDigits), std::ldexp(1.5, e + kTileDigits - 40)};
}

struct Parts {
    double coarse, fine;
    bool exact;
};

template <int Bytes, typename T>
MQ_INLINE void float_sum(const T *p, size_t stride, size_t width, size_t height, uint32_t lo,
                         uint32_t span, const Cuts &cuts, Parts *out)
{
    constexpr size_t lanes = Bytes / sizeof(double);
    using Raw = typename VectorOf<T, lanes * sizeof(T)>::type;
    using Bits = typename VectorOf<uint32_t, lanes * sizeof(uint32_t)>::type;
    using Floats = typename VectorOf<float, lanes * sizeof(float)>::type;
    using Doubles = typename VectorOf<double, Bytes>::type;
    using Flags = typename VectorOf<int64_t, Bytes>::type;
    constexpr uint32_t sign = uint32_t{1} << (8 * sizeof(T) - 1);

    Doubles coarse{}, fine{};
    Flags inexact{};
    for (size_t y = 0; y < height; y++, p += stride) {
        for (size_t x = 0; x < width; x += lanes) {
            Raw raw{}; // lanes beyond the row stay 0, and add nothing
            if (x + lanes <= width)
                load_vector(raw, p + x);
            else
                memcpy(&raw, p + x, (width - x) * sizeof(T));
            Bits bits = __builtin_convertvector(raw, Bits);
            Bits negative = Bits{} - (bits >> (8 * sizeof(T) - 1)); // all ones, or 0
            Bits ordinal = bits ^ ((negative & (sign - 1)) | sign);
            bits &= (Bits)((ordinal - lo) <= span);
            Floats values;
            if constexpr (sizeof(T) == 2) {
                // A half's exponent and fraction, read as a float's, are 2^112 too small; subnormal
                // ones become subnormal. The multiplication is exact.
                Bits magnitude = (bits & (sign - 1)) << 13;
                values = (Floats)(magnitude)*0x1p112f;
                values = (Floats)((Bits)values | (bits & sign) << 16);
            } else {
                values = (Floats)bits;
            }
            Doubles v = __builtin_convertvector(values, Doubles);
            Doubles q = (v + cuts.coarse) - cuts.coarse;
            Doubles rest = v - q;
            Doubles r = (rest + cuts.fine) - cuts.fine;
            coarse += q;
            fine += r;
            inexact |= (Flags)(rest != r);
        }
    }
    *out = Parts{0, 0, true};
    for (size_t lane = 0; lane < lanes; lane++) {
        out->coarse += coarse[lane];
        out->fine += fine[lane];
        out->exact = out->exact && !inexact[lane];
    }
}

#define MQ_FLOAT_KERNEL(name, T)                                                                   \
    template <int Bytes>                                                                           \
    MQ_INLINE void name##_body(const T *p, size_t stride, size_t width, size_t height,             \
                               uint32_t lo, uint32_t span, const Cuts &cuts, Parts *out)           \
    {                                                                                              \
        float_sum<Bytes, T>(p, stride, width, height, lo, span, cuts, out);                        \
    }                                                                                              \
    MQ_KERNEL(void, name,                                                                          \
              (const T *p, size_t stride, size_t width, size_t height, uint32_t lo, uint32_t span, \
               const Cuts &cuts, Parts *out),                                                      \
              (p, stride, width, height, lo, span, cuts, out))

MQ_FLOAT_KERNEL(float_sum_16, uint16_t)
MQ_FLOAT_KERNEL(float_sum_32, uint32_t)

template <typename T>
void add_one_by_one(const T *p, size_t stride, size_t width, size_t height, OrdinalRange range,
                    ValueSum *sum)
{
    for (size_t y = 0; y < height; y++, p += stride)
        for (size_t x = 0; x < width; x++) {
            uint32_t ordinal = raw_to_ordinal(sum->format(), p[x]);
            if (ordinal >= range.lo && ordinal < range.hi)
                sum->add(ordinal, 1);
        }
}

template <typename T, typename Kernel>
void sum_floats(Kernel kernel, const T *p, size_t stride, size_t width, size_t height,
                OrdinalRange range, ValueSum *sum)
{
    Parts parts;
    kernel(p, stride, width, height, range.lo, range.hi - 1 - range.lo, make_cuts(sum->domain()),
           &parts);
    if (parts.exact) {
        sum->add_floats(parts.coarse);
        sum->add_floats(parts.fine);
    } else {
        add_one_by_one(p, stride, width, height, range, sum);
    }
}

} // namespace

void sum_pixels(const void *pixels, size_t stride, int32_t width, int32_t height,
                OrdinalRange range, ValueSum *sum)
{
    if (range.lo >= range.hi || width <= 0 || height <= 0)
        return;
    const size_t w = static_cast<size_t>(width), h = static_cast<size_t>(height);
    const uint32_t span = range.hi - 1 - range.lo;
    const PixelFormat format = sum->format();
    switch (format) {
    case PixelFormat::f32:
        sum_floats(float_sum_32, static_cast<const uint32_t *>(pixels), stride, w, h, range, sum);
        return;
    case PixelFormat::f16:
        sum_floats(float_sum_16, static_cast<const uint16_t *>(pixels), stride, w, h, range, sum);
        return;
    case PixelFormat::u16:
        sum->add_codes(
            count_pixels(format, pixels, stride, width, height, range),
            code_sum_16(static_cast<const uint16_t *>(pixels), stride, w, h, range.lo, span));
        return;
    case PixelFormat::u8:
    case PixelFormat::bit:
        break;
    }
    sum->add_codes(count_pixels(format, pixels, stride, width, height, range),
                   code_sum_8(static_cast<const uint8_t *>(pixels), stride, w, h, range.lo, span));
}

bool sum_constant_tile(const TileDirectory &dir, size_t t, const PixelRect &rect,
                       OrdinalRange range, ValueSum *sum)
{
    if (judge_tile(dir, t, range) == TileVerdict::none)
        return true;
    if (!dir.constant(t))
        return false;
    sum->add(dir.min_ordinal(t),
             static_cast<uint64_t>(intersect(dir.header->tile_rect(t), rect).area()));
    return true;
}

bool sum_mask(Bytes value, const Roi &roi, double lv, double uv, double *out, Error &err)
{
    MaskHeader h;
    TileDirectory dir;
    if (!read_header(value, &h, err) || !TileDirectory::open(h, value, value.size, &dir, err))
        return false;
    PixelRect rect = clip(roi, h.width, h.height);
    OrdinalRange range = ordinal_range(h.format, h.domain, lv, uv);
    ValueSum sum(h.format, h.domain);
    alignas(8) uint8_t pixels[kMaxTileBytes];
    if (rect.empty()) {
        *out = 0;
        return true;
    }
    for (int32_t ty = rect.y0 / h.tile_height; ty * h.tile_height < rect.y1; ty++) {
        for (int32_t tx = rect.x0 / h.tile_width; tx * h.tile_width < rect.x1; tx++) {
            size_t t = size_t(ty) * h.tiles_x + tx;
            if (sum_constant_tile(dir, t, rect, range, &sum))
                continue;
            if (!decode_tile(dir, t, dir.payload(value, t), pixels, err))
                return false;
            PixelRect tile = h.tile_rect(t), part = intersect(tile, rect);
            size_t stride = static_cast<size_t>(tile.x1 - tile.x0);
            size_t first = size_t(part.y0 - tile.y0) * stride + size_t(part.x0 - tile.x0);
            sum_pixels(pixels + first * flat_pixel_size(h.format), stride, part.x1 - part.x0,
                       part.y1 - part.y0, range, &sum);
        }
    }
    *out = sum.value();
    return true;
}

} // namespace mq
