// Printing a mask's text; text.cpp reads it.
#include "core/io/text.h"

#include <charconv>

namespace mq
{

namespace
{

// Longest texts: "u16(" ends of the domain as doubles, "):"; a pixel of each format with its comma.
constexpr size_t kMaxPrefix = 64;
constexpr size_t kMaxDouble = 24; // -2.2250738585072014e-308
constexpr size_t kMaxF32 = 16;    // -1.1754944e-38 and the like: sign, 9 digits, point, exponent
constexpr size_t kMaxF16 = 16;    // five digits at most

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

// 10^i, exact in double.
constexpr double kPowers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};

// The fewest decimal digits that read back as the half h. A half has at most five significant ones,
// so every candidate is digits x 10^k with both factors exact in double: candidate and printed text
// are the same number.
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

    int exponent = -8; // of the first significant digit; the smallest half is 5.96e-8
    while (exponent < 4 &&
           v >= (exponent < -1 ? 1 / kPowers[-exponent - 1] : kPowers[exponent + 1]))
        exponent++;
    double shortest = v;
    for (int digits = 1; digits <= 5; digits++) {
        int places = digits - 1 - exponent; // decimals behind the point; negative: zeros before it
        double candidate = places >= 0
                               ? double(int64_t(v * kPowers[places] + 0.5)) / kPowers[places]
                               : double(int64_t(v / kPowers[-places] + 0.5)) * kPowers[-places];
        if ((candidate > from && candidate < to) ||
            (even && (candidate == from || candidate == to))) {
            shortest = candidate;
            break;
        }
    }
    return std::to_chars(out, out + kMaxF16, shortest).ptr;
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
