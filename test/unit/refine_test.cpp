// Bounds that narrow tile by tile, against brute force.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/chi/bounds/refine.h"
#include "random_mask.h"

namespace mq
{

using namespace test;

namespace
{

struct Indexed {
    Mask mask;
    std::vector<uint8_t> stored, bytes;
    MaskHeader header;
    TileDirectory directory;
    ChiBins bins;
    ChiEntry entry;

    Indexed(Random &random, bool with_entry)
    {
        mask = random_mask(random, one_in(random, 4) ? 300 : 130);
        stored = encode(mask);
        Error err;
        Bytes value{stored.data(), stored.size()};
        EXPECT_TRUE(read_header(value, &header, err)) << err.message;
        EXPECT_TRUE(TileDirectory::open(header, value, value.size, &directory, err));
        if (!with_entry) {
            bins.bins = kMinBins;
            entry = blank_entry(header);
            return;
        }
        ChiGrid grid{0, 0, 1 + int32_t(below(random, 9)), 1 + int32_t(below(random, 9)),
                     one_in(random, 3) ? 0 : 1 + int32_t(below(random, 20))};
        equi_width_bins(mask.domain.lo, mask.domain.hi, 2 + int32_t(below(random, 20)), &bins);
        size_t size = 0, built = 0;
        EXPECT_TRUE(chi_entry_size(grid, bins, mask.shape, &size, err));
        bytes.resize(size);
        EXPECT_TRUE(chi_build_entry(value, grid, bins, bytes.data(), size, &built, err));
        EXPECT_TRUE(chi_open_entry(Bytes{bytes.data(), built}, grid, bins, &entry, err));
    }

    std::vector<uint64_t> pixels(uint32_t tile) const
    {
        std::vector<uint64_t> out(kMaxTileBytes / 8);
        Error err;
        EXPECT_TRUE(decode_tile(directory, tile,
                                directory.payload(Bytes{stored.data(), stored.size()}, tile),
                                out.data(), err))
            << err.message;
        return out;
    }
};

} // namespace

TEST(Refine, NarrowsToTheExactCountAndNeverPastIt)
{
    Random random(seed());
    for (int i = 0; i < 400; i++) {
        bool with_entry = !one_in(random, 4);
        Indexed x(random, with_entry);
        for (int q = 0; q < 5; q++) {
            Roi roi = random_roi(random, x.mask.shape);
            double lv = random_threshold(random, x.mask), uv = random_threshold(random, x.mask);
            if (lv > uv)
                std::swap(lv, uv);
            uint64_t exact = brute_force_count(x.mask, roi, lv, uv);
            EdgeSelection edges = kBlankEdges;
            TileFacts facts{};
            CountBounds start{0, uint64_t(clip(roi, x.header.width, x.header.height).area())};
            if (with_entry) {
                edges = select_edges(x.mask.format, x.mask.domain, x.bins, lv, uv);
                facts = tile_facts(x.mask.format, x.mask.domain, x.bins, edges, lv, uv);
                start = tile_bounds(x.entry, edges, facts, roi);
            }
            std::vector<RefinedCell> cells(refined_cells(x.entry.grid, roi));
            Refinement r;
            start_refinement(x.entry, x.bins, edges, facts, roi, lv, uv, cells.data(), &r);
            std::string context = x.mask.describe() + " lv " + std::to_string(lv) + " uv " +
                                  std::to_string(uv) + (with_entry ? "" : " without entry");
            if (with_entry) {
                ASSERT_EQ(start.lo, r.lo) << context;
                ASSERT_EQ(start.hi, r.hi) << context;
            }
            OrdinalRange range = ordinal_range(x.mask.format, x.mask.domain, lv, uv);
            std::vector<uint32_t> tiles(x.header.tiles());
            for (size_t t = 0; t < tiles.size(); t++)
                tiles[t] = uint32_t(t);
            std::shuffle(tiles.begin(), tiles.end(), random);
            CountBounds before{r.lo, r.hi};
            auto check = [&]() {
                ASSERT_LE(r.lo, exact) << context;
                ASSERT_GE(r.hi, exact) << context;
                ASSERT_LE(before.lo, r.lo) << context;
                ASSERT_GE(before.hi, r.hi) << context;
                before = CountBounds{r.lo, r.hi};
            };
            check();
            // Some tiles by what the directory says of them, the others by their pixels.
            std::vector<uint32_t> open;
            for (uint32_t t : tiles) {
                TileVerdict verdict = judge_tile(x.directory, t, range);
                if (verdict == TileVerdict::undecided || one_in(random, 4)) {
                    open.push_back(t);
                    continue;
                }
                refine_whole(&r, x.header.tile_rect(t), verdict == TileVerdict::all);
                check();
            }
            uint64_t gain = 0;
            for (uint32_t t : open)
                gain += refinement_gain(r, x.header.tile_rect(t));
            ASSERT_GE(gain, r.hi - r.lo) << context;
            for (uint32_t t : open) {
                refine_pixels(&r, x.header.tile_rect(t), x.pixels(t).data());
                check();
            }
            ASSERT_EQ(exact, r.lo) << context;
            ASSERT_EQ(exact, r.hi) << context;
        }
    }
}

// An index entry that is wrong costs tiles, and no decision: what was read prevails.
TEST(Refine, PixelsPrevailOverADamagedEntry)
{
    Random random(seed());
    for (int i = 0; i < 200; i++) {
        Indexed x(random, true);
        for (int k = 0; k < 20; k++)
            x.bytes[kChiEntryHeaderSize + below(random, x.bytes.size() - kChiEntryHeaderSize)] ^=
                uint8_t(1 + below(random, 255));
        Roi roi = random_roi(random, x.mask.shape);
        double lv = random_threshold(random, x.mask), uv = random_threshold(random, x.mask);
        if (lv > uv)
            std::swap(lv, uv);
        EdgeSelection edges = select_edges(x.mask.format, x.mask.domain, x.bins, lv, uv);
        TileFacts facts = tile_facts(x.mask.format, x.mask.domain, x.bins, edges, lv, uv);
        std::vector<RefinedCell> cells(refined_cells(x.entry.grid, roi));
        Refinement r;
        start_refinement(x.entry, x.bins, edges, facts, roi, lv, uv, cells.data(), &r);
        for (uint32_t t = 0; t < x.header.tiles(); t++)
            refine_pixels(&r, x.header.tile_rect(t), x.pixels(t).data());
        ASSERT_EQ(brute_force_count(x.mask, roi, lv, uv), r.lo);
        ASSERT_EQ(r.lo, r.hi);
    }
}

} // namespace mq
