// How many masks a query for the highest or lowest intersection over union loads (scenario 3 of the
// demonstration paper): cp(mask_intersect(mask > t), ...) / cp(mask_union(mask > t), ...) of the
// two models' maps of an image, k = 25. The paper's algorithm (section 3.5) takes the images in
// sequence and loads the masks of one when its bound beats the k-th value so far; CHI Group takes
// the best bound first. Both get the same bounds, from the members' entries: two intervals, one
// divided by the other; the share bounded as one; and that with tile extremes.
//
//   build/bench/shares data/wildcam-mini [STEP]
//
// Takes the images of every STEP-th number (1: all), 224 x 224 f32, cells of 28 x 28 pixels,
// extremes by default. Every result is compared with that of a sort by exact values.
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "core/chi/aggregate/aggregate_bounds.h"
#include "load_order.h"
#include "maps.h"

using namespace mq;
using namespace mq::bench;

namespace
{

constexpr int32_t kSide = 224, kCell = 28;
constexpr PixelFormat kFormat = PixelFormat::f32;
constexpr double kScale = 1e12; // shares are compared as whole numbers

// What load_order.h calls the bounds of the paper, of cells and of tiles is here:
constexpr Rung kDivided = paper, kShare = cells, kExtremes = tiles;

struct Indexed {
    std::vector<float> pixels;
    std::vector<uint8_t> bytes;
    ChiEntry entry;
};

struct Memory {
    std::vector<std::unique_ptr<uint64_t[]>> blocks;

    void *take(size_t size)
    {
        blocks.push_back(std::make_unique<uint64_t[]>(size / 8 + 1));
        return blocks.back().get();
    }
};

void require(bool ok)
{
    if (!ok) {
        fprintf(stderr, "bounds are not what they should be\n");
        exit(1);
    }
}

// Bounds of the share, or (kind) of one of the counts it is made of.
struct Bounds {
    RatioBounds counts, extremes;
    CountBounds of_kind;
};

Bounds bound(MaskAggregate kind, bool share, const std::vector<Indexed> &masks, const ChiBins &bins,
             double t)
{
    const AggregateCall call = {kind, true, false, Comparison{}, 0, kFullRoi, 1, INFINITY};
    GroupMembers members;
    AggregateLevels levels;
    GroupBounds group;
    MemberSets sets;
    Memory memory;
    std::vector<AggregateMember> all;
    for (const Indexed &m : masks) {
        all.push_back(AggregateMember{&m.entry, &bins, Comparison::gt, t, 1});
        require(survey_member(call, all.back(), &members));
    }
    require(find_levels(call, members, &levels));
    start_aggregate(call, members, levels, share, masks[0].entry, &group);
    start_counts(&group, memory.take(counts_size(group)));
    select_sets(group, all[0], true, &sets);
    for (const AggregateMember &m : all)
        add_counts(&group, m, sets);
    Bounds b = {};
    uint64_t least;
    if (!share) {
        require(counted_bounds(group, &b.of_kind));
        return b;
    }
    const size_t size = extremes_size(group);
    require(share_bounds(group, false, &b.counts, &least) && size > 0);
    start_extremes(&group, memory.take(size));
    for (const AggregateMember &m : all)
        add_extremes(&group, m, sets);
    judge_tiles(&group);
    for (const AggregateMember &m : all)
        add_rest(&group, m, sets);
    require(share_bounds(group, true, &b.extremes, &least));
    return b;
}

// 0 for an empty union.
double exact_share(const std::vector<Indexed> &masks, double t)
{
    size_t both = 0, any = 0;
    for (size_t i = 0; i < masks[0].pixels.size(); i++) {
        size_t above = 0;
        for (const Indexed &m : masks)
            above += m.pixels[i] > float(t);
        both += above == masks.size();
        any += above > 0;
    }
    return any > 0 ? double(both) / double(any) : 0;
}

Known know(const std::vector<Indexed> &masks, const ChiBins &bins, double t, bool descending)
{
    const CountBounds both = bound(MaskAggregate::intersect, false, masks, bins, t).of_kind,
                      any = bound(MaskAggregate::unite, false, masks, bins, t).of_kind;
    const Bounds b = bound(MaskAggregate::intersect, true, masks, bins, t);
    const int64_t value = int64_t(exact_share(masks, t) * kScale);
    Known k = {};
    k.masks = int32_t(masks.size());
    auto set = [&](Rung rung, double lo, double hi) {
        k.set(rung, int64_t(lo * kScale), int64_t(std::min(hi, 1e6) * kScale), value, descending);
    };
    set(kDivided, any.hi ? double(both.lo) / double(any.hi) : 0,
        both.hi ? double(both.hi) / double(std::max<uint64_t>(any.lo, 1)) : 0);
    set(kShare, b.counts.lo, b.counts.hi);
    set(kExtremes, b.extremes.lo, b.extremes.hi);
    return k;
}

void index_mask(const Grid &map, const ChiBins &bins, Indexed *out)
{
    const Shape shape{kSide, kSide};
    ChiGrid grid;
    grid.grid_x = grid.grid_y = 0;
    grid.cell_width = grid.cell_height = kCell;
    Error err;
    size_t size = 0;
    out->pixels = expand(map, kSide);
    bench::require(chi_entry_size(grid, bins, shape, &size, err), err);
    out->bytes.resize(size);
    bench::require(chi_build_entry_flat(out->pixels.data(), kFormat, shape, Domain{}, grid, bins,
                                        out->bytes.data(), size, &size, err),
                   err);
    bench::require(chi_open_entry(Bytes{out->bytes.data(), size}, grid, bins, &out->entry, err),
                   err);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s DIRECTORY [STEP]\n", argv[0]);
        return 1;
    }
    const int32_t step = argc > 2 ? std::max(1, atoi(argv[2])) : 1;
    std::map<int32_t, std::vector<Grid>> by_image;
    for (Grid &map : read_maps((std::string(argv[1]) + "/cams.csv").c_str(), 1))
        if (map.image_id % step == 0)
            by_image[map.image_id].push_back(std::move(map));
    std::vector<const std::vector<Grid> *> images;
    for (const auto &image : by_image)
        images.push_back(&image.second);

    struct Query {
        double t;
        bool descending;
    };
    const Query queries[] = {{0.5, false}, {0.5, true},  {0.7, false},
                             {0.7, true},  {0.8, false}, {0.8, true}};
    printf(
        "%zu images, two maps of %d x %d f32 each, cells of %d x %d; k = %zu; masks loaded. In "
        "sequence, or best first; from two intervals, one bounded share, and with extremes.\n\n"
        "| mask > | order | bins | sequence, two | sequence, share | sequence, extremes | best, "
        "two | best, share | best, extremes |\n| --- | --- | --- | --- | --- | --- | --- | --- | "
        "--- |\n",
        images.size(), kSide, kSide, kCell, kCell, kRows);
    for (int32_t count : {16, 20, 32}) {
        ChiBins bins;
        equi_width_bins(0.0, 1.0, count, &bins);
        std::vector<std::vector<Known>> known(std::size(queries),
                                              std::vector<Known>(images.size()));
#pragma omp parallel for schedule(dynamic)
        for (size_t i = 0; i < images.size(); i++) {
            std::vector<Indexed> masks(images[i]->size());
            for (size_t m = 0; m < masks.size(); m++)
                index_mask((*images[i])[m], bins, &masks[m]);
            for (size_t q = 0; q < std::size(queries); q++)
                known[q][i] = know(masks, bins, queries[q].t, queries[q].descending);
        }
        for (size_t q = 0; q < std::size(queries); q++) {
            const Tally t = count_loads(known[q], false);
            printf("| %.1f | %s | %d |", queries[q].t, queries[q].descending ? "DESC" : "ASC",
                   count);
            for (const size_t *loads : {t.sequential, t.best_first})
                printf(" %zu | %zu | %zu |", loads[kDivided], loads[kShare], loads[kExtremes]);
            printf("\n");
        }
    }
}
