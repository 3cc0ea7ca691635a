// What all readers and writers of pixels share: options of constructors, access to flat pixels by
// index, and the errors that name a pixel by row, column and value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/pixel.h"

namespace mq
{

// How a constructor reads values that were not made by maskquery.
struct InputOptions {
    Domain domain;            // of the mask to make
    bool replace_nan = false; // false: NaN is an error
    double nan_value =
        0.0; // written instead of every NaN (not of infinities); a value of the domain
};

// Checks the domain and, when it is to be used, that nan_value can be written as a pixel.
// Errors: invalid_parameter (domain), out_of_range (nan_value).
bool check_input_options(PixelFormat format, const InputOptions &options, Error &err);

// Raw bits of flat pixel i (row-major index), and back. REQUIRES: i < shape.pixels().
inline uint32_t load_raw(PixelFormat format, const void *flat, size_t i)
{
    const uint8_t *p = static_cast<const uint8_t *>(flat);
    switch (format) {
    case PixelFormat::f32:
        return load_le<uint32_t>(p + 4 * i);
    case PixelFormat::f16:
    case PixelFormat::u16:
        return load_le<uint16_t>(p + 2 * i);
    default:
        return p[i];
    }
}
inline void store_raw(PixelFormat format, void *flat, size_t i, uint32_t raw)
{
    uint8_t *p = static_cast<uint8_t *>(flat);
    switch (format) {
    case PixelFormat::f32:
        store_le<uint32_t>(p + 4 * i, raw);
        break;
    case PixelFormat::f16:
    case PixelFormat::u16:
        store_le<uint16_t>(p + 2 * i, uint16_t(raw));
        break;
    default:
        p[i] = uint8_t(raw);
    }
}

// Largest raw code of u8 (255), u16 (65535) and bit (1). REQUIRES: not a float format.
constexpr uint32_t max_code(PixelFormat format)
{
    return format == PixelFormat::u8 ? 255 : format == PixelFormat::u16 ? 65535 : 1;
}

// "row R, column C", both 1-based, of a flat index; the words in which every pixel error names its
// place.
struct PixelPlace {
    long row, column;
};
inline PixelPlace pixel_place(size_t index, int32_t width)
{
    return PixelPlace{long(index / size_t(width)) + 1, long(index % size_t(width)) + 1};
}

// Out_of_range for a value that cannot be a pixel of this format and domain: names row, column and
// value, gives the domain as detail, and a hint that fits the cause (NaN, infinity, bit, a domain
// too small). Always returns false.
bool fail_pixel_value(PixelFormat format, const Domain &domain, PixelPlace place, double value,
                      Error &err);

// Shortest decimal that reads back the same: as a float when the number is one (so that 0.1f shows
// as 0.1), else as a double. Fills a null-terminated buffer of kNumberText bytes and returns the
// length.
constexpr size_t kNumberText = 32;
size_t format_number(double value, char *out);

// The ends of the domain as f32 pixels: value_to_raw accepts exactly the floats in between. For
// loops over f32 pixels, which must not cost a call a pixel.
struct FloatRange {
    float lo, hi;
    bool holds(float v) const { return v >= lo && v <= hi; }
};
FloatRange float_range(const Domain &domain);

// Writes value as flat pixel `index` of a mask `width` pixels wide, NaN replaced as options say.
// Errors: out_of_range, by fail_pixel_value.
bool store_value(PixelFormat format, const InputOptions &options, int32_t width, double value,
                 size_t index, void *flat, Error &err);

} // namespace mq
