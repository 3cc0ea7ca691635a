// How fast is the core on the real maps?
//
//   build/bench/kernels data/wildcam-mini [STEP]
//
// Takes every STEP-th map (20) at 224 x 224. Answers: what does counting cost once pixels are in
// memory (GB of flat pixels a second), what do encoding and decoding cost (MB of flat pixels a
// second), what does cp cost on a stored mask in memory, how many CHI entries a second are built
// with 1 and 2 threads, against the decoding that this includes, and what do bounds cost.
#include <omp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "core/chi/bounds/bounds.h"
#include "core/mask/codec.h"
#include "core/mask/measure/count.h"
#include "maps.h"

using namespace mq;
using namespace mq::bench;

constexpr Shape kShape{224, 224};
constexpr PixelFormat kFormats[] = {PixelFormat::f32, PixelFormat::f16, PixelFormat::u8,
                                    PixelFormat::u16, PixelFormat::bit};
static volatile uint64_t sink; // keeps results alive

// Best of several rounds, in seconds: on a shared machine the least disturbed one.
template <typename Body> static double best(Body body, double (*clock)() = cpu_now)
{
    double least = 1e9;
    for (int round = 0; round < 7; round++) {
        double start = clock();
        body();
        least = std::min(least, clock() - start);
    }
    return least;
}

struct Stored {
    std::vector<uint64_t> flat;
    std::vector<uint8_t> bytes;
};

static void die(const Error &err)
{
    fprintf(stderr, "%s\n", err.message);
    exit(1);
}

static std::vector<Stored> store(const std::vector<std::vector<float>> &maps, PixelFormat format)
{
    std::vector<Stored> masks;
    std::vector<uint8_t> buffer(encode_bound(format, kShape));
    Error err;
    for (const auto &map : maps) {
        Stored s{convert(map, format), {}};
        size_t size;
        if (!encode_mask(s.flat.data(), format, kShape, Domain{}, buffer.data(), buffer.size(),
                         &size, err))
            die(err);
        s.bytes.assign(buffer.begin(), buffer.begin() + size);
        masks.push_back(s);
    }
    return masks;
}

static void bench_pixels(const std::vector<Stored> &masks, PixelFormat format)
{
    size_t pixel_size = flat_pixel_size(format);
    double flat_bytes = double(masks.size()) * kShape.pixels() * pixel_size;
    OrdinalRange range = ordinal_range(format, Domain{}, 0.3, 1.0);
    // One mask again and again: it stays in the cache, as a decoded tile does.
    double whole = best([&] {
        for (size_t i = 0; i < masks.size(); i++)
            sink = sink + count_pixels(format, masks[0].flat.data(), kShape.width, kShape.width,
                                       kShape.height, range);
    });
    double part = best([&] {
        for (size_t i = 0; i < masks.size(); i++)
            sink = sink + count_pixels(format, masks[0].flat.data(), kShape.width, 100, 100, range);
    });
    std::vector<uint8_t> buffer(encode_bound(format, kShape));
    std::vector<uint64_t> flat(masks[0].flat.size());
    Error err;
    size_t size = 0, stored = 0;
    double encode = best([&] {
        stored = 0;
        for (const Stored &m : masks) {
            if (!encode_mask(m.flat.data(), format, kShape, Domain{}, buffer.data(), buffer.size(),
                             &size, err))
                die(err);
            stored += size;
        }
    });
    double decode = best([&] {
        for (const Stored &m : masks)
            if (!decode_mask(Bytes{m.bytes.data(), m.bytes.size()}, flat.data(), err))
                die(err);
    });
    double count = best([&] {
        uint64_t n;
        for (const Stored &m : masks) {
            if (!count_mask(Bytes{m.bytes.data(), m.bytes.size()}, Roi{50, 50, 200, 200}, 0.6, 1.0,
                            &n, err))
                die(err);
            sink = sink + n;
        }
    });
    printf("| %s | %.1f | %.1f | %zu | %.0f | %.0f | %.0f |\n", format_name(format),
           flat_bytes / whole / 1e9, double(masks.size()) * 100 * 100 * pixel_size / part / 1e9,
           stored / masks.size(), flat_bytes / encode / 1e6, flat_bytes / decode / 1e6,
           double(masks.size()) / count);
}

static void bench_chi(const std::vector<Stored> &masks, PixelFormat format, int32_t bins_count)
{
    ChiGrid grid;
    ChiBins bins;
    equi_width_bins(0, 1, bins_count, &bins);
    Error err;
    size_t entry_size;
    if (!chi_entry_size(grid, bins, kShape, &entry_size, err))
        die(err);
    const double n = double(masks.size());
    std::vector<uint64_t> flat(masks[0].flat.size());
    double decode = best([&] {
        for (const Stored &m : masks) {
            MaskHeader h;
            TileDirectory dir;
            Bytes value{m.bytes.data(), m.bytes.size()};
            alignas(8) uint8_t tile[kMaxTileBytes];
            if (!read_header(value, &h, err) ||
                !TileDirectory::open(h, value, value.size, &dir, err))
                die(err);
            for (size_t t = 0; t < h.tiles(); t++)
                if (!decode_tile(dir, t, dir.payload(value, t), tile, err))
                    die(err);
        }
    });
    double build[3];
    for (int threads : {1, 2}) {
        build[threads] = best(
            [&] {
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4)
                for (size_t i = 0; i < masks.size(); i++) {
                    std::vector<uint8_t> entry(entry_size);
                    size_t size;
                    Error e;
                    if (!chi_build_entry(Bytes{masks[i].bytes.data(), masks[i].bytes.size()}, grid,
                                         bins, entry.data(), entry.size(), &size, e))
                        die(e);
                }
            },
            threads == 1 ? cpu_now : now);
    }
    std::vector<uint8_t> entry(entry_size);
    double flat_build = best([&] {
        size_t size;
        for (const Stored &m : masks)
            if (!chi_build_entry_flat(m.flat.data(), format, kShape, Domain{}, grid, bins,
                                      entry.data(), entry.size(), &size, err))
                die(err);
    });
    ChiEntry opened;
    if (!chi_open_entry(Bytes{entry.data(), entry.size()}, grid, bins, &opened, err))
        die(err);
    double bound = best([&] {
        EdgeSelection edges = select_edges(format, Domain{}, bins, 0.63, 1.0);
        for (int i = 0; i < 10000; i++)
            sink = sink + chi_bounds(opened, edges, Roi{50, 50, 200, 200}).hi;
    });
    printf("| %s | %d | %zu | %.0f | %.0f | %.0f | %.0f | %.0f |\n", format_name(format),
           bins_count, entry_size, n / decode, n / build[1], n / build[2], n / flat_build,
           bound / 10000 * 1e9);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s DATA_DIRECTORY [STEP]\n", argv[0]);
        return 1;
    }
    std::vector<std::vector<float>> maps;
    for (const Grid &g : read_maps((std::string(argv[1]) + "/cams.csv").c_str(),
                                   argc > 2 ? size_t(atoi(argv[2])) : 20))
        maps.push_back(expand(g, kShape.width));
    printf("%zu maps of 224 x 224, one thread unless said otherwise\n\n", maps.size());
    printf("| format | count, whole mask GB/s | count, 100 x 100 GB/s | stored bytes a mask | "
           "encode MB/s | decode MB/s | "
           "cp(mask, roi, 0.6, 1.0) masks/s |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    for (PixelFormat format : kFormats)
        bench_pixels(store(maps, format), format);
    printf("\nCHI of 8 x 8 cells, masks a second:\n\n"
           "| format | bins | entry bytes | decode alone | build | build, 2 threads | build from "
           "flat pixels | bounds ns |\n"
           "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (PixelFormat format : kFormats)
        for (int32_t bins : {16, 32}) {
            if (format == PixelFormat::bit && bins > 16)
                continue;
            bench_chi(store(maps, format), format, bins);
        }
}
