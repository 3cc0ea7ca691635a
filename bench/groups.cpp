// How many masks an aggregation query loads: by the paper's algorithm (sections 3.4 and 3.5), which
// takes the groups one after the other and loads one's masks when its bound beats the k-th value so
// far; and by the order of CHI Group, best bound first. Groups are the two models' masks of an
// image, k = 25.
//
//   build/bench/groups data/wildcam-mini [STEP [QUERIES]]
//
// Takes the images of every STEP-th real map (1: all), expands their maps to 224 x 224 f32 and
// builds entries with cells of 28 x 28 pixels and 16 bins. Queries: the paper's Q4 and Q5, then
// QUERIES (500) random ones each of scalar aggregation (the mean of the two counts, as in section
// 4.3) and of mask aggregation (the count of the pixel-wise minimum, maximum or mean): any
// rectangle, lv < uv from 0.1 .. 0.9, ascending or descending. For a mask aggregation the paper's
// algorithm gets what it asks for, an index over the aggregated masks; without one it loads every
// mask. Ours has none: its bounds come from the members' entries. Every result is compared with
// that of a sort by exact values.
#include <omp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "core/chi/aggregate/aggregate_bounds.h"
#include "core/mask/measure/count.h"
#include "core/mask/ops/sums.h"
#include "load_order.h"
#include "maps.h"

using namespace mq;
using namespace mq::bench;

namespace
{

constexpr int32_t kSide = 224, kCell = 28, kBins = 16, kExtremes = 8;
constexpr PixelFormat kFormat = PixelFormat::f32;

// What is ordered by; all but the first are cp of an aggregated mask.
enum Kind { mean_count, least_mask, most_mask, mean_mask, kKinds };
constexpr MaskAggregate kAggregates[] = {MaskAggregate::intersect, MaskAggregate::intersect,
                                         MaskAggregate::unite, MaskAggregate::mean};

struct Query {
    Kind kind;
    bool object; // the roi is the object's box
    Roi roi;
    double lv, uv;
    bool descending;
};

struct Index {
    ChiGrid grid;
    ChiBins bins;
    size_t entry_size;
};

struct Indexed {
    std::vector<float> pixels;
    std::vector<uint8_t> bytes;
    ChiEntry entry;
};

// The masks of an image, and by kind what a mask aggregate makes of them.
struct Image {
    Roi box;
    std::vector<Indexed> members;
    Indexed aggregated[kKinds];
};

void index_mask(const Index &index, Indexed *mask)
{
    size_t size = 0;
    Error err;
    mask->bytes.resize(index.entry_size);
    require(chi_build_entry_flat(mask->pixels.data(), kFormat, Shape{kSide, kSide}, Domain{},
                                 index.grid, index.bins, mask->bytes.data(), mask->bytes.size(),
                                 &size, err),
            err);
    require(
        chi_open_entry(Bytes{mask->bytes.data(), size}, index.grid, index.bins, &mask->entry, err),
        err);
}

void aggregate(const Index &index, Image *image)
{
    const size_t pixels = size_t{kSide} * kSide;
    std::vector<double> sums(pixels);
    for (int kind = least_mask; kind < kKinds; kind++)
        image->aggregated[kind].pixels = image->members[0].pixels;
    for (const Indexed &member : image->members) {
        add_pixels(kFormat, Domain{}, pixels, member.pixels.data(), 1.0, sums.data());
        for (size_t i = 0; i < pixels; i++) {
            float &least = image->aggregated[least_mask].pixels[i];
            float &most = image->aggregated[most_mask].pixels[i];
            least = std::min(least, member.pixels[i]);
            most = std::max(most, member.pixels[i]);
        }
    }
    Error err;
    require(finish_sums(Domain{}, pixels, sums.data(), double(image->members.size()),
                        image->aggregated[mean_mask].pixels.data(), err),
            err);
    for (int kind = least_mask; kind < kKinds; kind++)
        index_mask(index, &image->aggregated[kind]);
}

int64_t count(const Indexed &mask, const Query &q, const Roi &roi)
{
    const PixelRect rect = clip(roi, kSide, kSide);
    if (rect.empty())
        return 0;
    return int64_t(count_pixels(kFormat, &mask.pixels[size_t(rect.y0) * kSide + rect.x0], kSide,
                                rect.x1 - rect.x0, rect.y1 - rect.y0,
                                ordinal_range(kFormat, Domain{}, q.lv, q.uv)));
}

// Both rungs of the bounds of a mask aggregate from its members' entries.
void bound_aggregate(const Index &index, const Image &image, const Query &q, const Roi &roi,
                     CountBounds out[kRungs])
{
    const AggregateCall call = {
        kAggregates[q.kind], false, false, Comparison{}, 0, roi, q.lv, q.uv};
    std::vector<std::unique_ptr<uint64_t[]>> memory;
    auto take = [&](size_t size) {
        memory.push_back(std::make_unique<uint64_t[]>(size / 8 + 1));
        return memory.back().get();
    };
    std::vector<AggregateMember> members;
    GroupMembers surveyed;
    AggregateLevels levels;
    out[cells] = CountBounds{0, uint64_t{kSide} * kSide};
    for (const Indexed &m : image.members) {
        members.push_back(AggregateMember{&m.entry, &index.bins, Comparison{}, 0, 1});
        if (!survey_member(call, members.back(), &surveyed))
            exit(1);
    }
    GroupBounds bounds;
    if (find_levels(call, surveyed, &levels)) {
        start_aggregate(call, surveyed, levels, false, image.members[0].entry, &bounds);
        start_counts(&bounds, take(counts_size(bounds)));
        std::vector<MemberSets> sets(members.size());
        for (size_t i = 0; i < members.size(); i++) {
            select_sets(bounds, members[i], true, &sets[i]);
            add_counts(&bounds, members[i], sets[i]);
        }
        counted_bounds(bounds, &out[cells]);
        out[tiles] = out[cells];
        if (extremes_size(bounds) > 0) {
            start_extremes(&bounds, take(extremes_size(bounds)));
            for (size_t i = 0; i < members.size(); i++)
                add_extremes(&bounds, members[i], sets[i]);
            judge_tiles(&bounds);
            for (size_t i = 0; i < members.size(); i++)
                add_rest(&bounds, members[i], sets[i]);
            extreme_bounds(bounds, &out[tiles]);
        }
    } else
        out[tiles] = out[cells];
}

void add_bounds(CountBounds *sum, const CountBounds &b)
{
    sum->lo += b.lo;
    sum->hi += b.hi;
}

Known know(const Index &index, const Image &image, const Query &q)
{
    const Roi roi = q.object ? image.box : q.roi;
    CountBounds bounds[kRungs] = {};
    int64_t value = 0;
    if (q.kind == mean_count) {
        // Sums stand for means: all groups are of one size.
        for (const Indexed &m : image.members) {
            add_bounds(&bounds[paper], paper_bounds(m.entry, index.bins, roi, q.lv, q.uv));
            add_bounds(&bounds[cells], chi_bounds(m.entry, index.bins, roi, q.lv, q.uv));
            add_bounds(&bounds[tiles], tile_bounds(m.entry, index.bins, roi, q.lv, q.uv));
            value += count(m, q, roi);
        }
    } else {
        const Indexed &mask = image.aggregated[q.kind];
        bounds[paper] = paper_bounds(mask.entry, index.bins, roi, q.lv, q.uv);
        bound_aggregate(index, image, q, roi, bounds);
        value = count(mask, q, roi);
    }
    Known k = {};
    k.masks = int32_t(image.members.size());
    for (int i = 0; i < kRungs; i++)
        k.set(Rung(i), int64_t(bounds[i].lo), int64_t(bounds[i].hi), value, q.descending);
    return k;
}

Query random_query(Random &random, Kind kind)
{
    Query q = {};
    q.kind = kind;
    const int32_t x[] = {random.between(1, kSide), random.between(1, kSide)};
    const int32_t y[] = {random.between(1, kSide), random.between(1, kSide)};
    q.roi =
        Roi{std::min(x[0], x[1]), std::min(y[0], y[1]), std::max(x[0], x[1]), std::max(y[0], y[1])};
    const int32_t lv = random.between(1, 8);
    q.lv = lv / 10.0;
    q.uv = random.between(lv + 1, 9) / 10.0;
    q.descending = random.between(0, 1) == 1;
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
    const int32_t step = argc > 2 ? std::max(1, atoi(argv[2])) : 1;
    const int random_count = argc > 3 ? std::max(1, atoi(argv[3])) : 500;

    Index index = {};
    index.grid.cell_width = index.grid.cell_height = kCell;
    index.grid.grid_x = index.grid.grid_y = 0;
    index.grid.extremes = kExtremes;
    equi_width_bins(0.0, 1.0, kBins, &index.bins);
    Error err;
    require(chi_entry_size(index.grid, index.bins, Shape{kSide, kSide}, &index.entry_size, err),
            err);

    std::map<int32_t, std::vector<Grid>> images;
    for (Grid &map : read_maps((data + "/cams.csv").c_str(), 1))
        if (map.image_id % step == 0)
            images[map.image_id].push_back(std::move(map));
    const std::vector<std::vector<int32_t>> boxes = read_boxes((data + "/boxes.csv").c_str());

    std::vector<Query> queries = {{mean_count, true, {}, 0.8, 1.0, true},
                                  {least_mask, true, {}, 0.8, 1.0, true}};
    const char *named[] = {"Q4: mean of the counts in the box, [0.8, 1.0), DESC",
                           "Q5: intersection in the box, [0.8, 1.0), DESC"};
    Random random;
    for (int i = 0; i < random_count; i++)
        queries.push_back(random_query(random, mean_count));
    for (int i = 0; i < random_count; i++)
        queries.push_back(random_query(random, Kind(random.between(least_mask, mean_mask))));

    std::vector<std::vector<Known>> known(queries.size(), std::vector<Known>(images.size()));
    std::vector<std::pair<int32_t, const std::vector<Grid> *>> order;
    for (const auto &image : images)
        order.push_back({image.first, &image.second});
#pragma omp parallel for schedule(dynamic)
    for (size_t g = 0; g < order.size(); g++) {
        Image image;
        const std::vector<int32_t> &box = boxes[size_t(order[g].first)];
        image.box = Roi{box[0], box[1], box[2], box[3]};
        for (const Grid &map : *order[g].second) {
            image.members.emplace_back();
            image.members.back().pixels = expand(map, kSide);
            index_mask(index, &image.members.back());
        }
        aggregate(index, &image);
        for (size_t q = 0; q < queries.size(); q++)
            known[q][g] = know(index, image, queries[q]);
    }

    printf("%zu images, two maps of %d x %d f32 each, cells of %d x %d, %d bins, extremes of %d x "
           "%d; k = %zu; masks loaded (share of the paper's). Mask aggregations: the paper's "
           "algorithm has an index over the aggregated masks, ours has none.\n\n",
           images.size(), kSide, kSide, kCell, kCell, kBins, kExtremes, kExtremes, kRows);
    printf("| query | %s\n| --- | --- | --- | --- | --- | --- | --- |\n", kLoadsHead);
    for (size_t i = 0; i < std::size(named); i++)
        print_loads(named[i], count_loads(known[i], false));
    Tally by_kind[kKinds], masks;
    for (size_t i = std::size(named); i < queries.size(); i++) {
        const Tally t = count_loads(known[i], false);
        by_kind[queries[i].kind].add(t);
        if (queries[i].kind != mean_count)
            masks.add(t);
    }
    print_loads("random scalar, mean of the counts, sum", by_kind[mean_count]);
    print_loads("random, intersection, sum", by_kind[least_mask]);
    print_loads("random, union, sum", by_kind[most_mask]);
    print_loads("random, mean of the masks, sum", by_kind[mean_mask]);
    print_loads("random mask aggregations, sum", masks);
}
