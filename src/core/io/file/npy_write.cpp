// Writing .npy files; npy.cpp reads them.
#include "core/io/file/npy.h"

#include <cinttypes>

namespace mq
{

namespace
{

constexpr size_t kAlignment = 64; // of the data
constexpr size_t kPreamble = 10;  // magic, version 1.0, length of the header

const char *npy_descr(PixelFormat format)
{
    switch (format) {
    case PixelFormat::f32:
        return "<f4";
    case PixelFormat::f16:
        return "<f2";
    case PixelFormat::u8:
        return "|u1";
    case PixelFormat::u16:
        return "<u2";
    case PixelFormat::bit:
        break;
    }
    return "|b1";
}

// Room for the longest dictionary, "{'descr': '<f4', 'fortran_order': False, 'shape': (16384,
// 16384), }".
constexpr size_t kMaxDictionary = 96;

// The dictionary as numpy.lib.format writes it; returns its length.
size_t print_dictionary(PixelFormat format, Shape shape, char (&out)[kMaxDictionary])
{
    int n =
        snprintf(out, sizeof out,
                 "{'descr': '%s', 'fortran_order': False, 'shape': (%" PRId32 ", %" PRId32 "), }",
                 npy_descr(format), shape.height, shape.width);
    return size_t(n);
}

// Magic, version, length, dictionary, spaces, newline: a multiple of 64.
size_t preamble_size(size_t dictionary)
{
    return (kPreamble + dictionary + 1 + kAlignment - 1) / kAlignment * kAlignment;
}

} // namespace

size_t npy_size(PixelFormat format, Shape shape)
{
    char dictionary[kMaxDictionary];
    return preamble_size(print_dictionary(format, shape, dictionary)) +
           shape.pixels() * flat_pixel_size(format);
}

void write_npy(PixelFormat format, Shape shape, const void *flat, uint8_t *out)
{
    char dictionary[kMaxDictionary];
    size_t length = print_dictionary(format, shape, dictionary);
    size_t preamble = preamble_size(length);
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    store_le<uint16_t>(out + 8, uint16_t(preamble - kPreamble));
    memset(out + kPreamble, ' ', preamble - kPreamble);
    memcpy(out + kPreamble, dictionary, length);
    out[preamble - 1] = '\n';
    memcpy(out + preamble, flat, shape.pixels() * flat_pixel_size(format));
}

} // namespace mq
