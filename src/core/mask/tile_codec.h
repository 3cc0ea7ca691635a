// The bytes of one tile's payload: raw pixels, or the same compressed, whichever is smaller. README.md beside this
// file has the measurements behind the choice of codec and of tile size.
#pragma once

#include "core/bytes.h"
#include "core/error.h"
#include "core/pixel.h"

namespace mq
{

// On disk: never renumber. Which compressor and shuffle made a c-blosc frame is written in the frame itself, so that the
// encoder's choice may change without a new codec number.
constexpr uint8_t kCodecNone = 0;
constexpr uint8_t kCodecBlosc = 1; // one c-blosc 1.x frame
constexpr uint8_t kMaxCodec = kCodecBlosc;

// Largest flat size of one tile in bytes, over all formats.
constexpr size_t kMaxTileBytes = 16384;

// Size of the raw payload of a tile: that of its flat pixels, for bit an eighth of it, rounded up.
size_t raw_tile_size(PixelFormat format, size_t pixels);

// Packs flat bit pixels (0 or 1, a byte each) most significant bit first, the last byte filled with zeros; and back.
void pack_bits(const uint8_t *flat, size_t pixels, uint8_t *packed);
void unpack_bits(const uint8_t *packed, size_t pixels, uint8_t *flat);

// Compresses a raw payload of `size` bytes. False when that would not make it smaller than it is. Thread-safe.
// REQUIRES: size bytes at out, 0 < size <= kMaxTileBytes.
bool compress_tile(PixelFormat format, const void *raw, size_t size, uint8_t *out, size_t *compressed_size);

// Decompresses to exactly `size` bytes and writes no others, whatever the payload holds. Thread-safe.
// Errors: corrupted.
bool decompress_tile(Bytes payload, void *raw, size_t size, Error &err);

} // namespace mq
