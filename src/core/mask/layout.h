// The stored form of a mask: header and tile directory. FORMAT.md beside this file specifies the
// bytes.
#pragma once

#include "core/base/bytes.h"
#include "core/base/pixel.h"
#include "core/base/roi.h"

namespace mq
{

constexpr uint8_t kMaskVersion = 2;
constexpr size_t kMaskHeaderSize = 24;
// Tiles between two of the directory's offsets.
constexpr size_t kTilesOfGroup = 128;

// Bytes of the directory of so many tiles.
constexpr size_t tile_directory_size(size_t tiles, size_t ordinal_size)
{
    return tiles == 1 ? 2 * ordinal_size
                      : (tiles - 1) / kTilesOfGroup * 4 + tiles * (2 + 2 * ordinal_size);
}

struct MaskHeader {
    PixelFormat format;
    uint8_t codec;
    int32_t width, height;
    int32_t tile_width, tile_height;
    int32_t tiles_x, tiles_y;
    Domain domain;
    size_t ordinal_size;   // bytes of one min or max in the directory
    size_t directory_size; // bytes of the tile directory
    size_t payload_offset; // kMaskHeaderSize + directory_size

    Shape shape() const { return Shape{width, height}; }
    size_t tiles() const { return size_t(tiles_x) * size_t(tiles_y); }
    bool single_tile() const { return tiles_x == 1 && tiles_y == 1; }
    // The pixels of tile t (row-major tile number), clipped to the mask.
    PixelRect tile_rect(size_t t) const
    {
        int32_t x0 = int32_t(t % tiles_x) * tile_width, y0 = int32_t(t / tiles_x) * tile_height;
        return PixelRect{x0, y0, std::min(x0 + tile_width, width),
                         std::min(y0 + tile_height, height)};
    }
};

// Reads and checks the fixed header; `value` may be a prefix of the stored value, at least
// kMaskHeaderSize bytes. Errors: corrupted.
bool read_header(Bytes value, MaskHeader *out, Error &err);

// Writes the fixed header (kMaskHeaderSize bytes at out).
void write_header(const MaskHeader &h, uint8_t *out);

// Fills the derived fields (tile shape by format, tiles, sizes) from format, codec, width, height
// and domain.
MaskHeader make_header(PixelFormat format, Shape shape, Domain domain);

// The tile directory of a mask, in place.
// REQUIRES: the bytes stay alive as long as the directory is used.
struct TileDirectory {
    const MaskHeader *header;
    const uint8_t *group, *length, *min, *max; // group and length are null for a single tile
    size_t payload_size;                       // bytes of all payloads

    // Checks that offsets and lengths agree and fit the value. `value_size` is the size of the
    // whole stored value; `value` may be a prefix that reaches to header.payload_offset. Errors:
    // corrupted.
    static bool open(const MaskHeader &h, Bytes value, size_t value_size, TileDirectory *out,
                     Error &err);

    // Ordinals of the extremes of tile t.
    uint32_t min_ordinal(size_t t) const { return load_ordinal(min, t); }
    uint32_t max_ordinal(size_t t) const { return load_ordinal(max, t); }
    bool constant(size_t t) const { return min_ordinal(t) == max_ordinal(t); }
    // Where tile t's payload lies, counted from header.payload_offset, and its bytes.
    size_t payload_begin(size_t t) const
    {
        if (!length)
            return 0;
        const size_t first = t / kTilesOfGroup;
        size_t begin = first == 0 ? 0 : load_le<uint32_t>(group + 4 * (first - 1));
        for (size_t i = first * kTilesOfGroup; i < t; i++)
            begin += load_le<uint16_t>(length + 2 * i);
        return begin;
    }
    size_t payload_length(size_t t) const
    {
        return length ? load_le<uint16_t>(length + 2 * t) : payload_size;
    }
    // Tile t's payload in the whole stored value.
    Bytes payload(Bytes value, size_t t) const
    {
        return value.slice(header->payload_offset + payload_begin(t), payload_length(t));
    }

  private:
    uint32_t load_ordinal(const uint8_t *p, size_t t) const
    {
        switch (header->ordinal_size) {
        case 1:
            return p[t];
        case 2:
            return load_le<uint16_t>(p + 2 * t);
        default:
            return load_le<uint32_t>(p + 4 * t);
        }
    }
};

} // namespace mq
