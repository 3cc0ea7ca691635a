// Printing a mask's text; text.cpp reads it.
#include "core/io/text/text.h"

#include <charconv>
#include <cstdlib>

namespace mq
{

namespace
{

// Longest texts: "u16(" ends of the domain as doubles, "):"; a pixel of each format with its comma.
constexpr size_t kMaxPrefix = 64;
constexpr size_t kMaxDouble = 24; // -2.2250738585072014e-308
constexpr size_t kMaxF32 = 16;    // -1.1754944e-38 and the like: sign, 9 digits, point, exponent
constexpr size_t kMaxF16 = 16;    // -0.000000059605: sign, point, 13 digits

size_t pixel_bound(PixelFormat format)
{
    switch (format) {
    case PixelFormat::f32:
        return kMaxF32 + 1;
    case PixelFormat::f16:
        return kMaxF16 + 1;
    case PixelFormat::u8:
        return 4;
    case PixelFormat::u16:
        return 6;
    case PixelFormat::bit:
        break;
    }
    return 2;
}

char *put(char *out, const char *text)
{
    size_t n = strlen(text);
    memcpy(out, text, n);
    return out + n;
}

char *print_f32(float v, char *out)
{
    return std::to_chars(out, out + kMaxF32, v).ptr;
}

constexpr uint64_t kPowers[] = {1,           10,           100,          1000,      10000,
                                100000,      1000000,      10000000,     100000000, 1000000000,
                                10000000000, 100000000000, 1000000000000};

// digits / 10^places, places being negative for zeros before the point.
char *print_decimal(uint64_t digits, int places, char *out)
{
    char *end = out + kMaxF16;
    for (; places > 0 && digits % 10 == 0; places--) // rounded up to a power of ten
        digits /= 10;
    if (places <= 0)
        return std::to_chars(out, end, digits * kPowers[-places]).ptr;
    out = std::to_chars(out, end, digits / kPowers[places]).ptr;
    *out = '.';
    uint64_t fraction = digits % kPowers[places];
    for (int i = places; i > 0; i--, fraction /= 10)
        out[i] = char('0' + fraction % 10);
    return out + places + 1;
}

// The fewest decimal digits that read back as the half h. At most five are significant, and all
// powers of ten in play are exact in double, so a candidate in double is what its text reads back
// as.
char *print_f16(uint16_t h, char *out)
{
    if (h & 0x8000) {
        *out++ = '-';
        h &= 0x7FFF;
    }
    if (h == 0) {
        *out = '0';
        return out + 1;
    }
    // What lies between the middles to the neighbours reads back as h; a middle itself goes to the
    // even half.
    double v = double(half_to_float(h));
    double above = h == 0x7BFF ? 65536.0 : double(half_to_float(uint16_t(h + 1)));
    double from = (double(half_to_float(uint16_t(h - 1))) + v) / 2, to = (v + above) / 2;
    bool even = h % 2 == 0;

    int exponent = 4; // of the first significant digit; from 65504 down to 5.96e-8
    while (exponent >= 0 ? v < double(kPowers[exponent]) : v * double(kPowers[-exponent]) < 1)
        exponent--;
    uint64_t digits = 0;
    int places = 0;
    for (int count = 1; count <= 5; count++) {
        places = count - 1 - exponent;
        double power = double(kPowers[std::abs(places)]);
        digits = uint64_t((places >= 0 ? v * power : v / power) + 0.5);
        double candidate = places >= 0 ? double(digits) / power : double(digits) * power;
        if ((candidate > from && candidate < to) ||
            (even && (candidate == from || candidate == to)))
            break;
    }
    return print_decimal(digits, places, out);
}

char *print_prefix(PixelFormat format, const Domain &domain, char *out)
{
    bool unit = domain == Domain{};
    if (unit && format == PixelFormat::f32)
        return out;
    out = put(out, format_name(format));
    if (!unit) {
        *out++ = '(';
        out = std::to_chars(out, out + kMaxDouble, domain.lo).ptr;
        *out++ = ',';
        out = std::to_chars(out, out + kMaxDouble, domain.hi).ptr;
        *out++ = ')';
    }
    *out++ = ':';
    return out;
}

// Rows of pixels, each written by print(index, out) -> position after it.
template <typename Print> char *print_rows(Shape shape, Print print, char *out)
{
    size_t index = 0;
    for (int32_t y = 0; y < shape.height; y++) {
        *out++ = y == 0 ? '[' : ',';
        for (int32_t x = 0; x < shape.width; x++, index++) {
            *out++ = x == 0 ? '[' : ',';
            out = print(index, out);
        }
        *out++ = ']';
    }
    *out++ = ']';
    return out;
}

} // namespace

size_t mask_text_bound(PixelFormat format, Shape shape)
{
    return kMaxPrefix + shape.pixels() * pixel_bound(format) + size_t(shape.height) * 2 + 2;
}

size_t print_mask_text(PixelFormat format, const Domain &domain, Shape shape, const void *flat,
                       char *out)
{
    char *p = print_prefix(format, domain, out);
    switch (format) {
    case PixelFormat::f32: {
        const float *values = static_cast<const float *>(flat);
        p = print_rows(
            shape, [=](size_t i, char *q) { return print_f32(values[i], q); }, p);
        break;
    }
    case PixelFormat::f16: {
        const uint16_t *halves = static_cast<const uint16_t *>(flat);
        p = print_rows(
            shape, [=](size_t i, char *q) { return print_f16(halves[i], q); }, p);
        break;
    }
    case PixelFormat::u16: {
        const uint16_t *codes = static_cast<const uint16_t *>(flat);
        p = print_rows(
            shape, [=](size_t i, char *q) { return std::to_chars(q, q + 5, codes[i]).ptr; }, p);
        break;
    }
    case PixelFormat::u8:
    case PixelFormat::bit: {
        const uint8_t *codes = static_cast<const uint8_t *>(flat);
        p = print_rows(
            shape,
            [=](size_t i, char *q) { return std::to_chars(q, q + 3, unsigned{codes[i]}).ptr; }, p);
    }
    }
    return size_t(p - out);
}

} // namespace mq
