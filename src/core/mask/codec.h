// Encoding of flat pixels into a stored mask and back, whole or tile by tile.
#pragma once

#include "core/mask/layout.h"

namespace mq
{

// Upper bound of the stored size of a mask, header included. False with too_large when it may pass the 1 GB that
// a PostgreSQL value can hold even when no tile shrinks... callers still try: encode() reports the true size.
size_t encode_bound(PixelFormat format, Shape shape);

// Encodes flat pixels (row-major, pixel.h) into out. REQUIRES: capacity >= encode_bound(format, shape); every pixel is
// inside the domain (f32/f16: finite, -0.0 written as 0.0).
// threads: OpenMP threads for the tiles, 1 for none. Errors: out_of_memory, internal.
bool encode_mask(const void *flat, PixelFormat format, Shape shape, const Domain &domain, int threads,
                 uint8_t *out, size_t capacity, size_t *size, Error &err);

// Decodes a whole stored mask into flat (header.shape().pixels() * flat_pixel_size bytes). Checks every byte: also that
// each pixel lies within its tile's extremes. Errors: corrupted.
bool decode_mask(Bytes value, void *flat, Error &err);

// Largest flat size of one tile in bytes, over all formats.
constexpr size_t kMaxTileBytes = 16384;

// Decodes tile t from its payload bytes (empty for a constant tile) into out: flat pixels of the clipped tile, row-major,
// without gaps. REQUIRES: kMaxTileBytes at out. Errors: corrupted.
bool decode_tile(const TileDirectory &dir, size_t t, Bytes payload, void *out, Error &err);

} // namespace mq
