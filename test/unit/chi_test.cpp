// CHI entries and the bounds they give, against brute force.
#include <gtest/gtest.h>

#include <cmath>

#include "core/chi/bounds/bounds.h"
#include "random_chi.h"

namespace mq
{

using namespace test;

static std::vector<uint8_t> build(const Mask &mask, const ChiGrid &grid, const ChiBins &bins)
{
    std::vector<uint8_t> stored = encode(mask);
    Error err;
    size_t size = 0, built = 0, built_flat = 0, built_decoded = 0;
    EXPECT_TRUE(chi_entry_size(grid, bins, mask.shape, &size, err)) << err.message;
    std::vector<uint8_t> entry(size), flat(size), decoded(size);
    EXPECT_TRUE(chi_build_entry(Bytes{stored.data(), stored.size()}, grid, bins, entry.data(), size,
                                &built, err))
        << err.message;
    EXPECT_TRUE(chi_build_entry_flat(mask.flat(), mask.format, mask.shape, mask.domain, grid, bins,
                                     flat.data(), size, &built_flat, err))
        << err.message;
    EXPECT_TRUE(chi_build_entry_decoded(Bytes{stored.data(), stored.size()}, mask.flat(), grid,
                                        bins, decoded.data(), size, &built_decoded, err))
        << err.message;
    EXPECT_EQ(size, built);
    EXPECT_EQ(size, built_flat);
    EXPECT_EQ(size, built_decoded);
    EXPECT_EQ(entry, decoded) << mask.describe();
    EXPECT_EQ(entry, flat) << mask.describe();
    return entry;
}

TEST(Chi, GridCoversTheMask)
{
    Random random(seed());
    for (int i = 0; i < 2000; i++) {
        Shape shape = random_shape(random, 300);
        CellGrid g = lay_grid(random_grid(random), shape);
        int64_t area = 0;
        for (int32_t cy = 0; cy < g.cells_y; cy++)
            for (int32_t cx = 0; cx < g.cells_x; cx++) {
                ASSERT_FALSE(g.cell_rect(cx, cy).empty());
                area += g.cell_rect(cx, cy).area();
            }
        ASSERT_EQ(int64_t(shape.pixels()), area);
    }
}

TEST(Chi, CountsAreThoseOfTheCells)
{
    Random random(seed());
    for (int i = 0; i < 200; i++) {
        Mask mask = random_mask(random, 130);
        ChiGrid grid = random_grid(random);
        ChiBins bins = random_bins(random, mask.domain);
        std::vector<uint8_t> bytes = build(mask, grid, bins);
        ChiEntry entry;
        Error err;
        ASSERT_TRUE(chi_open_entry(Bytes{bytes.data(), bytes.size()}, grid, bins, &entry, err))
            << err.message;
        for (int probe = 0; probe < 50; probe++) {
            int32_t cx = int32_t(below(random, entry.grid.cells_x)),
                    cy = int32_t(below(random, entry.grid.cells_y));
            int32_t edge = int32_t(below(random, bins.bins + 1));
            PixelRect r = entry.grid.cell_rect(cx, cy);
            uint64_t expected = 0;
            if (edge < bins.bins)
                for (int32_t y = r.y0; y < r.y1; y++)
                    for (int32_t x = r.x0; x < r.x1; x++)
                        expected +=
                            edge == 0 || raw_to_ordinal(mask.format, mask.raw(x, y)) >=
                                             edge_ordinal(mask.format, mask.domain,
                                                          bins.inner[edge - 1], bins.rounded);
            ASSERT_EQ(expected, chi_count(entry, size_t(cy) * entry.grid.cells_x + cx, edge))
                << mask.describe() << " edge " << edge;
        }
    }
}

TEST(Chi, BoundsHoldTheExactCountAndAreNeverLooserThanThePapers)
{
    Random random(seed());
    for (int i = 0; i < 300; i++) {
        Mask mask = random_mask(random, 130);
        ChiGrid grid = random_grid(random);
        ChiBins bins = random_bins(random, mask.domain);
        std::vector<uint8_t> bytes = build(mask, grid, bins);
        ChiEntry entry;
        Error err;
        ASSERT_TRUE(chi_open_entry(Bytes{bytes.data(), bytes.size()}, grid, bins, &entry, err))
            << err.message;
        for (int q = 0; q < 30; q++) {
            Roi roi = random_roi(random, mask.shape);
            double lv = random_threshold(random, mask), uv = random_threshold(random, mask);
            if (one_in(random, 3))
                lv = bins.inner[below(random, bins.bins - 1)];
            if (one_in(random, 3))
                uv = bins.inner[below(random, bins.bins - 1)];
            if (lv > uv)
                std::swap(lv, uv);
            if (one_in(random, 10))
                uv = lv;
            uint64_t exact = brute_force_count(mask, roi, lv, uv);
            CountBounds b = chi_bounds(entry, bins, roi, lv, uv),
                        paper = paper_bounds(entry, bins, roi, lv, uv);
            std::string context =
                mask.describe() + " lv " + std::to_string(lv) + " uv " + std::to_string(uv);
            ASSERT_LE(b.lo, exact) << context;
            ASSERT_GE(b.hi, exact) << context;
            ASSERT_LE(paper.lo, b.lo) << context;
            ASSERT_GE(paper.hi, b.hi) << context;
            CountBounds narrow = tile_bounds(entry, bins, roi, lv, uv);
            ASSERT_LE(narrow.lo, exact) << context;
            ASSERT_GE(narrow.hi, exact) << context;
            ASSERT_LE(b.lo, narrow.lo) << context;
            ASSERT_GE(b.hi, narrow.hi) << context;
        }
    }
}

// The tail says of every tile the levels of its smallest and its largest pixel.
TEST(Chi, ExtremesAreThoseOfTheTiles)
{
    Random random(seed());
    for (int i = 0; i < 300; i++) {
        Mask mask = random_mask(random, 130);
        ChiGrid grid = random_grid(random);
        ChiBins bins = random_bins(random, mask.domain);
        std::vector<uint8_t> bytes = build(mask, grid, bins);
        ChiEntry entry;
        Error err;
        ASSERT_TRUE(chi_open_entry(Bytes{bytes.data(), bytes.size()}, grid, bins, &entry, err));
        Bytes tail = entry_tail(entry);
        ExtremeGrid tiles = lay_extremes(extremes_side(grid, bins, mask.shape), mask.shape);
        ASSERT_EQ(tiles.tiles(), tail.size);
        // Level l begins at the value levels[l]; values below the first level are in it too.
        double levels[kLevels];
        for (int32_t l = 0; l < kLevels; l++)
            levels[l] = bins.lo + (bins.hi - bins.lo) * l / kLevels;
        auto level_of = [&](uint32_t raw) {
            int32_t found = 0;
            for (int32_t l = 1; l < kLevels; l++)
                if (levels[l] <= mask.domain.lo ||
                    raw_to_ordinal(mask.format, raw) >=
                        edge_ordinal(mask.format, mask.domain, levels[l], bins.rounded))
                    found = l;
            return found;
        };
        for (size_t t = 0; t < tail.size; t++) {
            int32_t tx = int32_t(t % tiles.tiles_x), ty = int32_t(t / tiles.tiles_x);
            int32_t lowest = kLevels, highest = -1;
            for (int32_t y = ty * tiles.side;
                 y < std::min((ty + 1) * tiles.side, mask.shape.height); y++)
                for (int32_t x = tx * tiles.side;
                     x < std::min((tx + 1) * tiles.side, mask.shape.width); x++) {
                    int32_t level = level_of(mask.raw(x, y));
                    lowest = std::min(lowest, level);
                    highest = std::max(highest, level);
                }
            ASSERT_EQ(highest * (highest + 1) / 2 + lowest, tail.data[t])
                << mask.describe() << " tile " << t;
        }
    }
}

// Without a say of the user an entry takes at most half of the paper's 4 bytes x bins x cells, if
// its counts do.
TEST(Chi, AutomaticExtremesTakeHalfThePapersBytes)
{
    Random random(seed());
    for (int i = 0; i < 2000; i++) {
        Shape shape = random_shape(random, 2000);
        ChiGrid grid = random_grid(random), none = grid;
        grid.extremes = kAutoExtremes;
        none.extremes = kNoExtremes;
        ChiBins bins = random_bins(random, Domain{});
        size_t size = 0, without = 0, half = 2 * size_t(bins.bins) * lay_grid(grid, shape).cells();
        Error err;
        ASSERT_TRUE(chi_entry_size(grid, bins, shape, &size, err));
        ASSERT_TRUE(chi_entry_size(none, bins, shape, &without, err));
        ASSERT_LE(size, std::max(half, without));
        int32_t side = extremes_side(grid, bins, shape);
        ASSERT_EQ(size - without, lay_extremes(side, shape).tiles());
        if (side > 4) { // the smallest that fits
            ASSERT_GT(without + lay_extremes(side - 1, shape).tiles(), half);
        }
    }
    // The masks of the papers' kind, with the defaults of an index.
    size_t size = 0;
    ChiBins bins;
    equi_width_bins(0, 1, kDefaultBins, &bins);
    Error err;
    ASSERT_TRUE(chi_entry_size(ChiGrid{}, bins, Shape{224, 224}, &size, err));
    EXPECT_EQ(size_t(2016), size);
    EXPECT_EQ(8, extremes_side(ChiGrid{}, bins, Shape{224, 224}));
}

// A threshold between two levels is settled where a tile's levels lie on one side of it: bounds
// that counts alone cannot give.
TEST(Chi, ExtremesSettleWhatCountsCannot)
{
    // A cell of 16 x 16 with value 1 in its left half: of a roi over the right half the counts know
    // only that between 0 and 128 pixels count.
    Mask mask = make_mask(PixelFormat::u8, Shape{16, 16}, Domain{});
    for (int32_t y = 0; y < 16; y++)
        for (int32_t x = 0; x < 16; x++)
            mask.set_raw(x, y, x < 8 ? 255 : 0);
    ChiGrid grid{16, 16, 0, 0, 4};
    ChiBins bins;
    equi_width_bins(0, 1, 16, &bins);
    std::vector<uint8_t> bytes = build(mask, grid, bins);
    ChiEntry entry;
    Error err;
    ASSERT_TRUE(chi_open_entry(Bytes{bytes.data(), bytes.size()}, grid, bins, &entry, err));
    auto expect = [&](const Roi &roi, double lv, double uv, uint64_t lo, uint64_t hi) {
        CountBounds b = tile_bounds(entry, bins, roi, lv, uv);
        EXPECT_EQ(lo, b.lo);
        EXPECT_EQ(hi, b.hi);
    };
    Roi right{9, 1, 16, 16}, left{1, 1, 8, 16};
    EXPECT_EQ(128u, chi_bounds(entry, bins, right, 0.5, 1).hi);
    expect(right, 0.5, 1, 0, 0);
    expect(left, 0.5, 1, 128, 128);
    expect(right, 0.52, 1, 0, 0); // between edges
    expect(Roi{9, 1, 16, 16}, 0, 0.3, 128, 128);
    expect(Roi{10, 2, 12, 5}, 0, 0.3, 12, 12);
    // Within the highest level the extremes know nothing, but what counts lies in the left half.
    expect(Roi{8, 1, 16, 16}, 0.97, 0.99, 0, 16);
    expect(right, 0.97, 0.99, 0, 0);
}

TEST(Chi, BoundsAreExactWhereTheGridIs)
{
    Random random(seed());
    for (int i = 0; i < 300; i++) {
        Mask mask = random_mask(random, 130);
        ChiGrid grid = random_grid(random);
        ChiBins bins = random_bins(random, mask.domain);
        std::vector<uint8_t> bytes = build(mask, grid, bins);
        ChiEntry entry;
        Error err;
        ASSERT_TRUE(chi_open_entry(Bytes{bytes.data(), bytes.size()}, grid, bins, &entry, err));
        const CellGrid &g = entry.grid;
        int32_t cx0 = int32_t(below(random, g.cells_x)),
                cx1 = cx0 + int32_t(below(random, g.cells_x - cx0));
        int32_t cy0 = int32_t(below(random, g.cells_y)),
                cy1 = cy0 + int32_t(below(random, g.cells_y - cy0));
        PixelRect from = g.cell_rect(cx0, cy0), to = g.cell_rect(cx1, cy1);
        Roi roi = one_in(random, 4) ? kFullRoi : Roi{from.x0 + 1, from.y0 + 1, to.x1, to.y1};
        auto edge = [&](int32_t e) {
            return e == 0           ? (one_in(random, 2) ? -INFINITY : mask.domain.lo)
                   : e == bins.bins ? (one_in(random, 2) ? INFINITY : mask.domain.hi)
                                    : bins.inner[e - 1];
        };
        double lv = edge(int32_t(below(random, bins.bins + 1))),
               uv = edge(int32_t(below(random, bins.bins + 1)));
        if (lv > uv)
            std::swap(lv, uv);
        // [top, top) as a threshold pair includes the pixels at the top, which no edge separates.
        if (lv >= mask.domain.hi)
            continue;
        CountBounds b = chi_bounds(entry, bins, roi, lv, uv);
        uint64_t exact = brute_force_count(mask, roi, lv, uv);
        // An integer format rounds the top code's neighbourhood to the top, a bit everything above
        // lo to hi.
        ASSERT_LE(b.lo, exact);
        ASSERT_GE(b.hi, exact);
        if (is_float_format(mask.format) && float(lv) < float(mask.domain.hi)) {
            ASSERT_EQ(b.lo, b.hi) << mask.describe() << " lv " << lv << " uv " << uv << " bins "
                                  << bins.bins;
        }
    }
}

TEST(Chi, DamagedEntriesNeverCrash)
{
    Random random(seed());
    for (int i = 0; i < 1000; i++) {
        Mask mask = random_mask(random, 60);
        ChiGrid grid = random_grid(random);
        ChiBins bins = random_bins(random, mask.domain);
        std::vector<uint8_t> bytes = build(mask, grid, bins);
        if (one_in(random, 4))
            bytes.resize(below(random, bytes.size()));
        else
            bytes[one_in(random, 2) ? below(random, bytes.size())
                                    : below(random, kChiEntryHeaderSize)] ^= uint8_t(1)
                                                                             << below(random, 8);
        bytes.shrink_to_fit();
        ChiEntry entry;
        Error err;
        if (!chi_open_entry(Bytes{bytes.data(), bytes.size()}, grid, bins, &entry, err)) {
            EXPECT_EQ(ErrorCode::index_corrupted, err.code);
            continue;
        }
        for (int q = 0; q < 5; q++) {
            double lv = random_threshold(random, mask), uv = random_threshold(random, mask);
            chi_bounds(entry, bins, random_roi(random, mask.shape), std::min(lv, uv),
                       std::max(lv, uv));
            tile_bounds(entry, bins, random_roi(random, mask.shape), std::min(lv, uv),
                        std::max(lv, uv));
            paper_bounds(entry, bins, random_roi(random, mask.shape), std::min(lv, uv),
                         std::max(lv, uv));
        }
        chi_count(entry, below(random, entry.grid.cells()), int32_t(below(random, bins.bins + 1)));
    }
}

} // namespace mq
