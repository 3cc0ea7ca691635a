// How many masks a top-k query loads: by the paper's algorithm (section 3.5), which takes the masks
// one after the other and loads one when its bound beats the k-th value so far, and by the order of
// CHI Top-K (src/nodes/topk/topk.md), best bound first; each with the paper's bounds and with ours.
//
//   build/bench/topk data/wildcam-mini [STEP [QUERIES]]
//
// Takes every STEP-th real map (1: all), expands it to 224 x 224 f32 and builds its entry with
// cells of 28 x 28 pixels and 16 bins. Queries, k = 25: the paper's Q3 and variants of it, then
// QUERIES (500) random ones as in its section 4.3: any rectangle, lv < uv from 0.1 .. 0.9,
// ascending or descending. The result of every algorithm is compared with a sort of the exact
// values.
#include <omp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/chi/bounds/bounds.h"
#include "core/mask/measure/count.h"
#include "load_order.h"
#include "maps.h"

using namespace mq;
using namespace mq::bench;

namespace
{

constexpr int32_t kSide = 224, kCell = 28, kBins = 16, kExtremes = 8;
constexpr PixelFormat kFormat = PixelFormat::f32;

struct Query {
    Roi roi;
    double lv, uv;
    bool descending;
    int model; // 0: both
};

Known know(const Query &q, const ChiEntry &entry, const ChiBins &bins,
           const std::vector<float> &pixels)
{
    const CountBounds bounds[kRungs] = {paper_bounds(entry, bins, q.roi, q.lv, q.uv),
                                        chi_bounds(entry, bins, q.roi, q.lv, q.uv),
                                        tile_bounds(entry, bins, q.roi, q.lv, q.uv)};
    PixelRect rect = clip(q.roi, kSide, kSide);
    int64_t count = int64_t(count_pixels(kFormat, &pixels[size_t(rect.y0) * kSide + rect.x0], kSide,
                                         rect.x1 - rect.x0, rect.y1 - rect.y0,
                                         ordinal_range(kFormat, Domain{}, q.lv, q.uv)));
    Known k = {};
    k.masks = 1;
    for (int i = 0; i < kRungs; i++)
        k.set(Rung(i), int64_t(bounds[i].lo), int64_t(bounds[i].hi), count, q.descending);
    return k;
}

Query random_query(Random &random)
{
    Query q;
    int32_t x[] = {random.between(1, kSide), random.between(1, kSide)};
    int32_t y[] = {random.between(1, kSide), random.between(1, kSide)};
    q.roi =
        Roi{std::min(x[0], x[1]), std::min(y[0], y[1]), std::max(x[0], x[1]), std::max(y[0], y[1])};
    int32_t lv = random.between(1, 8);
    q.lv = lv / 10.0;
    q.uv = random.between(lv + 1, 9) / 10.0;
    q.descending = random.between(0, 1) == 1;
    q.model = 0;
    return q;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s DIRECTORY [STEP [QUERIES]]\n", argv[0]);
        return 1;
    }
    const std::string data = argv[1];
    const size_t step = argc > 2 ? size_t(std::max(1, atoi(argv[2]))) : 1;
    const size_t random_count = argc > 3 ? size_t(std::max(1, atoi(argv[3]))) : 500;
    const std::vector<Grid> maps = read_maps((data + "/cams.csv").c_str(), step);

    const Roi middle{50, 50, 200, 200};
    const struct {
        const char *name;
        Query query;
    } named[] = {
        {"Q3: middle, [0.8, 1.0), model 1, DESC", {middle, 0.8, 1.0, true, 1}},
        {"Q3 with both models", {middle, 0.8, 1.0, true, 0}},
        {"Q3 with [0.6, 1.0)", {middle, 0.6, 1.0, true, 1}},
        {"Q3, ASC", {middle, 0.8, 1.0, false, 1}},
        {"the demo's: full mask, [0.2, 0.6), DESC", {kFullRoi, 0.2, 0.6, true, 0}},
        {"full mask, [0.5, 1.0), DESC: edges of bins", {kFullRoi, 0.5, 1.0, true, 0}},
    };
    std::vector<Query> queries;
    for (const auto &n : named)
        queries.push_back(n.query);
    Random random;
    for (size_t i = 0; i < random_count; i++)
        queries.push_back(random_query(random));

    ChiGrid grid;
    grid.grid_x = grid.grid_y = 0;
    grid.cell_width = grid.cell_height = kCell;
    grid.extremes = kExtremes;
    ChiBins bins;
    equi_width_bins(0.0, 1.0, kBins, &bins);
    size_t entry_size;
    Error err;
    require(chi_entry_size(grid, bins, Shape{kSide, kSide}, &entry_size, err), err);

    std::vector<std::vector<Known>> known(queries.size(), std::vector<Known>(maps.size()));
#pragma omp parallel for schedule(dynamic)
    for (size_t m = 0; m < maps.size(); m++) {
        const std::vector<float> pixels = expand(maps[m], kSide);
        std::vector<uint8_t> bytes(entry_size);
        size_t size = 0;
        ChiEntry entry;
        Error failed;
        require(chi_build_entry_flat(pixels.data(), kFormat, Shape{kSide, kSide}, Domain{}, grid,
                                     bins, bytes.data(), bytes.size(), &size, failed),
                failed);
        require(chi_open_entry(Bytes{bytes.data(), size}, grid, bins, &entry, failed), failed);
        for (size_t q = 0; q < queries.size(); q++)
            if (queries[q].model == 0 || queries[q].model == maps[m].model_id)
                known[q][m] = know(queries[q], entry, bins, pixels);
    }

    printf(
        "%zu maps of %d x %d f32, cells of %d x %d, %d bins, extremes of %d x %d; k = %zu; masks "
        "loaded (share of the paper's)\n\n",
        maps.size(), kSide, kSide, kCell, kCell, kBins, kExtremes, kExtremes, kRows);
    printf("| query | %s\n| --- | --- | --- | --- | --- | --- | --- |\n", kLoadsHead);
    for (size_t i = 0; i < std::size(named); i++)
        print_loads(named[i].name, count_loads(known[i], true));
    Tally ascending, descending;
    for (size_t i = std::size(named); i < queries.size(); i++)
        (queries[i].descending ? descending : ascending).add(count_loads(known[i], true));
    print_loads("random, DESC, sum", descending);
    print_loads("random, ASC, sum", ascending);
    descending.add(ascending);
    print_loads("random, sum", descending);
}
