// NumPy's .npy files, versions 1.0, 2.0 and 3.0 (numpy.lib.format).
//
// Read: two-dimensional arrays of f2, f4, f8, u1, u2, b1, little- or big-endian ('=' is taken as
// little-endian: NumPy never writes it, and its files come from little-endian machines), C or
// Fortran order. Axes of length 1 before or behind are squeezed: (1, H, W) and (H, W, 1) are read
// as (H, W).
#pragma once

#include "core/io/pixel_io.h"

namespace mq
{

enum class NpyType : uint8_t { f2, f4, f8, u1, u2, b1 };

// What the first pass learns; the caller then allocates shape.pixels() * flat_pixel_size(format)
// bytes.
struct NpyHeader {
    NpyType type;
    bool big_endian;
    bool fortran_order;
    Shape shape;
    PixelFormat format; // of the mask: f2 f16, f4 and f8 f32, u1 u8, u2 u16, b1 bit
    size_t data_offset; // where the array's bytes start
};

// Reads magic, version and header dictionary (keys in any order, white space anywhere) and checks
// that the array's bytes are there, all and no more. Errors: invalid_binary (magic, syntax,
// truncated: names both sizes), unsupported (version, another dtype, not two-dimensional: hints at
// the call that helps), shape_mismatch (empty), too_large.
bool read_npy_header(Bytes file, NpyHeader *out, Error &err);

// Reads the array into flat, row-major. u1 and u2 are codes over options.domain (lo + (hi - lo) *
// code / 255, 65535), b1 is 0 (lo) or 1 (hi), floats are values. REQUIRES: header comes from
// read_npy_header of the same file. Errors: invalid_parameter (domain), out_of_range (a pixel
// outside the domain, NaN, infinity: names row, column and value), invalid_binary (a boolean byte
// that is neither 0 nor 1).
bool read_npy_pixels(Bytes file, const NpyHeader &header, const InputOptions &options, void *flat,
                     Error &err);

// Bytes of the file that write_npy writes. REQUIRES: check_shape holds.
size_t npy_size(PixelFormat format, Shape shape);

// Writes a version 1.0 file in C order, padded to 64 bytes as NumPy does, with the format's own
// dtype: '<f4', '<f2',
// '|u1', '<u2', '|b1'. Codes stay codes; a .npy file has no place for the domain. Writes npy_size
// bytes to out.
void write_npy(PixelFormat format, Shape shape, const void *flat, uint8_t *out);

} // namespace mq
