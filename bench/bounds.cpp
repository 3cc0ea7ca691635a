// How many masks do the bounds leave undecided, and how many would the paper's two bounds alone leave?
//
//   build/bench/bounds data/wildcam-mini [STEP]
//
// Takes every STEP-th map (1: all) at 224 x 224 as f32, cells of 28 x 28. For each kind of filter, the share of (mask, filter)
// pairs with lo <= T < hi in cp(mask, roi, lv, uv) > T, for which pixels have to be read.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "core/chi/bounds.h"
#include "core/mask/codec.h"
#include "maps.h"

using namespace mq;
using namespace mq::bench;

constexpr Shape kShape{224, 224};

struct Filter {
    Roi roi;
    double lv, uv, threshold;
};

static bool undecided(const CountBounds &b, double threshold)
{
    return double(b.lo) <= threshold && double(b.hi) > threshold;
}

struct Tally {
    size_t masks = 0, paper = 0, cells = 0;

    void add(const ChiEntry &entry, const ChiBins &bins, const Filter &f)
    {
        masks++;
        paper += undecided(paper_bounds(entry, bins, f.roi, f.lv, f.uv), f.threshold);
        cells += undecided(chi_bounds(entry, bins, f.roi, f.lv, f.uv), f.threshold);
    }
    void print(const char *name, int32_t bins) const
    {
        printf("| %s | %d | %.1f %% | %.1f %% |\n", name, bins, 100.0 * double(paper) / double(masks),
               100.0 * double(cells) / double(masks));
    }
};

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s DATA_DIRECTORY [STEP]\n", argv[0]);
        return 1;
    }
    std::string directory = argv[1];
    auto maps = read_maps((directory + "/cams.csv").c_str(), argc > 2 ? size_t(atoi(argv[2])) : 1);
    auto boxes = read_boxes((directory + "/boxes.csv").c_str());
    std::mt19937_64 random(1);
    auto uniform = [&] { return double(random() >> 11) * 0x1p-53; };

    printf("%zu maps\n\n| filter | bins | undecided, paper's bounds | undecided, per-cell bounds |\n"
           "| --- | --- | --- | --- |\n",
           maps.size());
    for (int32_t count : {16, 32}) {
        ChiGrid grid{28, 28, 0, 0};
        ChiBins bins;
        equi_width_bins(0, 1, count, &bins);
        size_t size;
        Error err;
        if (!chi_entry_size(grid, bins, kShape, &size, err))
            return 1;
        std::vector<uint8_t> bytes(size);
        Tally any, q1, q2;
        for (const Grid &map : maps) {
            std::vector<float> flat = expand(map, kShape.width);
            ChiEntry entry;
            if (!chi_build_entry_flat(flat.data(), PixelFormat::f32, kShape, Domain{}, grid, bins, bytes.data(), size,
                                      &size, err) ||
                !chi_open_entry(Bytes{bytes.data(), size}, grid, bins, &entry, err))
                return 1;
            for (int i = 0; i < 10; i++) {
                int32_t x[2] = {1 + int32_t(uniform() * 224), 1 + int32_t(uniform() * 224)};
                int32_t y[2] = {1 + int32_t(uniform() * 224), 1 + int32_t(uniform() * 224)};
                double v[2] = {uniform(), uniform()};
                Roi roi{std::min(x[0], x[1]), std::min(y[0], y[1]), std::max(x[0], x[1]), std::max(y[0], y[1])};
                any.add(entry, bins,
                        Filter{roi, std::min(v[0], v[1]), std::max(v[0], v[1]),
                               uniform() * double(clip(roi, 224, 224).area())});
            }
            q1.add(entry, bins, Filter{Roi{50, 50, 200, 200}, 0.6, 1.0, 5000});
            const auto &box = boxes[map.image_id];
            if (!box.empty())
                q2.add(entry, bins, Filter{Roi{box[0], box[1], box[2], box[3]}, 0.8, 1.0, 2000});
        }
        any.print("random roi, range and threshold", count);
        q1.print("cp(mask, roi(50,50,200,200), 0.6, 1.0) > 5000", count);
        q2.print("cp(mask, box, 0.8, 1.0) > 2000", count);
    }
}
