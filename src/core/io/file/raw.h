// Raw pixels as bytes from outside: little-endian, row-major, top row first, no padding between
// rows.
//
// f32: IEEE single, f16: IEEE half, u8 and u16: codes over the domain, bit: packed, most
// significant bit first, over the flattened mask (a row does not start a new byte), trailing bits
// zero. That is what numpy's tobytes() gives for
// '<f4', '<f2', 'u1', '<u2', and numpy.packbits(m).tobytes() for a mask m of booleans.
#pragma once

#include "core/io/pixel_io.h"

namespace mq
{

// Bytes of a mask's raw pixels. REQUIRES: check_shape holds; never overflows then.
size_t raw_size(PixelFormat format, Shape shape);

// Reads raw pixels into flat. REQUIRES: shape.pixels() * flat_pixel_size(format) bytes at flat;
// check_shape holds. -0.0 is written as 0.0. Errors: invalid_binary (the size differs, names both
// sizes; trailing bits set), invalid_parameter (domain), out_of_range (a pixel outside the domain,
// NaN, infinity: names row, column and value).
bool read_raw(Bytes bytes, PixelFormat format, Shape shape, const InputOptions &options, void *flat,
              Error &err);

// Writes raw_size(format, shape) bytes to out.
void write_raw(PixelFormat format, Shape shape, const void *flat, uint8_t *out);

} // namespace mq
