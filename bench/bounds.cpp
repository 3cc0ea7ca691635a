// How many masks do the bounds of a CHI leave undecided: the paper's two bounds (section 3.2.1),
// per-cell bounds, and these narrowed by tile extremes?
//
//   build/bench/bounds data/wildcam-mini [STEP [FILTERS]]
//
// Takes every STEP-th real map (1: all), expands it to 224 x 224 f32, builds its entry with cells
// of 28 x 28 pixels in the default configuration and in one that takes no more than the paper's
// layout with 16 bins, and puts these filters cp(mask, roi, lv, uv) > T to it:
//   Q1      the paper's constant roi, several value ranges and thresholds, model 1 and both models
//   Q2      roi = the object's box, values in [0.8, 1.0], several thresholds
//   random  FILTERS (500) filters of each kind, as in the paper's section 4.3: lv < uv from
//           0.1 .. 0.9, T random
// A mask is undecided when lo <= T < hi: its pixels would have to be read. Every exact count is
// computed as well, and the program fails when one lies outside its bounds or when bounds are
// looser than those of the rung before.
#include <omp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "core/chi/bounds/bounds.h"
#include "core/mask/measure/count.h"
#include "maps.h"

using namespace mq;
using namespace mq::bench;

namespace
{

constexpr int32_t kSide = 224, kCell = 28;
constexpr PixelFormat kFormat = PixelFormat::f32;
struct Configuration {
    int32_t bins, extremes;
};
constexpr Configuration kConfigurations[] = {{16, 8}, {32, 6}};
constexpr int kIndexes = 2;

enum class RoiKind { constant, box };

struct Filter {
    RoiKind kind;
    Roi roi; // when constant
    double lv, uv;
    double threshold;
    bool relative; // threshold is a share of the roi's area
    int model;     // 0: both
};

struct Tally {
    long masks = 0, rows = 0;
    long paper[kIndexes] = {}, cells[kIndexes] = {}, tiles[kIndexes] = {}; // undecided

    void add(const Tally &other)
    {
        masks += other.masks;
        rows += other.rows;
        for (int i = 0; i < kIndexes; i++) {
            paper[i] += other.paper[i];
            cells[i] += other.cells[i];
            tiles[i] += other.tiles[i];
        }
    }
};

struct Index {
    ChiGrid grid;
    ChiBins bins;
    size_t entry_size;
};

void require(bool ok, const Error &err)
{
    if (!ok) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
}

Index make_index(const Configuration &configuration)
{
    Index index;
    index.grid.grid_x = index.grid.grid_y = 0;
    index.grid.cell_width = index.grid.cell_height = kCell;
    index.grid.extremes = configuration.extremes;
    equi_width_bins(0.0, 1.0, configuration.bins, &index.bins);
    Error err;
    require(chi_entry_size(index.grid, index.bins, Shape{kSide, kSide}, &index.entry_size, err),
            err);
    return index;
}

// Plain numbers from a seed that is the same on every machine; std's distributions are not.
struct Random {
    std::mt19937_64 engine{20240711};

    int32_t between(int32_t lo, int32_t hi)
    {
        return lo + int32_t(engine() % uint64_t(hi - lo + 1));
    }
    double share() { return double(engine() >> 11) / 9007199254740992.0; }
};

Filter random_filter(Random &random, RoiKind kind)
{
    Filter f{kind, kFullRoi, 0, 0, 0, true, 0};
    int32_t lv = random.between(1, 8);
    f.lv = lv / 10.0;
    f.uv = random.between(lv + 1, 9) / 10.0;
    if (kind == RoiKind::constant) {
        int32_t x[] = {random.between(1, kSide), random.between(1, kSide)};
        int32_t y[] = {random.between(1, kSide), random.between(1, kSide)};
        f.roi = Roi{std::min(x[0], x[1]), std::min(y[0], y[1]), std::max(x[0], x[1]),
                    std::max(y[0], y[1])};
    }
    f.threshold = random.share();
    return f;
}

bool undecided(const CountBounds &b, double threshold)
{
    return double(b.lo) <= threshold && double(b.hi) > threshold;
}

// One map with its entries, asked by every filter.
struct Subject {
    const Grid *map;
    Roi box;
    std::vector<float> pixels;
    std::vector<uint8_t> bytes[kIndexes];
    ChiEntry entries[kIndexes];

    void load(const Grid &grid, const Index *indexes,
              const std::vector<std::vector<int32_t>> &boxes);
    void ask(const Filter &filter, const Index *indexes, Tally *tally) const;
};

void Subject::load(const Grid &grid, const Index *indexes,
                   const std::vector<std::vector<int32_t>> &boxes)
{
    map = &grid;
    const std::vector<int32_t> &b = boxes.at(size_t(grid.image_id));
    box = Roi{b.at(0), b.at(1), b.at(2), b.at(3)};
    pixels = expand(grid, kSide);
    Error err;
    for (int i = 0; i < kIndexes; i++) {
        const Index &index = indexes[i];
        size_t size = 0;
        bytes[i].resize(index.entry_size);
        require(chi_build_entry_flat(pixels.data(), kFormat, Shape{kSide, kSide}, Domain{},
                                     index.grid, index.bins, bytes[i].data(), bytes[i].size(),
                                     &size, err),
                err);
        require(
            chi_open_entry(Bytes{bytes[i].data(), size}, index.grid, index.bins, &entries[i], err),
            err);
    }
}

void Subject::ask(const Filter &filter, const Index *indexes, Tally *tally) const
{
    if (filter.model != 0 && filter.model != map->model_id)
        return;
    const Roi &roi = filter.kind == RoiKind::box ? box : filter.roi;
    PixelRect rect = clip(roi, kSide, kSide);
    double threshold = filter.relative ? filter.threshold * double(rect.area()) : filter.threshold;
    uint64_t exact =
        count_pixels(kFormat, &pixels[size_t(rect.y0) * kSide + rect.x0], kSide, rect.x1 - rect.x0,
                     rect.y1 - rect.y0, ordinal_range(kFormat, Domain{}, filter.lv, filter.uv));
    tally->masks++;
    tally->rows += double(exact) > threshold;
    for (int i = 0; i < kIndexes; i++) {
        CountBounds paper = paper_bounds(entries[i], indexes[i].bins, roi, filter.lv, filter.uv);
        CountBounds cells = chi_bounds(entries[i], indexes[i].bins, roi, filter.lv, filter.uv);
        CountBounds tiles = tile_bounds(entries[i], indexes[i].bins, roi, filter.lv, filter.uv);
        if (!(paper.lo <= cells.lo && cells.lo <= tiles.lo && tiles.lo <= exact &&
              exact <= tiles.hi && tiles.hi <= cells.hi && cells.hi <= paper.hi)) {
            fprintf(stderr,
                    "image %d, model %d, roi (%d,%d,%d,%d), [%g, %g), %d bins: exact %lu, bounds "
                    "with extremes [%lu, %lu], per cell [%lu, %lu], the paper's [%lu, %lu]\n",
                    map->image_id, map->model_id, roi.x1, roi.y1, roi.x2, roi.y2, filter.lv,
                    filter.uv, indexes[i].bins.bins, (unsigned long)exact, (unsigned long)tiles.lo,
                    (unsigned long)tiles.hi, (unsigned long)cells.lo, (unsigned long)cells.hi,
                    (unsigned long)paper.lo, (unsigned long)paper.hi);
            exit(1);
        }
        tally->tiles[i] += undecided(tiles, threshold);
        tally->paper[i] += undecided(paper, threshold);
        tally->cells[i] += undecided(cells, threshold);
    }
}

// Every map is expanded once and asked all filters, so that no more than a map a thread is in
// memory.
std::vector<Tally> run(const std::vector<Filter> &filters, const Index *indexes,
                       const std::vector<Grid> &maps,
                       const std::vector<std::vector<int32_t>> &boxes)
{
    std::vector<Tally> total(filters.size());
#pragma omp parallel
    {
        std::vector<Tally> mine(filters.size());
        Subject subject;
#pragma omp for schedule(dynamic)
        for (size_t m = 0; m < maps.size(); m++) {
            subject.load(maps[m], indexes, boxes);
            for (size_t f = 0; f < filters.size(); f++)
                subject.ask(filters[f], indexes, &mine[f]);
        }
#pragma omp critical
        for (size_t f = 0; f < filters.size(); f++)
            total[f].add(mine[f]);
    }
    return total;
}

double percent(long part, long whole)
{
    return whole > 0 ? 100.0 * double(part) / double(whole) : 0;
}

void print_row(const Tally &t)
{
    printf(" %ld | %ld |", t.masks, t.rows);
    for (int i = 0; i < kIndexes; i++)
        printf(" %ld (%.1f %%) | %ld (%.1f %%) | %ld (%.1f %%) |", t.paper[i],
               percent(t.paper[i], t.masks), t.cells[i], percent(t.cells[i], t.masks), t.tiles[i],
               percent(t.tiles[i], t.masks));
    printf("\n");
}

void print_head(const char *columns, int count)
{
    printf("\n| %s | masks | rows |", columns);
    for (const Configuration &c : kConfigurations)
        printf(" paper's bounds, %d bins | per-cell, %d bins | with %d x %d extremes, %d bins |",
               c.bins, c.bins, c.extremes, c.extremes, c.bins);
    printf("\n|");
    for (int i = 0; i < count + 2 + 3 * kIndexes; i++)
        printf(" --- |");
    printf("\n");
}

void print_entries(const Index *indexes)
{
    const size_t cells = size_t(kSide / kCell) * (kSide / kCell);
    printf("\n| bins | extremes | bytes of an entry | the paper's 4 x bins x cells | share |\n"
           "| --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < kIndexes; i++) {
        const Configuration &c = kConfigurations[i];
        size_t paper = 4 * size_t(c.bins) * cells;
        printf("| %d | %d x %d | %zu | %zu | %.2f |\n", c.bins, c.extremes, c.extremes,
               indexes[i].entry_size, paper, double(indexes[i].entry_size) / double(paper));
    }
}

std::vector<Filter> q1_filters()
{
    const double ranges[][2] = {{0.6, 1.0}, {0.8, 1.0}, {0.3, 0.7}};
    std::vector<Filter> filters;
    for (int model : {1, 0})
        for (const auto &r : ranges)
            for (double t : {500, 2000, 5000, 10000})
                filters.push_back(
                    Filter{RoiKind::constant, Roi{50, 50, 200, 200}, r[0], r[1], t, false, model});
    return filters;
}

std::vector<Filter> q2_filters()
{
    std::vector<Filter> filters;
    for (int model : {1, 0})
        for (double t : {100, 500, 2000, 5000, 15000})
            filters.push_back(Filter{RoiKind::box, kFullRoi, 0.8, 1.0, t, false, model});
    return filters;
}

void print_filters(const char *title, const std::vector<Filter> &filters, const Tally *tallies)
{
    printf("\n%s\n", title);
    print_head("models | [lv, uv) | T", 3);
    for (size_t i = 0; i < filters.size(); i++) {
        printf("| %s | %g, %g | %g |", filters[i].model ? "1" : "1, 2", filters[i].lv,
               filters[i].uv, filters[i].threshold);
        print_row(tallies[i]);
    }
}

// A random family in one line: sums over its filters.
void print_family(const char *name, const Tally *tallies, size_t count)
{
    Tally sum;
    for (size_t i = 0; i < count; i++)
        sum.add(tallies[i]);
    printf("| %s |", name);
    print_row(sum);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s DIRECTORY [STEP [FILTERS]]\n", argv[0]);
        return 1;
    }
    const std::string data = argv[1];
    const size_t step = argc > 2 ? size_t(std::max(1, atoi(argv[2]))) : 1;
    const size_t random_count = argc > 3 ? size_t(std::max(1, atoi(argv[3]))) : 500;
    const std::vector<Grid> maps = read_maps((data + "/cams.csv").c_str(), step);
    const std::vector<std::vector<int32_t>> boxes = read_boxes((data + "/boxes.csv").c_str());
    const Index indexes[kIndexes] = {make_index(kConfigurations[0]),
                                     make_index(kConfigurations[1])};

    const std::vector<Filter> q1 = q1_filters(), q2 = q2_filters();
    std::vector<Filter> filters = q1;
    filters.insert(filters.end(), q2.begin(), q2.end());
    Random random;
    for (size_t i = 0; i < random_count; i++)
        filters.push_back(random_filter(random, RoiKind::box));
    // The paper's T reaches up to all pixels of a mask; most of those lie above a box's area and
    // decide nothing.
    for (size_t i = 0; i < random_count; i++) {
        Filter f = random_filter(random, RoiKind::box);
        f.relative = false;
        f.threshold = random.between(0, kSide * kSide);
        filters.push_back(f);
    }
    for (size_t i = 0; i < random_count; i++)
        filters.push_back(random_filter(random, RoiKind::constant));

    const std::vector<Tally> tallies = run(filters, indexes, maps, boxes);
    printf("%zu maps of %d x %d f32, cells of %d x %d; undecided masks by bound\n", maps.size(),
           kSide, kSide, kCell, kCell);
    print_entries(indexes);
    print_filters("Q1: cp(mask, roi(50, 50, 200, 200), lv, uv) > T", q1, &tallies[0]);
    print_filters("Q2: cp(mask, box, lv, uv) > T", q2, &tallies[q1.size()]);
    printf("\nRandom filters, %zu of each kind, sums over all\n", random_count);
    print_head("roi, T", 1);
    const Tally *families = &tallies[q1.size() + q2.size()];
    print_family("object's box, T up to the box's area", families, random_count);
    print_family("object's box, T up to the mask's pixels", families + random_count, random_count);
    print_family("one random box a filter, T up to its area", families + 2 * random_count,
                 random_count);
}
