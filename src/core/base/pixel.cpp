#include "core/base/pixel.h"
#include "core/base/assert.h"

#include <cfloat>
#include <cmath>
#include <cstring>

namespace mq
{

namespace
{

constexpr uint32_t kF32Infinity = 0x7F800000u;
constexpr uint16_t kF16Infinity = 0x7C00u;

uint32_t float_bits(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}
float bits_float(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

// Narrows with one rounding: going through float and rounding twice would move a few values to the
// wrong half. So float is rounded to odd: truncated, with the last bit set when something was lost,
// which leaves ties and halves decidable.
uint16_t double_to_half(double v)
{
    float f = static_cast<float>(v);
    if (double{f} == v || std::isinf(f) || std::isnan(f))
        return float_to_half(f);
    uint32_t bits = float_bits(f);
    if (std::fabs(double{f}) > std::fabs(v))
        bits--;
    return float_to_half(bits_float(bits | 1));
}

// Raw bits of v rounded to a float format; -0.0 becomes 0.0, since the two are one value with two
// ordinals.
uint32_t round_to_float_format(PixelFormat f, double v)
{
    if (f == PixelFormat::f32) {
        uint32_t bits = float_bits(static_cast<float>(v));
        return bits == 0x80000000u ? 0 : bits;
    }
    uint16_t half = double_to_half(v);
    return half == 0x8000u ? 0 : half;
}

// Codes of u8 and u16 run from 0 to this.
uint32_t max_code(PixelFormat f)
{
    return f == PixelFormat::u8 ? 255 : 65535;
}

// Whether float4 values tell the codes of u8 or u16 apart: rounding moves none of them by more than
// a quarter of a step.
bool floats_tell_codes(PixelFormat f, const Domain &d)
{
    const double step = (d.hi - d.lo) / max_code(f),
                 far = std::fmax(std::fabs(d.lo), std::fabs(d.hi));
    return far * 0x1p-22 <= step && step >= double{FLT_MIN} && far <= double{FLT_MAX};
}

// A value or a threshold of u8 or u16 as it is compared. Monotone in v.
double as_float4(PixelFormat f, const Domain &d, double v)
{
    const double rounded = double{static_cast<float>(v)};
    return rounded == v || !floats_tell_codes(f, d) ? v : rounded;
}

// The nearest code before it is limited to [0, max_code]: a whole number in double. Monotone in v.
double nearest_code(PixelFormat f, const Domain &d, double v)
{
    return std::floor((v - d.lo) / (d.hi - d.lo) * max_code(f) + 0.5);
}

// Values often arrive as float4, where 0.8 lies a little above the domain's top of 0.8. So what
// rounds to the same float4 as the top, and to no code beyond it, counts as the top; likewise
// below. Both are monotone in v.
bool above_domain(PixelFormat f, const Domain &d, double v)
{
    return v > d.hi && (static_cast<float>(v) > static_cast<float>(d.hi) ||
                        nearest_code(f, d, v) > max_code(f));
}
bool below_domain(PixelFormat f, const Domain &d, double v)
{
    return v < d.lo &&
           (static_cast<float>(v) < static_cast<float>(d.lo) || nearest_code(f, d, v) < 0);
}

} // namespace

const char *format_name(PixelFormat f)
{
    switch (f) {
    case PixelFormat::f32:
        return "f32";
    case PixelFormat::f16:
        return "f16";
    case PixelFormat::u8:
        return "u8";
    case PixelFormat::u16:
        return "u16";
    case PixelFormat::bit:
        return "bit";
    }
    return "unknown";
}

bool format_from_name(const char *name, size_t length, PixelFormat *out)
{
    for (uint8_t f = 1; is_valid_format(f); f++) {
        const char *candidate = format_name(PixelFormat{f});
        if (strlen(candidate) == length && memcmp(candidate, name, length) == 0) {
            *out = PixelFormat{f};
            return true;
        }
    }
    return false;
}

size_t flat_pixel_size(PixelFormat f)
{
    switch (f) {
    case PixelFormat::f32:
        return 4;
    case PixelFormat::f16:
    case PixelFormat::u16:
        return 2;
    case PixelFormat::u8:
    case PixelFormat::bit:
        return 1;
    }
    return 1;
}

bool check_domain(PixelFormat f, const Domain &d, Error &err)
{
    if (!std::isfinite(d.lo) || !std::isfinite(d.hi)) {
        err.set(ErrorCode::invalid_parameter, "domain of a mask must be finite, not [%g, %g]", d.lo,
                d.hi);
        return err.with_hint("Give the lowest and the highest value that a pixel can have.");
    }
    if (d.lo >= d.hi) {
        err.set(ErrorCode::invalid_parameter, "domain [%.17g, %.17g] of a mask is empty", d.lo,
                d.hi);
        return err.with_hint("The lower end comes first and must be less than the upper end.");
    }
    if (is_float_format(f)) {
        uint32_t lo = raw_to_ordinal(f, round_to_float_format(f, d.lo));
        uint32_t hi = raw_to_ordinal(f, round_to_float_format(f, d.hi));
        if (hi >= ordinal_end(f) ||
            lo <= raw_to_ordinal(f, f == PixelFormat::f32 ? 0xFF800000u : 0xFC00u)) {
            err.set(ErrorCode::invalid_parameter,
                    "domain [%g, %g] exceeds the range of pixel format %s", d.lo, d.hi,
                    format_name(f));
            return err.with_hint(f == PixelFormat::f16
                                     ? "Values of f16 reach from -65504 to 65504; use f32."
                                     : "Values of f32 reach from -3.4e38 to 3.4e38.");
        }
        if (lo < hi)
            return true;
    } else if (f == PixelFormat::bit) {
        if (static_cast<float>(d.lo) < static_cast<float>(d.hi))
            return true;
    } else {
        double span = (d.hi - d.lo) * max_code(f);
        double step = (d.hi - d.lo) / max_code(f);
        if (!std::isfinite(span)) {
            err.set(ErrorCode::invalid_parameter,
                    "domain [%g, %g] exceeds the range of pixel format %s", d.lo, d.hi,
                    format_name(f));
            return err.with_hint("Scale the values of the mask down.");
        }
        // Every code needs a value of its own, with room for the rounding of the affine map.
        if (step >= DBL_MIN &&
            step >= 4 * DBL_EPSILON * std::fmax(std::fabs(d.lo), std::fabs(d.hi)))
            return true;
    }
    err.set(ErrorCode::invalid_parameter, "domain [%.17g, %.17g] is too narrow for pixel format %s",
            d.lo, d.hi, format_name(f));
    return err.with_hint("Use a wider domain, or values with a smaller offset.");
}

bool check_shape(int64_t width, int64_t height, Error &err)
{
    if (width < 1 || height < 1) {
        err.set(ErrorCode::shape_mismatch, "mask of %lld x %lld pixels is empty",
                static_cast<long long>(width), static_cast<long long>(height));
        return err.with_hint("A mask has at least one row and one column.");
    }
    if (width > kMaxSide || height > kMaxSide) {
        err.set(ErrorCode::too_large, "mask of %lld x %lld pixels is too large",
                static_cast<long long>(width), static_cast<long long>(height));
        return err.with_hint("A mask has at most 16384 rows and 16384 columns.");
    }
    return true;
}

float half_to_float(uint16_t h)
{
    uint32_t sign = uint32_t{h & 0x8000u} << 16;
    uint32_t magnitude = h & 0x7FFFu;
    if (magnitude >= kF16Infinity) // infinity, NaN
        return bits_float(sign | kF32Infinity | (magnitude & 0x3FFu) << 13);
    if (magnitude >= 0x400u) // normal: move the exponent's bias from 15 to 127
        return bits_float(sign | ((magnitude << 13) + (112u << 23)));
    float f = static_cast<float>(magnitude) * 0x1p-24f; // subnormal or zero: exact
    return sign ? -f : f;
}

uint16_t float_to_half(float f)
{
    uint32_t bits = float_bits(f);
    uint16_t sign = bits >> 16 & 0x8000u;
    uint32_t magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > kF32Infinity) // NaN: kept, quiet
        return sign | 0x7E00u;
    if (magnitude >= 0x477FF000u) // 65520 and more round to infinity
        return sign | kF16Infinity;
    if (magnitude <
        0x38800000u) { // below 2^-14: subnormal; adding 0.5 makes the hardware round at 2^-24
        float shifted = bits_float(magnitude) + 0.5f;
        return sign | static_cast<uint16_t>(float_bits(shifted) - float_bits(0.5f));
    }
    uint32_t odd = magnitude >> 13 & 1; // ties go to the even half
    return sign | static_cast<uint16_t>((magnitude - (112u << 23) + 0xFFFu + odd) >> 13);
}

double raw_to_value(PixelFormat f, const Domain &d, uint32_t raw_bits)
{
    switch (f) {
    case PixelFormat::f32:
        return double{bits_float(raw_bits)};
    case PixelFormat::f16:
        return double{half_to_float(static_cast<uint16_t>(raw_bits))};
    case PixelFormat::u8:
    case PixelFormat::u16:
        // The top exactly, whatever the division rounds to.
        return raw_bits >= max_code(f) ? d.hi : d.lo + (d.hi - d.lo) * raw_bits / max_code(f);
    case PixelFormat::bit:
        break;
    }
    return raw_bits ? d.hi : d.lo;
}

bool value_to_raw(PixelFormat f, const Domain &d, double value, uint32_t *raw_bits)
{
    if (std::isnan(value))
        return false;
    switch (f) {
    case PixelFormat::f32:
    case PixelFormat::f16: {
        uint32_t raw = round_to_float_format(f, value);
        uint32_t ordinal = raw_to_ordinal(f, raw);
        *raw_bits = raw;
        return ordinal >= raw_to_ordinal(f, round_to_float_format(f, d.lo)) &&
               ordinal <= raw_to_ordinal(f, round_to_float_format(f, d.hi));
    }
    case PixelFormat::u8:
    case PixelFormat::u16:
        value = as_float4(f, d, value);
        if (below_domain(f, d, value) || above_domain(f, d, value))
            return false;
        *raw_bits = static_cast<uint32_t>(nearest_code(f, d, value));
        return true;
    case PixelFormat::bit:
        break;
    }
    *raw_bits = static_cast<float>(value) == static_cast<float>(d.hi);
    return *raw_bits || static_cast<float>(value) == static_cast<float>(d.lo);
}

uint32_t raw_to_ordinal(PixelFormat f, uint32_t raw_bits)
{
    switch (f) {
    case PixelFormat::f32:
        return ordinal_f32(raw_bits);
    case PixelFormat::f16:
        return ordinal_f16(static_cast<uint16_t>(raw_bits));
    default:
        return raw_bits;
    }
}

uint32_t ordinal_to_raw(PixelFormat f, uint32_t ordinal)
{
    switch (f) {
    case PixelFormat::f32:
        return (ordinal & 0x80000000u) ? ordinal & 0x7FFFFFFFu : ~ordinal;
    case PixelFormat::f16:
        return (ordinal & 0x8000u) ? ordinal & 0x7FFFu : static_cast<uint16_t>(~ordinal);
    default:
        return ordinal;
    }
}

uint32_t ordinal_end(PixelFormat f)
{
    switch (f) {
    case PixelFormat::f32:
        return ordinal_f32(kF32Infinity);
    case PixelFormat::f16:
        return ordinal_f16(kF16Infinity);
    case PixelFormat::u8:
        return 256;
    case PixelFormat::u16:
        return 65536;
    case PixelFormat::bit:
        break;
    }
    return 2;
}

uint32_t lower_ordinal(PixelFormat f, const Domain &d, double t)
{
    return edge_ordinal(f, d, t, true);
}

uint32_t edge_ordinal(PixelFormat f, const Domain &d, double t, bool rounded_first)
{
    mq_assert(!std::isnan(t));
    switch (f) {
    case PixelFormat::f32:
    case PixelFormat::f16:
        return raw_to_ordinal(f, round_to_float_format(f, t));
    case PixelFormat::u8:
    case PixelFormat::u16:
        if (rounded_first)
            t = as_float4(f, d, t);
        if (t <= d.lo)
            return 0;
        return above_domain(f, d, t) ? ordinal_end(f)
                                     : static_cast<uint32_t>(nearest_code(f, d, t));
    case PixelFormat::bit:
        break;
    }
    float rounded = static_cast<float>(t);
    return rounded <= static_cast<float>(d.lo) ? 0 : rounded <= static_cast<float>(d.hi) ? 1 : 2;
}

uint32_t upper_ordinal(PixelFormat f, const Domain &d, double uv)
{
    uint32_t ordinal = lower_ordinal(f, d, uv);
    // A bit's ordinal 1 stands for all of (lo, hi], of which only hi is at the top.
    bool at_top = f == PixelFormat::bit ? static_cast<float>(uv) >= static_cast<float>(d.hi)
                                        : ordinal >= lower_ordinal(f, d, d.hi);
    return at_top ? ordinal_end(f) : ordinal;
}

} // namespace mq
