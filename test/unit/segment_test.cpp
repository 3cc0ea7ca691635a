// Sealed segments: what comes out is what went in, and bounds are those of the row-shaped entries.
#include <gtest/gtest.h>

#include <cmath>

#include "core/chi/entry_layout.h"
#include "core/segment/segment.h"
#include "random_chi.h"
#include "segment_bytes.h"

namespace mq
{

using namespace test;

namespace
{

// Rows of one shape, row-shaped and as a segment.
struct Rows {
    Mask sample; // one of the masks
    ChiGrid grid;
    ChiBins bins;
    std::vector<std::vector<uint8_t>> entries;
    std::vector<uint8_t> bytes; // of the segment

    ChiEntry entry(size_t row) const
    {
        ChiEntry e{};
        Error err;
        EXPECT_TRUE(
            chi_open_entry(Bytes{entries[row].data(), entries[row].size()}, grid, bins, &e, err))
            << err.message;
        return e;
    }
};

std::vector<Bytes> spans(const std::vector<std::vector<uint8_t>> &rows)
{
    std::vector<Bytes> all;
    for (const std::vector<uint8_t> &r : rows)
        all.push_back(Bytes{r.data(), r.size()});
    return all;
}

void seal(Rows *rows)
{
    std::vector<Bytes> all = spans(rows->entries);
    Error err;
    size_t bound = 0, size = 0;
    ASSERT_TRUE(
        segment_size_bound(all[0], uint32_t(all.size()), rows->grid, rows->bins, &bound, err));
    rows->bytes.resize(bound);
    ASSERT_TRUE(build_segment(all.data(), uint32_t(all.size()), rows->grid, rows->bins,
                              rows->bytes.data(), bound, &size, err))
        << err.message;
    ASSERT_LE(size, bound);
    rows->bytes.resize(size);
    rows->bytes.shrink_to_fit();
}

// Masks are few, and entries repeat them: making masks is what takes the time.
Rows random_rows(Random &random)
{
    Rows rows;
    const bool large_cells = one_in(random, 12); // more than 65535 pixels
    rows.sample = random_mask(random, large_cells ? 600 : 90);
    rows.grid = random_grid(random);
    if (large_cells)
        rows.grid = ChiGrid{0, 0, 1, 1};
    rows.bins = random_bins(random, rows.sample.domain);
    const size_t masks = large_cells ? 2 : 1 + below(random, 12);
    std::vector<std::vector<uint8_t>> different;
    for (size_t i = 0; i < masks; i++) {
        Mask mask = random_mask(random, rows.sample.format, rows.sample.shape, rows.sample.domain);
        std::vector<uint8_t> entry;
        Error err;
        size_t size = 0;
        EXPECT_TRUE(chi_entry_size(rows.grid, rows.bins, mask.shape, &size, err));
        entry.resize(size);
        EXPECT_TRUE(chi_build_entry_flat(mask.flat(), mask.format, mask.shape, mask.domain,
                                         rows.grid, rows.bins, entry.data(), size, &size, err));
        different.push_back(entry);
    }
    const size_t most = std::max<size_t>(segment_rows(different[0].size()), 1);
    const size_t n = one_in(random, 3) ? most : 1 + below(random, most);
    for (size_t i = 0; i < n; i++) {
        rows.entries.push_back(different[below(random, masks)]);
        // Tails are opaque.
        ChiEntry e = rows.entry(i);
        size_t at = kChiEntryHeaderSize + e.counts_size;
        for (size_t t = 0; t < e.extremes.tiles(); t++)
            rows.entries[i][at + t] = uint8_t(random());
    }
    seal(&rows);
    return rows;
}

// The bytes of the segment.
SegmentBytes source_of(const std::vector<uint8_t> &bytes)
{
    return SegmentBytes{Bytes{bytes.data(), bytes.size()}};
}

// Whether every edge's stored coarse counts are those of the rows' counts.
bool coarse_counts_agree(SegmentBytes *source, const Segment &segment, SegmentCache *cache)
{
    std::vector<uint8_t> bytes(segment.entry_size), stored(segment.rows);
    for (uint32_t row = 0; row < segment.rows; row++) {
        EXPECT_TRUE(source->extract_entry(segment, row, cache, bytes.data()));
        ChiEntry entry = segment.shape;
        entry.data = bytes.data() + kChiEntryHeaderSize;
        for (int32_t edge = 1; edge < segment.shape.bins; edge++) {
            EXPECT_TRUE(
                source->read(coarse_counts_offset(segment, edge), segment.rows, stored.data()));
            if (stored[row] != coarse_count_of(segment, entry, edge))
                return false;
        }
    }
    return true;
}

bool open(const Rows &rows, Segment *segment, Error &err)
{
    size_t head = std::min(segment_head_size(rows.bins), rows.bytes.size());
    return open_segment(Bytes{rows.bytes.data(), head}, rows.bytes.size(), rows.grid, rows.bins,
                        segment, err);
}

struct Question {
    double lv, uv;
    Roi roi;
    EdgeSelection edges;
};
Question random_question(Random &random, const Rows &rows)
{
    const Mask &m = rows.sample;
    double lv = random_threshold(random, m), uv = random_threshold(random, m);
    if (one_in(random, 3))
        lv = rows.bins.inner[below(random, rows.bins.bins - 1)];
    if (one_in(random, 3))
        uv = rows.bins.inner[below(random, rows.bins.bins - 1)];
    if (lv > uv)
        std::swap(lv, uv);
    return Question{lv, uv, random_roi(random, m.shape),
                    select_edges(m.format, m.domain, rows.bins, lv, uv)};
}

// A cache of exactly the size that is asked for, so that AddressSanitizer sees an access beyond.
struct Cache : SegmentCache {
    std::vector<uint8_t> held;
    explicit Cache(const Segment &s) : held(segment_cache_size(s))
    {
        use(held.data(), held.size());
    }
};

} // namespace

TEST(Segment, GivesEntriesBack)
{
    Random random(seed());
    for (int i = 0; i < 60; i++) {
        Rows rows = random_rows(random);
        Segment segment;
        Error err;
        ASSERT_TRUE(open(rows, &segment, err)) << err.message;
        ASSERT_EQ(rows.entries.size(), segment.rows);
        ASSERT_EQ(rows.entries[0].size(), segment.entry_size);
        SegmentBytes source = source_of(rows.bytes);
        Cache cache(segment);
        std::vector<uint8_t> entry(segment.entry_size);
        for (uint32_t row = 0; row < segment.rows; row++) {
            ASSERT_TRUE(source.extract_entry(segment, row, &cache, entry.data()));
            ASSERT_EQ(rows.entries[row], entry) << rows.sample.describe() << " row " << row;
        }
    }
}

TEST(Segment, BoundsAreThoseOfTheEntries)
{
    Random random(seed());
    for (int i = 0; i < 300; i++) {
        Rows rows = random_rows(random);
        Segment segment;
        Error err;
        ASSERT_TRUE(open(rows, &segment, err)) << err.message;
        SegmentBytes source = source_of(rows.bytes);
        Cache cache(segment);
        std::vector<uint32_t> lo(kSegmentRows), hi(kSegmentRows);
        for (int q = 0; q < 12; q++) {
            Question question = random_question(random, rows);
            ASSERT_TRUE(source.bound_rows(segment, question.edges, question.roi, nullptr, &cache,
                                          lo.data(), hi.data()));
            std::vector<uint32_t> coarse_lo(kSegmentRows), coarse_hi(kSegmentRows);
            ASSERT_TRUE(source.bound_rows_coarsely(segment, question.edges, question.roi,
                                                   coarse_lo.data(), coarse_hi.data()));
            for (uint32_t row = 0; row < segment.rows; row++) {
                // Nested intervals: what the coarse counts decide, the others decide likewise.
                ASSERT_LE(coarse_lo[row], lo[row]) << rows.sample.describe() << " row " << row;
                ASSERT_GE(coarse_hi[row], hi[row]) << rows.sample.describe() << " row " << row;
                CountBounds b = chi_bounds(rows.entry(row), question.edges, question.roi);
                ASSERT_EQ(b.lo, lo[row]) << rows.sample.describe() << " row " << row;
                ASSERT_EQ(b.hi, hi[row]) << rows.sample.describe() << " row " << row;
            }
            // The same of a few rows, from less; nothing of the last reading may help.
            std::vector<uint8_t> wanted(segment.rows, 0);
            for (uint64_t few = below(random, 6); few > 0; few--)
                wanted[below(random, segment.rows)] = 1;
            std::fill(cache.held.begin(), cache.held.end(), uint8_t(0xA5));
            std::fill(lo.begin(), lo.end(), 0x5A5A5A5A);
            std::fill(hi.begin(), hi.end(), 0x5A5A5A5A);
            ASSERT_TRUE(source.bound_rows(segment, question.edges, question.roi, wanted.data(),
                                          &cache, lo.data(), hi.data()));
            for (uint32_t row = 0; row < segment.rows; row++) {
                if (!wanted[row])
                    continue;
                CountBounds b = chi_bounds(rows.entry(row), question.edges, question.roi);
                ASSERT_EQ(b.lo, lo[row]) << rows.sample.describe() << " row " << row;
                ASSERT_EQ(b.hi, hi[row]) << rows.sample.describe() << " row " << row;
            }
            // One row after another, with other questions in between, so that slots are taken over.
            for (int look = 0; look < 30; look++) {
                if (one_in(random, 3))
                    question = random_question(random, rows);
                uint32_t row = uint32_t(below(random, segment.rows));
                CountBounds b = chi_bounds(rows.entry(row), question.edges, question.roi), found;
                ASSERT_TRUE(
                    source.bound_row(segment, row, question.edges, question.roi, &cache, &found));
                ASSERT_EQ(b.lo, found.lo) << rows.sample.describe() << " row " << row;
                ASSERT_EQ(b.hi, found.hi) << rows.sample.describe() << " row " << row;
                // The second stage, from an entry that has only what it needs.
                ChiEntry part;
                std::vector<uint8_t> bytes(segment.entry_size);
                ASSERT_TRUE(source.extract_edges(segment, row, question.edges, &cache, bytes.data(),
                                                 &part));
                TileFacts facts = tile_facts(rows.sample.format, rows.sample.domain, rows.bins,
                                             question.edges, question.lv, question.uv);
                b = tile_bounds(rows.entry(row), question.edges, facts, question.roi);
                found = tile_bounds(part, question.edges, facts, question.roi);
                ASSERT_EQ(b.lo, found.lo) << rows.sample.describe() << " row " << row;
                ASSERT_EQ(b.hi, found.hi) << rows.sample.describe() << " row " << row;
            }
        }
    }
}

// The coarse counts are what the counts add up to, to a unit of 1/255 of the mask; damage is found.
TEST(Segment, CoarseCountsFollowTheCounts)
{
    Random random(seed());
    int narrow = 0, found = 0;
    for (int i = 0; i < 60; i++) {
        Rows rows = random_rows(random);
        Segment segment;
        Error err;
        ASSERT_TRUE(open(rows, &segment, err)) << err.message;
        SegmentBytes source = source_of(rows.bytes);
        Cache cache(segment);
        std::vector<uint32_t> lo(kSegmentRows), hi(kSegmentRows);
        ASSERT_TRUE(coarse_counts_agree(&source, segment, &cache));
        const CellGrid &g = segment.shape.grid;
        const Roi whole{1, 1, g.width, g.height};
        const uint32_t unit = uint32_t(g.width) * uint32_t(g.height) / 128 + 1;
        for (int32_t edge = 1; edge < segment.shape.bins; edge++) {
            const EdgeSelection edges{edge, segment.shape.bins, edge, segment.shape.bins};
            ASSERT_TRUE(source.bound_rows_coarsely(segment, edges, whole, lo.data(), hi.data()));
            for (uint32_t row = 0; row < segment.rows; row++) {
                const uint64_t exact = chi_bounds(rows.entry(row), edges, whole).lo;
                ASSERT_LE(lo[row], exact);
                ASSERT_GE(hi[row], exact);
                ASSERT_LE(hi[row] - lo[row], unit);
                narrow++;
            }
        }
        rows.bytes[segment.coarse_start + below(random, segment.start[1] - segment.coarse_start)]++;
        cache.forget();
        found += !coarse_counts_agree(&source, segment, &cache);
    }
    EXPECT_GT(narrow, 1000);
    EXPECT_EQ(found, 60);
}

// A reader that fails once is told of, whatever was being read, and does no harm.
TEST(Segment, TellsWhenItIsGone)
{
    Random random(seed());
    int failed = 0;
    for (int i = 0; i < 100; i++) {
        Rows rows = random_rows(random);
        Segment segment;
        Error err;
        ASSERT_TRUE(open(rows, &segment, err)) << err.message;
        SegmentBytes source = source_of(rows.bytes);
        Cache cache(segment);
        std::vector<uint32_t> lo(kSegmentRows), hi(kSegmentRows);
        for (int q = 0; q < 20; q++) {
            Question question = random_question(random, rows);
            uint32_t row = uint32_t(below(random, segment.rows));
            CountBounds expected = chi_bounds(rows.entry(row), question.edges, question.roi), b;
            source.reads_left = int(below(random, 6));
            bool ok;
            if (one_in(random, 3)) {
                ok = source.bound_rows_coarsely(segment, question.edges, question.roi, lo.data(),
                                                hi.data());
                if (ok) {
                    ASSERT_LE(lo[row], expected.lo);
                    ASSERT_GE(hi[row], expected.hi);
                }
                b = expected;
            } else if (one_in(random, 2)) {
                ok = source.bound_row(segment, row, question.edges, question.roi, &cache, &b);
            } else {
                std::vector<uint8_t> wanted(segment.rows, 0);
                wanted[row] = 1;
                ok = source.bound_rows(segment, question.edges, question.roi,
                                       one_in(random, 2) ? wanted.data() : nullptr, &cache,
                                       lo.data(), hi.data());
                b = CountBounds{lo[row], hi[row]};
            }
            ASSERT_EQ(ok, source.reads_left >= 0);
            failed += !ok;
            if (ok) {
                ASSERT_EQ(expected.lo, b.lo);
                ASSERT_EQ(expected.hi, b.hi);
            }
        }
    }
    EXPECT_GT(failed, 100);
}

TEST(Segment, RefusesEntriesThatDiffer)
{
    Random random(seed());
    for (int i = 0; i < 50; i++) {
        Rows rows = random_rows(random);
        size_t victim = below(random, rows.entries.size());
        std::vector<uint8_t> &entry = rows.entries[victim];
        if (one_in(random, 2))
            entry[below(random, kChiEntryHeaderSize)] ^= 0x80;
        else
            entry.push_back(0);
        std::vector<Bytes> all = spans(rows.entries);
        std::vector<uint8_t> out(rows.bytes.size() + 100000);
        size_t size = 0;
        Error err;
        EXPECT_FALSE(build_segment(all.data(), uint32_t(all.size()), rows.grid, rows.bins,
                                   out.data(), out.size(), &size, err) &&
                     rows.entries.size() > 1);
    }
}

// Damage is found when the segment is opened, or makes wrong bounds and no other fault.
TEST(Segment, DamagedBytesAreRefusedOrHarmless)
{
    Random random(seed());
    int opened = 0, refused = 0;
    for (int i = 0; i < 400; i++) {
        Rows rows = random_rows(random);
        const size_t head = segment_head_size(rows.bins);
        for (int damage = 0; damage < 10; damage++) {
            Rows damaged = rows;
            if (one_in(random, 4))
                damaged.bytes.resize(below(random, damaged.bytes.size()));
            for (uint64_t flips = below(random, 4); flips > 0 && !damaged.bytes.empty(); flips--) {
                size_t at = below(random, one_in(random, 2) ? std::min(head, damaged.bytes.size())
                                                            : damaged.bytes.size());
                damaged.bytes[at] ^= uint8_t(1) << below(random, 8);
            }
            damaged.bytes.shrink_to_fit();
            Segment segment;
            Error err;
            if (!open(damaged, &segment, err)) {
                EXPECT_EQ(ErrorCode::index_corrupted, err.code);
                refused++;
                continue;
            }
            opened++;
            if (segment_cache_size(segment) > size_t{64} << 20)
                continue;
            SegmentBytes source = source_of(damaged.bytes);
            Cache cache(segment);
            std::vector<uint32_t> lo(kSegmentRows), hi(kSegmentRows);
            Question q = random_question(random, rows);
            const Domain &domain = segment.shape.domain;
            q.edges = select_edges(segment.shape.format, domain, rows.bins, domain.lo,
                                   std::max(domain.lo, domain.hi / 2 + 1e-9));
            CountBounds b;
            ASSERT_TRUE(source.bound_rows_coarsely(segment, q.edges, q.roi, lo.data(), hi.data()));
            std::vector<uint8_t> wanted(segment.rows, 0);
            wanted[below(random, segment.rows)] = 1;
            ASSERT_TRUE(source.bound_rows(segment, q.edges, q.roi,
                                          one_in(random, 2) ? wanted.data() : nullptr, &cache,
                                          lo.data(), hi.data()));
            uint32_t row = uint32_t(below(random, segment.rows));
            ASSERT_TRUE(source.bound_row(segment, row, q.edges, q.roi, &cache, &b));
            std::vector<uint8_t> entry(segment.entry_size);
            ASSERT_TRUE(source.extract_entry(segment, row, &cache, entry.data()));
            ASSERT_FALSE(source.outside);
        }
    }
    EXPECT_GT(opened, 100);
    EXPECT_GT(refused, 100);
}

} // namespace mq
