#include "core/mask/tile_codec.h"

#include <blosc.h>

namespace mq
{

namespace
{

constexpr char kCompressor[] = BLOSC_LZ4_COMPNAME;
constexpr int kLevel = 9; // LZ4 without acceleration
// The _ctx calls keep no global state when they run on the caller's thread alone.
constexpr int kInternalThreads = 1;

// Small differences of one byte still spread over all of its values, but not over all of its bits.
int shuffle(PixelFormat format)
{
    switch (format) {
    case PixelFormat::u8:
        return BLOSC_BITSHUFFLE;
    case PixelFormat::bit:
        return BLOSC_NOSHUFFLE;
    default:
        return BLOSC_SHUFFLE;
    }
}

template <typename T>
void subtract(const void *rows, size_t width, size_t height, void *differences)
{
    const T *from = static_cast<const T *>(rows);
    T *to = static_cast<T *>(differences);
    memcpy(to, from, width * sizeof(T));
    for (size_t i = width; i < width * height; i++)
        to[i] = static_cast<T>(from[i] - from[i - width]);
}

template <typename T> void add(void *rows, size_t width, size_t height)
{
    T *row = static_cast<T *>(rows);
    for (size_t y = 1; y < height; y++, row += width) {
        T *next = row + width;
        for (size_t x = 0; x < width; x++)
            next[x] = static_cast<T>(next[x] + row[x]);
    }
}

} // namespace

size_t raw_tile_size(PixelFormat format, size_t pixels)
{
    return format == PixelFormat::bit ? (pixels + 7) / 8 : pixels * flat_pixel_size(format);
}

void pack_bits(const uint8_t *flat, size_t pixels, uint8_t *packed)
{
    size_t i = 0;
    // The product moves the lowest bit of byte k to bit 63 - k; no two bits meet, so nothing
    // carries.
    for (; i + 8 <= pixels; i += 8)
        *packed++ = load_le<uint64_t>(flat + i) * 0x8040201008040201u >> 56;
    if (i < pixels) {
        uint8_t last = 0;
        for (int bit = 7; i < pixels; i++, bit--)
            last |= flat[i] << bit;
        *packed = last;
    }
}

void unpack_bits(const uint8_t *packed, size_t pixels, uint8_t *flat)
{
    size_t i = 0;
    for (; i + 8 <= pixels; i += 8) {
        // A copy of the byte for each pixel, masked to the pixel's bit, which an addition then
        // carries into bit 7.
        uint64_t spread = *packed++ * 0x0101010101010101u & 0x0102040810204080u;
        store_le<uint64_t>(flat + i, (spread + 0x7F7F7F7F7F7F7F7Fu) >> 7 & 0x0101010101010101u);
    }
    for (int bit = 7; i < pixels; i++, bit--)
        flat[i] = *packed >> bit & 1;
}

void subtract_rows(PixelFormat format, const void *rows, size_t width, size_t height,
                   void *differences)
{
    switch (flat_pixel_size(format)) {
    case 4:
        return subtract<uint32_t>(rows, width, height, differences);
    case 2:
        return subtract<uint16_t>(rows, width, height, differences);
    default:
        subtract<uint8_t>(rows, width, height, differences);
    }
}

void add_rows(PixelFormat format, void *rows, size_t width, size_t height)
{
    switch (flat_pixel_size(format)) {
    case 4:
        return add<uint32_t>(rows, width, height);
    case 2:
        return add<uint16_t>(rows, width, height);
    default:
        add<uint8_t>(rows, width, height);
    }
}

bool compress_tile(PixelFormat format, const void *raw, size_t width, size_t height, uint8_t *out,
                   size_t *compressed_size)
{
    alignas(8) uint8_t differences[kMaxTileBytes];
    size_t size = raw_tile_size(format, width * height);
    if (format != PixelFormat::bit) {
        subtract_rows(format, raw, width, height, differences);
        raw = differences;
    }
    // Zero when the result does not fit, negative when the library could not work: the raw pixels
    // serve in both cases.
    int written = blosc_compress_ctx(kLevel, shuffle(format), flat_pixel_size(format), size, raw,
                                     out, size - 1, kCompressor, 0, kInternalThreads);
    *compressed_size = written > 0 ? static_cast<size_t>(written) : 0;
    return written > 0;
}

bool decompress_tile(PixelFormat format, Bytes payload, size_t width, size_t height, void *raw,
                     Error &err)
{
    size_t size = raw_tile_size(format, width * height), frame_size;
    if (blosc_cbuffer_validate(payload.data, payload.size, &frame_size) != 0 ||
        frame_size != size ||
        blosc_decompress_ctx(payload.data, raw, size, kInternalThreads) != static_cast<int>(size))
        return err.set(ErrorCode::corrupted,
                       "stored mask is corrupted: a tile cannot be decompressed");
    if (format != PixelFormat::bit)
        add_rows(format, raw, width, height);
    return true;
}

} // namespace mq
