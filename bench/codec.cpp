// Which codec, shuffle and tile size for stored masks?
//
//   build/bench/codec data/wildcam-mini/cams.csv [STEP]
//
// Takes every STEP-th real map (20), expands it to 224 x 224, and for each pixel format, tile size
// and codec prints the bytes of one stored mask (header and directory included; constant tiles have
// no payload; a tile that does not shrink stays raw) and the speed of encoding and decoding in MB
// of raw payload a second, on one thread.
#include <blosc.h>
#include <lz4.h>
#include <zstd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/mask/codec.h"
#include "core/mask/measure/extremes.h"
#include "core/mask/tile_codec.h"
#include "maps.h"

using namespace mq;
using namespace mq::bench;

constexpr int32_t kSide = 224;

struct Codec {
    const char *name;
    const char *compressor; // of c-blosc, or null
    int shuffle, level;
    bool row_differences = false;
};
static const Codec kCodecs[] = {
    {"raw", nullptr, 0, 0},
    {"LZ4", nullptr, 0, 1},
    {"ZSTD 1", nullptr, 0, 2},
    {"blosc lz4 5", BLOSC_LZ4_COMPNAME, BLOSC_NOSHUFFLE, 5},
    {"blosc lz4 5 shuffle", BLOSC_LZ4_COMPNAME, BLOSC_SHUFFLE, 5},
    {"blosc lz4 9 shuffle", BLOSC_LZ4_COMPNAME, BLOSC_SHUFFLE, 9},
    {"blosc lz4 9 bitshuffle", BLOSC_LZ4_COMPNAME, BLOSC_BITSHUFFLE, 9},
    {"blosc blosclz 5 shuffle", BLOSC_BLOSCLZ_COMPNAME, BLOSC_SHUFFLE, 5},
    {"blosc zstd 1", BLOSC_ZSTD_COMPNAME, BLOSC_NOSHUFFLE, 1},
    {"blosc zstd 1 shuffle", BLOSC_ZSTD_COMPNAME, BLOSC_SHUFFLE, 1},
    {"blosc zstd 1 bitshuffle", BLOSC_ZSTD_COMPNAME, BLOSC_BITSHUFFLE, 1},
    {"blosc zstd 2 shuffle", BLOSC_ZSTD_COMPNAME, BLOSC_SHUFFLE, 2}, // ZSTD level 3
    {"rows, LZ4", nullptr, 0, 1, true},
    {"rows, blosc lz4 5 shuffle", BLOSC_LZ4_COMPNAME, BLOSC_SHUFFLE, 5, true},
    {"rows, blosc lz4 9 shuffle", BLOSC_LZ4_COMPNAME, BLOSC_SHUFFLE, 9, true},
    {"rows, blosc lz4 9 bitshuffle", BLOSC_LZ4_COMPNAME, BLOSC_BITSHUFFLE, 9, true},
    {"rows, blosc zstd 1 shuffle", BLOSC_ZSTD_COMPNAME, BLOSC_SHUFFLE, 1, true},
};

struct Tile {
    size_t width, height, size; // size of the raw payload
};

static size_t compress(const Codec &c, PixelFormat format, const uint8_t *pixels, const Tile &tile,
                       uint8_t *out)
{
    alignas(8) static uint8_t differences[4 * 256 * 256];
    const uint8_t *raw = pixels;
    size_t size = tile.size, type_size = flat_pixel_size(format);
    if (c.row_differences && format != PixelFormat::bit) {
        subtract_rows(format, pixels, tile.width, tile.height, differences);
        raw = differences;
    }
    int n = 0;
    if (c.compressor)
        n = blosc_compress_ctx(c.level, c.shuffle, type_size, size, raw, out, size - 1,
                               c.compressor, 0, 1);
    else if (c.level == 1)
        n = LZ4_compress_default(reinterpret_cast<const char *>(raw), reinterpret_cast<char *>(out),
                                 int(size), int(size) - 1);
    else if (c.level == 2) {
        size_t s = ZSTD_compress(out, size - 1, raw, size, 1);
        n = ZSTD_isError(s) ? 0 : int(s);
    }
    if (n > 0)
        return size_t(n);
    memcpy(out, pixels, size);
    return size;
}

static void decompress(const Codec &c, PixelFormat format, const uint8_t *in, size_t in_size,
                       uint8_t *raw, const Tile &tile)
{
    size_t size = tile.size;
    if (in_size == size) {
        memcpy(raw, in, size);
        return;
    }
    if (c.compressor)
        blosc_decompress_ctx(in, raw, size, 1);
    else if (c.level == 1)
        LZ4_decompress_safe(reinterpret_cast<const char *>(in), reinterpret_cast<char *>(raw),
                            int(in_size), int(size));
    else
        ZSTD_decompress(raw, size, in, in_size);
    if (c.row_differences && format != PixelFormat::bit)
        add_rows(format, raw, tile.width, tile.height);
}

// The raw payloads of all tiles that are not constant, one after the other.
struct Tiles {
    std::vector<uint8_t> raw;
    std::vector<Tile> tiles;
    size_t directory = 0; // header and directory of all masks
};

static Tiles cut(const std::vector<std::vector<uint64_t>> &masks, PixelFormat format, Shape shape)
{
    Tiles tiles;
    MaskHeader h = make_header(format, Shape{kSide, kSide}, Domain{});
    h.tile_width = shape.width;
    h.tile_height = shape.height;
    h.tiles_x = (kSide + shape.width - 1) / shape.width;
    h.tiles_y = (kSide + shape.height - 1) / shape.height;
    for (const auto &mask : masks) {
        tiles.directory += kMaskHeaderSize + tile_directory_size(h.tiles(), h.ordinal_size);
        for (size_t t = 0; t < h.tiles(); t++) {
            alignas(8) static uint8_t pixels[4 * 256 * 256];
            PixelRect rect = h.tile_rect(t);
            size_t count = size_t(rect.area());
            cut_tile(h, mask.data(), t, pixels);
            OrdinalExtremes e = find_extremes(format, pixels, count);
            if (e.min == e.max)
                continue;
            size_t size = raw_tile_size(format, count), start = tiles.raw.size();
            tiles.raw.resize(start + size);
            if (format == PixelFormat::bit)
                pack_bits(pixels, count, &tiles.raw[start]);
            else
                memcpy(&tiles.raw[start], pixels, size);
            tiles.tiles.push_back(Tile{size_t(rect.x1 - rect.x0), size_t(rect.y1 - rect.y0), size});
        }
    }
    return tiles;
}

static void measure(const Codec &c, const Tiles &tiles, PixelFormat format, Shape shape,
                    size_t masks)
{
    std::vector<uint8_t> encoded(tiles.raw.size()), decoded(tiles.raw.size());
    std::vector<size_t> sizes(tiles.tiles.size());
    double encode_time = 1e9, decode_time = 1e9;
    size_t total = 0;
    for (int round = 0; round < 3; round++) {
        double start = cpu_now();
        size_t in = 0, out = 0;
        for (size_t t = 0; t < tiles.tiles.size(); t++) {
            sizes[t] = compress(c, format, &tiles.raw[in], tiles.tiles[t], &encoded[out]);
            in += tiles.tiles[t].size;
            out += sizes[t];
        }
        encode_time = std::min(encode_time, cpu_now() - start);
        total = out;
        start = cpu_now();
        in = out = 0;
        for (size_t t = 0; t < tiles.tiles.size(); t++) {
            decompress(c, format, &encoded[out], sizes[t], &decoded[in], tiles.tiles[t]);
            in += tiles.tiles[t].size;
            out += sizes[t];
        }
        decode_time = std::min(decode_time, cpu_now() - start);
    }
    if (decoded != tiles.raw) {
        fprintf(stderr, "%s does not decode what it encoded\n", c.name);
        exit(1);
    }
    double mb = double(tiles.raw.size()) / 1e6;
    printf("| %s | %d x %d | %s | %.0f | %.0f | %.0f |\n", format_name(format), shape.width,
           shape.height, c.name, double(total + tiles.directory) / double(masks), mb / encode_time,
           mb / decode_time);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s cams.csv [STEP]\n", argv[0]);
        return 1;
    }
    std::vector<std::vector<float>> maps;
    for (const Grid &g : read_maps(argv[1], argc > 2 ? size_t(atoi(argv[2])) : 20))
        maps.push_back(expand(g, kSide));
    printf("%zu maps of %d x %d, c-blosc %s, LZ4 %s, ZSTD %s\n\n", maps.size(), kSide, kSide,
           BLOSC_VERSION_STRING, LZ4_VERSION_STRING, ZSTD_VERSION_STRING);
    printf("| format | tile | codec | bytes a mask | encode MB/s | decode MB/s |\n| --- | --- | "
           "--- | --- | --- | --- |\n");
    for (PixelFormat format : {PixelFormat::f32, PixelFormat::f16, PixelFormat::u8,
                               PixelFormat::u16, PixelFormat::bit}) {
        std::vector<std::vector<uint64_t>> masks;
        for (const auto &map : maps)
            masks.push_back(convert(map, format));
        for (Shape shape :
             {Shape{16, 16}, Shape{32, 32}, Shape{64, 32}, Shape{64, 64}, Shape{128, 128}}) {
            if (shape.width > 64 && format != PixelFormat::bit)
                continue;
            Tiles tiles = cut(masks, format, shape);
            for (const Codec &c : kCodecs)
                measure(c, tiles, format, shape, masks.size());
        }
    }
}
