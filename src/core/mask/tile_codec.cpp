#include "core/mask/tile_codec.h"

#include <blosc.h>

namespace mq
{

namespace
{

constexpr char kCompressor[] = BLOSC_LZ4_COMPNAME;
constexpr int kLevel = 5;
// The _ctx calls keep no global state when they run on the caller's thread alone.
constexpr int kInternalThreads = 1;

} // namespace

size_t raw_tile_size(PixelFormat format, size_t pixels)
{
    return format == PixelFormat::bit ? (pixels + 7) / 8 : pixels * flat_pixel_size(format);
}

void pack_bits(const uint8_t *flat, size_t pixels, uint8_t *packed)
{
    size_t i = 0;
    // The product moves the lowest bit of byte k to bit 63 - k; no two bits meet, so nothing carries.
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
        // A copy of the byte for each pixel, masked to the pixel's bit, which an addition then carries into bit 7.
        uint64_t spread = *packed++ * 0x0101010101010101u & 0x0102040810204080u;
        store_le<uint64_t>(flat + i, (spread + 0x7F7F7F7F7F7F7F7Fu) >> 7 & 0x0101010101010101u);
    }
    for (int bit = 7; i < pixels; i++, bit--)
        flat[i] = *packed >> bit & 1;
}

bool compress_tile(PixelFormat format, const void *raw, size_t size, uint8_t *out, size_t *compressed_size)
{
    // Zero when the result does not fit, negative when the library could not work: the raw pixels serve in both cases.
    int written = blosc_compress_ctx(kLevel, BLOSC_SHUFFLE, flat_pixel_size(format), size, raw, out, size - 1,
                                     kCompressor, 0, kInternalThreads);
    *compressed_size = written > 0 ? static_cast<size_t>(written) : 0;
    return written > 0;
}

bool decompress_tile(Bytes payload, void *raw, size_t size, Error &err)
{
    size_t frame_size;
    if (blosc_cbuffer_validate(payload.data, payload.size, &frame_size) != 0 || frame_size != size ||
        blosc_decompress_ctx(payload.data, raw, size, kInternalThreads) != static_cast<int>(size))
        return err.set(ErrorCode::corrupted, "stored mask is corrupted: a tile cannot be decompressed");
    return true;
}

} // namespace mq
