// Pixel formats, the domain of a mask, and the one place that says how a threshold compares with a
// pixel.
//
// Every format stores a *raw* value a pixel: f32 and f16 the value itself, u8 and u16 the affine
// code lo + (hi - lo) * raw / 255 (65535), bit 0 (lo) or 1 (hi). In memory ("flat") pixels lie
// row-major, top row first, in float, uint16_t (IEEE half bits), uint8_t, uint16_t and uint8_t (0
// or 1, one byte a pixel).
//
// Thresholds are compared at the format's precision: a threshold t goes through the same rounding
// as a pixel written as t, so that a pixel written as 0.7 satisfies v >= 0.7 in every format.
// Pixels come as float4 mostly (text, arrays, maps of f32), thresholds as double, and 0.7 in u8
// lies between two codes where the float4 of 0.7 does not. So u8 and u16 take both by way of
// float4, unless that is too coarse for the domain. Comparisons are done on *ordinals*: unsigned
// integers that order as the values do. Both rounding and ordinal are monotone, which is all that
// the proofs of the bounds (src/core/chi/README.md) need.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/error.h"

namespace mq
{

constexpr int32_t kMaxSide = 16384; // pixels, either way

// On disk and in typmods: never renumber.
enum class PixelFormat : uint8_t { f32 = 1, f16 = 2, u8 = 3, u16 = 4, bit = 5 };

constexpr bool is_valid_format(uint8_t f)
{
    return f >= 1 && f <= 5;
}
constexpr bool is_float_format(PixelFormat f)
{
    return f == PixelFormat::f32 || f == PixelFormat::f16;
}

// "f32", "f16", "u8", "u16", "bit".
const char *format_name(PixelFormat f);
// Exact, case-sensitive match of [name, name + length). False when there is no such format.
bool format_from_name(const char *name, size_t length, PixelFormat *out);

// Bytes of one flat pixel: 4, 2, 1, 2, 1.
size_t flat_pixel_size(PixelFormat f);

// Values of a mask lie in [lo, hi], both finite, lo < hi. [0, 1] unless made with another.
struct Domain {
    double lo = 0.0;
    double hi = 1.0;
};
inline bool operator==(const Domain &a, const Domain &b)
{
    return a.lo == b.lo && a.hi == b.hi;
}

// False with invalid_parameter when lo or hi is not finite, lo >= hi, or the two are equal at the
// format's precision (or overflow it: f16 reaches 65504).
bool check_domain(PixelFormat f, const Domain &d, Error &err);

struct Shape {
    int32_t width = 0;
    int32_t height = 0;

    size_t pixels() const { return size_t(width) * size_t(height); }
};
inline bool operator==(const Shape &a, const Shape &b)
{
    return a.width == b.width && a.height == b.height;
}

// False with shape_mismatch (empty) or too_large unless 1 <= width, height <= kMaxSide.
bool check_shape(int64_t width, int64_t height, Error &err);

// IEEE binary16 <-> binary32, round to nearest even, overflow to infinity, NaN kept.
float half_to_float(uint16_t h);
uint16_t float_to_half(float f);

// The value that a flat raw pixel stands for; exact in double for floats, lo + (hi - lo) * raw /
// max else.
double raw_to_value(PixelFormat f, const Domain &d, uint32_t raw_bits);

// The raw bits (low bits of the result; f32: float bits) of the pixel that value is written as, by
// rounding to the nearest representable value. -0.0 becomes 0.0. False when value is NaN or lies
// outside the domain at the format's precision; for bit also when it is neither lo nor hi. The
// caller names row, column and value.
bool value_to_raw(PixelFormat f, const Domain &d, double value, uint32_t *raw_bits);

// Order-preserving code of raw bits: raw_to_value(a) < raw_to_value(b) <=> ordinal(a) < ordinal(b).
//   f32: sign-magnitude bits made monotone, f16 the same in 16 bits, u8, u16, bit: the raw value.
inline uint32_t ordinal_f32(uint32_t bits)
{
    return (bits & 0x80000000u) ? ~bits : bits | 0x80000000u;
}
inline uint32_t ordinal_f16(uint16_t bits)
{
    return (bits & 0x8000u) ? uint16_t(~bits) : bits | 0x8000u;
}
uint32_t raw_to_ordinal(PixelFormat f, uint32_t raw_bits);
uint32_t ordinal_to_raw(PixelFormat f, uint32_t ordinal);

// One past the ordinal of the largest finite value: f32 0xFF800000, f16 0xFC00, u8 256, u16 65536,
// bit 2.
uint32_t ordinal_end(PixelFormat f);

// Smallest ordinal that satisfies v >= t, t rounded as value_to_raw does. Monotone in t. Infinities
// allowed.
//   f32, f16: the ordinal of t rounded to the format.
//   u8, u16: t <= lo gives 0, t > hi gives ordinal_end, else the nearest code of t as float4 (of t
//   where float4 cannot tell the codes of the domain apart).
//   bit: t <= lo gives 0, t <= hi gives 1, else 2 (a bit is never written as a value in between).
// REQUIRES: t is not NaN.
uint32_t lower_ordinal(PixelFormat f, const Domain &d, double t);

// The same of an edge of an index's bins or levels: rounded like a threshold, or not by way of
// float4, as indexes have it that version 0.1.0 made. Monotone in t either way.
uint32_t edge_ordinal(PixelFormat f, const Domain &d, double t, bool rounded_first);

// First ordinal that does not satisfy v < uv; ordinal_end when uv (rounded) is at or above the
// domain's top, so that pixels that equal the top are counted. Monotone in uv, and never below
// lower_ordinal of the same t. REQUIRES: uv is not NaN.
uint32_t upper_ordinal(PixelFormat f, const Domain &d, double uv);

// Pixels with lo <= ordinal < hi are counted; the whole comparison of cp(mask, roi, lv, uv) in two
// integers.
struct OrdinalRange {
    uint32_t lo, hi;
};
inline OrdinalRange ordinal_range(PixelFormat f, const Domain &d, double lv, double uv)
{
    return OrdinalRange{lower_ordinal(f, d, lv), upper_ordinal(f, d, uv)};
}

} // namespace mq
