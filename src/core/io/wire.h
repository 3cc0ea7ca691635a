// The binary form of a mask that send, recv and COPY BINARY use. docs/binary-format.md specifies it
// for drivers.
//
// Version 1, all little-endian (unlike most PostgreSQL types, so that NumPy's tobytes() is the
// pixel part):
//   0 u8 version, 1 u8 format code (pixel.h), 2 u16 width, 4 u16 height, 6 u16 zero, 8 f64 lo, 16
//   f64 hi, 24 raw pixels as in raw.h.
#pragma once

#include "core/io/pixel_io.h"

namespace mq
{

constexpr uint8_t kWireVersion = 1;
constexpr size_t kWireHeaderSize = 24;

struct WireHeader {
    PixelFormat format;
    Domain domain;
    Shape shape;
};

// Reads the header and checks it and the exact size of the whole message, so that memory may be
// allocated for the shape. Errors: invalid_binary (short, unknown version or format, size: names
// both sizes), invalid_parameter (domain), shape_mismatch, too_large (shape).
bool read_wire_header(Bytes message, WireHeader *out, Error &err);

// Reads the pixels into flat. REQUIRES: header comes from read_wire_header of the same message.
// Errors: out_of_range (a pixel outside the domain, NaN), invalid_binary (trailing bits set).
bool read_wire_pixels(Bytes message, const WireHeader &header, void *flat, Error &err);

// Bytes that write_wire writes. REQUIRES: check_shape holds.
size_t wire_size(PixelFormat format, Shape shape);

// Writes the whole message, wire_size(header.format, header.shape) bytes, to out.
void write_wire(const WireHeader &header, const void *flat, uint8_t *out);

} // namespace mq
