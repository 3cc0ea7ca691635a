#include "core/mask/codec.h"

#include <algorithm>

#include "core/mask/measure/extremes.h"

namespace mq
{

namespace
{

bool corrupted(Error &err, const char *what)
{
    return err.set(ErrorCode::corrupted, "stored mask is corrupted: %s", what);
}

void store_ordinal(uint8_t *array, size_t size, size_t index, uint32_t ordinal)
{
    switch (size) {
    case 1:
        array[index] = static_cast<uint8_t>(ordinal);
        break;
    case 2:
        store_le<uint16_t>(array + 2 * index, static_cast<uint16_t>(ordinal));
        break;
    default:
        store_le<uint32_t>(array + 4 * index, ordinal);
    }
}

// Copies a rectangle between a mask's flat pixels and a tile's, which lie without gaps.
void copy_rows(uint8_t *to, size_t to_stride, const uint8_t *from, size_t from_stride,
               size_t row_bytes, int32_t rows)
{
    for (int32_t y = 0; y < rows; y++)
        memcpy(to + y * to_stride, from + y * from_stride, row_bytes);
}

// One pixel value, many times.
void fill(PixelFormat format, uint32_t raw, size_t pixels, void *out)
{
    switch (flat_pixel_size(format)) {
    case 1:
        memset(out, static_cast<int>(raw), pixels);
        break;
    case 2:
        std::fill_n(static_cast<uint16_t *>(out), pixels, static_cast<uint16_t>(raw));
        break;
    default:
        std::fill_n(static_cast<uint32_t *>(out), pixels, raw);
    }
}

struct EncodedTile {
    OrdinalExtremes extremes;
    size_t size; // of the payload
    bool compressed;
};

// Encodes tile t; the payload goes to out, which has room for the raw one.
EncodedTile encode_tile(const MaskHeader &h, const void *flat, size_t t, uint8_t *out)
{
    alignas(8) uint8_t pixels[kMaxTileBytes];
    uint8_t packed[kMaxTileBytes / 8];
    PixelRect rect = h.tile_rect(t);
    size_t count = static_cast<size_t>(rect.area());
    cut_tile(h, flat, t, pixels);

    EncodedTile tile{find_extremes(h.format, pixels, count), 0, false};
    if (tile.extremes.min == tile.extremes.max)
        return tile;
    const uint8_t *raw = pixels;
    if (h.format == PixelFormat::bit) {
        pack_bits(pixels, count, packed);
        raw = packed;
    }
    tile.compressed = compress_tile(h.format, raw, size_t(rect.x1 - rect.x0),
                                    size_t(rect.y1 - rect.y0), out, &tile.size);
    if (!tile.compressed) {
        tile.size = raw_tile_size(h.format, count);
        memcpy(out, raw, tile.size);
    }
    return tile;
}

// The rows of tiles take turns through the mask, so the tiles before tile t hold all pixels of the
// tile rows above it and of the tiles to its left.
size_t pixels_before(const MaskHeader &h, const PixelRect &rect)
{
    return size_t(rect.y0) * h.width + size_t(rect.x0) * (rect.y1 - rect.y0);
}

} // namespace

size_t encode_bound(PixelFormat format, Shape shape)
{
    // A bit tile whose pixels do not fill its last byte takes one more.
    MaskHeader h = make_header(format, shape, Domain{});
    return h.payload_offset + raw_tile_size(format, shape.pixels()) + h.tiles();
}

bool encode_mask(const void *flat, PixelFormat format, Shape shape, const Domain &domain,
                 uint8_t *out, size_t capacity, size_t *size, Error &err)
{
    MaskHeader h = make_header(format, shape, domain);
    if (capacity < encode_bound(format, shape))
        return err.set(ErrorCode::internal,
                       "buffer of %zu bytes is too small for a mask of %d x %d pixels", capacity,
                       shape.width, shape.height);
    const int64_t tiles = static_cast<int64_t>(h.tiles());
    uint8_t *payload = out + h.payload_offset;
    uint8_t *group = out + kMaskHeaderSize;
    uint8_t *length = h.single_tile() ? nullptr : group + (tiles - 1) / kTilesOfGroup * 4;
    uint8_t *max = out + h.payload_offset - h.ordinal_size * tiles;
    uint8_t *min = max - h.ordinal_size * tiles;

    // Each tile is written where it would lie if all were raw, until they are moved together.
    bool compressed = false;
    size_t single_size = 0;
    for (int64_t t = 0; t < tiles; t++) {
        size_t slot = raw_tile_size(format, pixels_before(h, h.tile_rect(t))) + t;
        EncodedTile tile = encode_tile(h, flat, t, payload + slot);
        store_ordinal(min, h.ordinal_size, t, tile.extremes.min);
        store_ordinal(max, h.ordinal_size, t, tile.extremes.max);
        if (length)
            store_le<uint16_t>(length + 2 * t, static_cast<uint16_t>(tile.size));
        else
            single_size = tile.size;
        compressed = compressed || tile.compressed;
    }

    size_t used = single_size;
    for (int64_t t = 0; length && t < tiles; t++) {
        if (t > 0 && t % kTilesOfGroup == 0)
            store_le<uint32_t>(group + 4 * (t / kTilesOfGroup - 1), static_cast<uint32_t>(used));
        size_t tile_size = load_le<uint16_t>(length + 2 * t);
        size_t slot = raw_tile_size(format, pixels_before(h, h.tile_rect(t))) + t;
        memmove(payload + used, payload + slot, tile_size);
        used += tile_size;
    }
    h.codec = compressed ? kCodecRowsBlosc : kCodecNone;
    write_header(h, out);
    *size = h.payload_offset + used;
    return true;
}

void cut_tile(const MaskHeader &h, const void *flat, size_t t, void *out)
{
    PixelRect rect = h.tile_rect(t);
    size_t pixel_size = flat_pixel_size(h.format);
    size_t row_bytes = size_t(rect.x1 - rect.x0) * pixel_size;
    size_t stride = size_t(h.width) * pixel_size;
    copy_rows(static_cast<uint8_t *>(out), row_bytes,
              static_cast<const uint8_t *>(flat) + rect.y0 * stride + rect.x0 * pixel_size, stride,
              row_bytes, rect.y1 - rect.y0);
}

bool read_tile_payload(const TileDirectory &dir, size_t t, Bytes payload, void *raw, Error &err)
{
    const MaskHeader &h = *dir.header;
    PixelRect rect = h.tile_rect(t);
    size_t pixels = static_cast<size_t>(rect.area());
    size_t raw_size = raw_tile_size(h.format, pixels);
    if (payload.size == raw_size) {
        memcpy(raw, payload.data, raw_size);
    } else {
        if (payload.size > raw_size || payload.size == 0 || h.codec == kCodecNone)
            return corrupted(err, "a tile has an impossible size");
        if (!decompress_tile(h.format, payload, size_t(rect.x1 - rect.x0),
                             size_t(rect.y1 - rect.y0), raw, err))
            return false;
    }
    // Counting packed bits relies on the zeros that fill the last byte.
    if (h.format == PixelFormat::bit && pixels % 8 != 0 &&
        uint8_t(static_cast<const uint8_t *>(raw)[raw_size - 1] << pixels % 8) != 0)
        return corrupted(err, "a tile's last byte is not filled with zeros");
    return true;
}

bool decode_tile(const TileDirectory &dir, size_t t, Bytes payload, void *out, Error &err)
{
    const MaskHeader &h = *dir.header;
    size_t pixels = static_cast<size_t>(h.tile_rect(t).area());
    if (dir.constant(t)) {
        if (payload.size != 0)
            return corrupted(err, "a constant tile has pixels");
        fill(h.format, ordinal_to_raw(h.format, dir.min_ordinal(t)), pixels, out);
        return true;
    }
    if (h.format != PixelFormat::bit)
        return read_tile_payload(dir, t, payload, out, err);
    uint8_t packed[kMaxTileBytes / 8];
    if (!read_tile_payload(dir, t, payload, packed, err))
        return false;
    unpack_bits(packed, pixels, static_cast<uint8_t *>(out));
    return true;
}

bool decode_mask(Bytes value, void *flat, Error &err)
{
    MaskHeader h;
    TileDirectory dir;
    if (!read_header(value, &h, err) || !TileDirectory::open(h, value, value.size, &dir, err))
        return false;
    uint32_t lowest = lower_ordinal(h.format, h.domain, h.domain.lo);
    uint32_t highest = lower_ordinal(h.format, h.domain, h.domain.hi);
    size_t pixel_size = flat_pixel_size(h.format);
    size_t mask_stride = size_t(h.width) * pixel_size;
    alignas(8) uint8_t pixels[kMaxTileBytes];
    for (size_t t = 0; t < h.tiles(); t++) {
        PixelRect rect = h.tile_rect(t);
        if (!decode_tile(dir, t, dir.payload(value, t), pixels, err))
            return false;
        OrdinalExtremes found = find_extremes(h.format, pixels, static_cast<size_t>(rect.area()));
        if (found.min != dir.min_ordinal(t) || found.max != dir.max_ordinal(t))
            return corrupted(err, "a tile's extremes differ from its pixels");
        if (found.min < lowest || found.max > highest)
            return corrupted(err, "a pixel lies outside its domain");
        size_t row_bytes = size_t(rect.x1 - rect.x0) * pixel_size;
        copy_rows(static_cast<uint8_t *>(flat) + rect.y0 * mask_stride + rect.x0 * pixel_size,
                  mask_stride, pixels, row_bytes, row_bytes, rect.y1 - rect.y0);
    }
    return true;
}

} // namespace mq
