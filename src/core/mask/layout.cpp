#include "core/mask/layout.h"

#include "core/mask/tile_codec.h"

namespace mq
{

namespace
{

// log2 of the pixels of a tile, half of them (rounded up) for the width: 4 KB of raw pixels, for
// bit what kMaxTileBytes allows. README.md beside this file has the measurements behind the choice.
int tile_area_log2(PixelFormat format)
{
    switch (format) {
    case PixelFormat::f32:
        return 10;
    case PixelFormat::f16:
    case PixelFormat::u16:
        return 11;
    case PixelFormat::u8:
        return 12;
    case PixelFormat::bit:
        break;
    }
    return 14;
}

int log2_exact(int32_t power_of_two)
{
    return __builtin_ctz(static_cast<unsigned>(power_of_two));
}

// Fills what follows from format, size and tile shape. REQUIRES: these are valid.
void derive(MaskHeader *h)
{
    h->tiles_x = (h->width + h->tile_width - 1) / h->tile_width;
    h->tiles_y = (h->height + h->tile_height - 1) / h->tile_height;
    // An ordinal takes as many bytes as a flat pixel in every format.
    h->ordinal_size = flat_pixel_size(h->format);
    h->directory_size = tile_directory_size(h->tiles(), h->ordinal_size);
    h->payload_offset = kMaskHeaderSize + h->directory_size;
}

bool corrupted(Error &err, const char *what)
{
    return err.set(ErrorCode::corrupted, "stored mask is corrupted: %s", what);
}

} // namespace

bool read_header(Bytes value, MaskHeader *out, Error &err)
{
    if (value.size < kMaskHeaderSize)
        return corrupted(err, "shorter than its header");
    const uint8_t *p = value.data;
    if (p[0] != kMaskVersion) {
        err.set(ErrorCode::corrupted, "stored mask has format version %d, expected %d", p[0],
                kMaskVersion);
        return err.with_hint(
            "The value is damaged, or was written by another version of the extension.");
    }
    if (!is_valid_format(p[1]))
        return corrupted(err, "unknown pixel format");
    if (p[2] > kMaxCodec)
        return corrupted(err, "unknown codec");

    MaskHeader h;
    h.format = PixelFormat{p[1]};
    h.codec = p[2];
    h.tile_width = 1 << (p[3] & 15);
    h.tile_height = 1 << (p[3] >> 4);
    h.width = load_le<uint16_t>(p + 4);
    h.height = load_le<uint16_t>(p + 6);
    h.domain = Domain{load_le<double>(p + 8), load_le<double>(p + 16)};
    if (!check_shape(h.width, h.height, err))
        return corrupted(err, "impossible size");
    if (!check_domain(h.format, h.domain, err))
        return corrupted(err, "impossible domain");
    if (h.tile_width > kMaxSide || h.tile_height > kMaxSide ||
        size_t(h.tile_width) * size_t(h.tile_height) * flat_pixel_size(h.format) > kMaxTileBytes)
        return corrupted(err, "impossible tile size");
    derive(&h);
    *out = h;
    return true;
}

void write_header(const MaskHeader &h, uint8_t *out)
{
    out[0] = kMaskVersion;
    out[1] = static_cast<uint8_t>(h.format);
    out[2] = h.codec;
    out[3] = static_cast<uint8_t>(log2_exact(h.tile_width) | log2_exact(h.tile_height) << 4);
    store_le<uint16_t>(out + 4, static_cast<uint16_t>(h.width));
    store_le<uint16_t>(out + 6, static_cast<uint16_t>(h.height));
    store_le<double>(out + 8, h.domain.lo);
    store_le<double>(out + 16, h.domain.hi);
}

MaskHeader make_header(PixelFormat format, Shape shape, Domain domain)
{
    MaskHeader h;
    h.format = format;
    h.codec = 0;
    h.width = shape.width;
    h.height = shape.height;
    h.domain = domain;

    int area = tile_area_log2(format);
    int columns = (area + 1) / 2, rows = area / 2;
    // A narrow mask gets longer tiles instead of slivers, a flat one wider ones.
    for (; columns > 0 && (1 << (columns - 1)) >= shape.width; columns--)
        rows++;
    for (; rows > 0 && (1 << (rows - 1)) >= shape.height; rows--)
        columns = (1 << columns) < shape.width ? columns + 1 : columns;
    h.tile_width = 1 << columns;
    h.tile_height = 1 << rows;
    derive(&h);
    return h;
}

bool TileDirectory::open(const MaskHeader &h, Bytes value, size_t value_size, TileDirectory *out,
                         Error &err)
{
    if (value.size < h.payload_offset || value_size < h.payload_offset)
        return corrupted(err, "its tile directory is cut off");
    size_t tiles = h.tiles();
    const uint8_t *p = value.data + kMaskHeaderSize;
    out->header = &h;
    out->group = out->length = nullptr;
    out->payload_size = value_size - h.payload_offset;
    if (!h.single_tile()) {
        out->group = p;
        out->length = p += (tiles - 1) / kTilesOfGroup * 4;
        p += 2 * tiles;
        size_t end = 0;
        for (size_t t = 0; t < tiles; t++) {
            if (t > 0 && t % kTilesOfGroup == 0 &&
                load_le<uint32_t>(out->group + 4 * (t / kTilesOfGroup - 1)) != end)
                return corrupted(err, "its tile directory contradicts itself");
            end += out->payload_length(t);
        }
        if (end != out->payload_size)
            return corrupted(err, "its size differs from its tile directory");
    }
    out->min = p;
    out->max = p + h.ordinal_size * tiles;
    return true;
}

} // namespace mq
