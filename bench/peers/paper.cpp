// What the paper's algorithm would load: its index (paper_chi.h), its filter stage and its top-k
// (section 3.5: masks one after another, loaded unless the bound cannot beat the k-th value so
// far), on the generated maps of one data set.
//
//   build/bench/paper SIDE IMAGES RANDOM DIRECTORY CELL:BINS...
//
// Writes DIRECTORY/queries: the paper's Q1-Q5 and RANDOM queries of each type of its section 4.3,
// tab-separated, one line a query and index:
//   index, kind, number, lv, uv, x1, y1, x2, y2, T, order, masks, loaded, answer
// The box is empty where the roi is the object's. loaded: masks whose pixels the algorithm reads.
// answer: rows of a filter, the sum of the 25 values of a top-k; maskquery must find the same.
// DIRECTORY/loaded: index, kind, mask_id of every mask that Q1-Q5 load.
// Standard output: index, bytes of an entry, nanoseconds a mask of Q1's bounds with all entries in
// memory.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "../families.h"
#include "../maps.h"
#include "core/mask/measure/count.h"
#include "paper_chi.h"

using namespace mq;
using namespace mq::bench;

namespace
{

constexpr size_t kTop = 25;
constexpr int32_t kBlock = 64; // images in memory at once

enum class Kind { filter, top, mean, intersect };

struct Query {
    std::string name;
    int number = 0;
    Kind kind = Kind::filter;
    bool object = false; // the roi is the object's box
    Roi roi{};
    double lv = 0, uv = 0;
    int64_t threshold = 0;
    bool descending = true;
};

// One query on one index, while the images pass by.
struct Run {
    const Query *query;
    size_t index;
    int64_t masks = 0, loaded = 0, rows = 0;
    std::multiset<int64_t> top; // of values, or of their negatives where the least are wanted
    std::vector<int32_t> loaded_masks;
};

struct Picture {
    Roi box;
    int32_t image_id;
    std::vector<float> maps[3];                 // of the two models, and their pixel-wise minimum
    std::vector<std::vector<PaperChi>> entries; // [index][map]
};

int64_t exact(const std::vector<float> &map, int32_t side, const PixelRect &rect, const Query &q)
{
    if (rect.empty())
        return 0;
    return int64_t(count_pixels(PixelFormat::f32, &map[size_t(rect.y0) * side + rect.x0],
                                size_t(side), rect.x1 - rect.x0, rect.y1 - rect.y0,
                                ordinal_range(PixelFormat::f32, Domain{}, q.lv, q.uv)));
}

// The sum of the counts over the maps that a query asks of a picture, bounded or exact.
struct Asked {
    int first, count;
};
Asked maps_of(Kind kind)
{
    if (kind == Kind::mean)
        return Asked{0, 2};
    return Asked{kind == Kind::intersect ? 2 : 0, 1};
}

void ask(const PaperGrid &grid, const Picture &picture, Run *run)
{
    const Query &q = *run->query;
    const PixelRect rect = clip(q.object ? picture.box : q.roi, grid.side, grid.side);
    const Asked asked = maps_of(q.kind);
    PaperBounds sum{0, 0};
    for (int i = 0; i < asked.count; i++) {
        const PaperBounds b =
            picture.entries[run->index][size_t(asked.first + i)].bounds(grid, rect, q.lv, q.uv);
        sum.lo += b.lo;
        sum.hi += b.hi;
    }
    const int64_t members = q.kind == Kind::filter || q.kind == Kind::top ? 1 : 2;
    run->masks += members;
    if (q.kind == Kind::filter) {
        if (sum.lo > q.threshold || sum.hi <= q.threshold) {
            run->rows += sum.lo > q.threshold;
            return;
        }
    } else if (run->top.size() == kTop && (q.descending ? sum.hi : -sum.lo) <= *run->top.begin()) {
        return;
    }
    run->loaded += members;
    if (q.number == 0)
        for (int32_t m = 1; m <= members; m++)
            run->loaded_masks.push_back(2 * (picture.image_id - 1) + m);
    int64_t value = 0;
    for (int i = 0; i < asked.count; i++)
        value += exact(picture.maps[asked.first + i], grid.side, rect, q);
    if (value < sum.lo || value > sum.hi) {
        fprintf(stderr, "image %d: %ld lies outside [%ld, %ld]\n", picture.image_id, long(value),
                long(sum.lo), long(sum.hi));
        exit(1);
    }
    if (q.kind == Kind::filter) {
        run->rows += value > q.threshold;
        return;
    }
    run->top.insert(q.descending ? value : -value);
    if (run->top.size() > kTop)
        run->top.erase(run->top.begin());
}

std::vector<Query> paper_queries()
{
    std::vector<Query> queries(5);
    const Roi centre{50, 50, 200, 200};
    for (size_t i = 0; i < 5; i++) {
        queries[i].name = "q" + std::to_string(i + 1);
        queries[i].roi = centre;
        queries[i].object = i == 1 || i >= 3;
        queries[i].lv = i == 0 ? 0.6 : 0.8;
        queries[i].uv = 1.0;
    }
    queries[0].threshold = 5000;
    queries[1].threshold = 15000;
    queries[2].kind = Kind::top;
    queries[3].kind = Kind::mean;
    queries[4].kind = Kind::intersect;
    return queries;
}

// std's distributions differ between libraries; these do not.
struct Random {
    uint64_t state = 20240711;

    int32_t between(int32_t lo, int32_t hi)
    {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return lo + int32_t((state >> 33) % uint64_t(hi - lo + 1));
    }
};

// filter: T up to the pixels of a mask, as the paper draws it. tight: T up to a tenth of them,
// about the mean area of a box, so that fewer queries are decided by T alone.
void add_random(std::vector<Query> *queries, int count, int32_t side)
{
    Random random;
    for (const char *name : {"filter", "tight", "top", "mean", "intersect"})
        for (int i = 1; i <= count; i++) {
            Query q;
            q.name = name;
            q.number = i;
            const int32_t lv = random.between(1, 8);
            q.lv = lv / 10.0;
            q.uv = random.between(lv + 1, 9) / 10.0;
            const int32_t x[] = {random.between(1, side), random.between(1, side)};
            const int32_t y[] = {random.between(1, side), random.between(1, side)};
            q.roi = Roi{std::min(x[0], x[1]), std::min(y[0], y[1]), std::max(x[0], x[1]),
                        std::max(y[0], y[1])};
            q.threshold =
                random.between(0, side * side / (name[1] == 'i' && name[0] == 't' ? 10 : 1));
            q.descending = random.between(0, 1) == 1;
            q.kind = name[0] == 'm'   ? Kind::mean
                     : name[0] == 'i' ? Kind::intersect
                     : name[1] == 'o' ? Kind::top
                                      : Kind::filter;
            q.object = q.kind == Kind::filter;
            queries->push_back(q);
        }
}

void load(const std::vector<PaperGrid> &grids, int32_t image_id, Picture *picture)
{
    const int32_t side = grids[0].side;
    picture->image_id = image_id;
    picture->box = make_scene(image_id, side).box;
    for (int model = 1; model <= 2; model++)
        make_map(Family::smooth, image_id, model, side, &picture->maps[model - 1]);
    picture->maps[2] = picture->maps[0];
    for (size_t i = 0; i < picture->maps[2].size(); i++)
        picture->maps[2][i] = std::min(picture->maps[0][i], picture->maps[1][i]);
    picture->entries.resize(grids.size());
    for (size_t i = 0; i < grids.size(); i++) {
        picture->entries[i].resize(3);
        for (int m = 0; m < 3; m++)
            picture->entries[i][size_t(m)].build(grids[i], picture->maps[m].data());
    }
}

void print(FILE *file, const Run &run, const PaperGrid &grid)
{
    const Query &q = *run.query;
    int64_t answer = run.rows;
    if (q.kind != Kind::filter) {
        answer = 0;
        for (int64_t v : run.top)
            answer += q.descending ? v : -v;
    }
    char box[64] = "\t\t\t";
    if (!q.object)
        snprintf(box, sizeof box, "%d\t%d\t%d\t%d", q.roi.x1, q.roi.y1, q.roi.x2, q.roi.y2);
    fprintf(file, "%d:%d\t%s\t%d\t%g\t%g\t%s\t%ld\t%s\t%ld\t%ld\t%ld\n", grid.cell, grid.bins,
            q.name.c_str(), q.number, q.lv, q.uv, box, long(q.threshold),
            q.descending ? "desc" : "asc", long(run.masks), long(run.loaded), long(answer));
}

// Q1's filter stage over entries that lie in memory, best of five.
double nanoseconds(const PaperGrid &grid, const std::vector<PaperChi> &entries, const Query &q)
{
    double best = 1e9;
    int64_t candidates = 0;
    for (int i = 0; i < 5; i++) {
        const double start = now();
        for (const PaperChi &entry : entries) {
            const PaperBounds b = entry.bounds(grid, clip(q.roi, grid.side, grid.side), q.lv, q.uv);
            candidates += b.hi > q.threshold;
        }
        best = std::min(best, (now() - start) * 1e9 / double(entries.size()));
    }
    return candidates >= 0 ? best : 0;
}

FILE *create(const std::string &path)
{
    FILE *file = fopen(path.c_str(), "w");
    if (file == nullptr) {
        fprintf(stderr, "cannot write %s\n", path.c_str());
        exit(1);
    }
    return file;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: %s SIDE IMAGES RANDOM DIRECTORY CELL:BINS...\n", argv[0]);
        return 1;
    }
    const int32_t side = atoi(argv[1]), images = atoi(argv[2]);
    std::vector<PaperGrid> grids;
    for (int i = 5; i < argc; i++) {
        PaperGrid grid{side, 0, 0};
        if (sscanf(argv[i], "%d:%d", &grid.cell, &grid.bins) != 2 || grid.cell < 1 || grid.bins < 2)
            return 1;
        grids.push_back(grid);
    }
    std::vector<Query> queries = paper_queries();
    add_random(&queries, atoi(argv[3]), side);
    std::vector<Run> all;
    for (size_t i = 0; i < grids.size(); i++)
        for (const Query &q : queries) {
            Run run;
            run.query = &q;
            run.index = i;
            all.push_back(std::move(run));
        }
    std::vector<std::vector<PaperChi>> kept(grids.size());
    std::vector<Picture> block(kBlock);
    for (int32_t first = 1; first <= images; first += kBlock) {
        const int32_t count = std::min(kBlock, images - first + 1);
#pragma omp parallel for schedule(dynamic)
        for (int32_t i = 0; i < count; i++)
            load(grids, first + i, &block[size_t(i)]);
            // Masks one after another within a query; queries side by side.
#pragma omp parallel for schedule(dynamic, 16)
        for (size_t r = 0; r < all.size(); r++)
            for (int32_t i = 0; i < count; i++)
                ask(grids[all[r].index], block[size_t(i)], &all[r]);
        for (size_t g = 0; g < grids.size(); g++)
            for (int32_t i = 0; i < count; i++)
                kept[g].push_back(std::move(block[size_t(i)].entries[g][0]));
    }
    const std::string directory = argv[4];
    FILE *file = create(directory + "/queries"), *loaded = create(directory + "/loaded");
    for (const Run &run : all) {
        const PaperGrid &grid = grids[run.index];
        print(file, run, grid);
        for (int32_t mask : run.loaded_masks)
            fprintf(loaded, "%d:%d\t%s\t%d\n", grid.cell, grid.bins, run.query->name.c_str(), mask);
    }
    fclose(file);
    fclose(loaded);
    for (size_t g = 0; g < grids.size(); g++)
        printf("%d:%d %zu %.1f\n", grids[g].cell, grids[g].bins, grids[g].entry_bytes(),
               nanoseconds(grids[g], kept[g], queries[0]));
    return 0;
}
