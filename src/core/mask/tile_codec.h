// The bytes of one tile's payload: raw pixels, or the same compressed, whichever is smaller.
// README.md beside this file has the measurements behind the choice of codec and of tile size.
#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/pixel.h"

namespace mq
{

// On disk: never renumber. Which compressor and shuffle made a c-blosc frame is written in the
// frame itself, so that the encoder's choice may change without a new codec number.
constexpr uint8_t kCodecNone = 0;
constexpr uint8_t kCodecRowsBlosc = 1; // differences of neighbouring rows in one c-blosc 1.x frame
constexpr uint8_t kMaxCodec = kCodecRowsBlosc;

// Largest flat size of one tile in bytes, over all formats.
constexpr size_t kMaxTileBytes = 16384;

// Size of the raw payload of a tile: that of its flat pixels, for bit an eighth of it, rounded up.
size_t raw_tile_size(PixelFormat format, size_t pixels);

// Packs flat bit pixels (0 or 1, a byte each) most significant bit first, the last byte filled with
// zeros; and back.
void pack_bits(const uint8_t *flat, size_t pixels, uint8_t *packed);
void unpack_bits(const uint8_t *packed, size_t pixels, uint8_t *flat);

// Replaces every row but the first by its difference to the row above, pixel by pixel as unsigned
// integers that wrap around, and back. Maps are smooth, so most differences are small: their high
// bytes are all zeros or all ones and compress to nothing once a shuffle has brought them together.
void subtract_rows(PixelFormat format, const void *rows, size_t width, size_t height,
                   void *differences);
void add_rows(PixelFormat format, void *rows, size_t width, size_t height);

// Compresses the raw payload of a tile of width x height pixels. False when that would not make it
// smaller. Thread-safe. REQUIRES: raw aligned to the pixel's size, at most kMaxTileBytes; as many
// bytes at out.
bool compress_tile(PixelFormat format, const void *raw, size_t width, size_t height, uint8_t *out,
                   size_t *compressed_size);

// Decompresses the payload of a tile of width x height pixels to its raw payload; writes nothing
// else, whatever the bytes are. Thread-safe. REQUIRES: raw aligned to the pixel's size. Errors:
// corrupted.
bool decompress_tile(PixelFormat format, Bytes payload, size_t width, size_t height, void *raw,
                     Error &err);

} // namespace mq
