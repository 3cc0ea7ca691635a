// Encoding of flat pixels into a stored mask and back, whole or tile by tile. Codec 1, the only one
// that compresses, is described in tile_codec.h.
#pragma once

#include "core/mask/layout.h"
#include "core/mask/tile_codec.h"

namespace mq
{

// Upper bound of the stored size of a mask, header included: its size when no tile shrinks. For the
// largest shapes that is more than the 1 GB that a PostgreSQL value can hold, so the caller checks
// the true size that encode_mask reports.
size_t encode_bound(PixelFormat format, Shape shape);

// Encodes flat pixels (row-major, pixel.h) into out. REQUIRES: capacity >= encode_bound(format,
// shape); every pixel is inside the domain (f32/f16: finite, -0.0 written as 0.0). Errors: internal
// (capacity).
bool encode_mask(const void *flat, PixelFormat format, Shape shape, const Domain &domain,
                 uint8_t *out, size_t capacity, size_t *size, Error &err);

// Decodes a whole stored mask into flat (header.shape().pixels() * flat_pixel_size bytes). Checks
// every byte: also that the tiles' extremes are those of their pixels and lie in the domain.
// Errors: corrupted.
bool decode_mask(Bytes value, void *flat, Error &err);

// Decodes tile t from its payload bytes (empty for a constant tile) into out: flat pixels of the
// clipped tile, row-major, without gaps. REQUIRES: kMaxTileBytes at out, aligned to the pixel's
// size. Errors: corrupted.
bool decode_tile(const TileDirectory &dir, size_t t, Bytes payload, void *out, Error &err);

// Copies tile t out of a mask's flat pixels: flat pixels of the clipped tile, row-major, without
// gaps. REQUIRES: kMaxTileBytes at out.
void cut_tile(const MaskHeader &h, const void *flat, size_t t, void *out);

// The raw payload (FORMAT.md) of a tile that is not constant: what decode_tile gives, but bit
// pixels stay packed. REQUIRES: kMaxTileBytes at raw. Errors: corrupted.
bool read_tile_payload(const TileDirectory &dir, size_t t, Bytes payload, void *raw, Error &err);

} // namespace mq
