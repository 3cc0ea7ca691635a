// Bounds of pixel_sum, of overlaps and of shares, against the exact values of random masks.
#include <cmath>

#include "core/chi/bounds/overlap.h"
#include "core/chi/bounds/sum_bounds.h"
#include "core/mask/measure/pixel_sum.h"
#include "core/leaves/mask_leaves.h"
#include "core/program/program.h"
#include "random_chi.h"

namespace mq
{

using namespace test;

namespace
{

struct Range {
    double lv, uv;
};

Range random_range(Random &random, const Mask &mask, const ChiBins &bins)
{
    double lv = random_threshold(random, mask), uv = random_threshold(random, mask);
    if (one_in(random, 3))
        lv = bins.inner[below(random, uint64_t(bins.bins) - 1)];
    if (one_in(random, 3))
        uv = bins.inner[below(random, uint64_t(bins.bins) - 1)];
    if (one_in(random, 3))
        lv = -INFINITY, uv = INFINITY;
    return lv <= uv ? Range{lv, uv} : Range{uv, lv};
}

// A roi inside another, often along the same sides.
Roi random_inner(Random &random, const Mask &mask, const Roi &roi)
{
    PixelRect r = clip(roi, mask.shape.width, mask.shape.height);
    if (r.empty() || one_in(random, 10))
        return random_roi(random, mask.shape); // perhaps not inside
    auto between = [&](int32_t lo, int32_t hi) {
        return one_in(random, 4) ? lo : lo + int32_t(below(random, uint64_t(hi - lo) + 1));
    };
    Roi inner;
    inner.x1 = between(r.x0 + 1, r.x1);
    inner.y1 = between(r.y0 + 1, r.y1);
    inner.x2 = one_in(random, 4) ? r.x1 : between(inner.x1, r.x1);
    inner.y2 = one_in(random, 4) ? r.y1 : between(inner.y1, r.y1);
    return inner;
}

bool counts(const Mask &m, const OrdinalRange &range, int32_t x, int32_t y)
{
    uint32_t ordinal = raw_to_ordinal(m.format, m.raw(x, y));
    return ordinal >= range.lo && ordinal < range.hi;
}

// cp and pixel_sum over what roi has outside inner (none: pass an empty rectangle).
struct Exact {
    uint64_t count = 0;
    double sum = 0;

    Exact(const Mask &m, const PixelRect &rect, const PixelRect &hole, const Range &r)
    {
        OrdinalRange range = ordinal_range(m.format, m.domain, r.lv, r.uv);
        ValueSum total(m.format, m.domain);
        for (int32_t y = rect.y0; y < rect.y1; y++)
            for (int32_t x = rect.x0; x < rect.x1; x++)
                if (counts(m, range, x, y) &&
                    !(x >= hole.x0 && x < hole.x1 && y >= hole.y0 && y < hole.y1)) {
                    total.add(raw_to_ordinal(m.format, m.raw(x, y)), 1);
                    count++;
                }
        sum = total.value();
    }
};

bool inside(const PixelRect &inner, const PixelRect &outer)
{
    return inner.x0 >= outer.x0 && inner.y0 >= outer.y0 && inner.x1 <= outer.x1 &&
           inner.y1 <= outer.y1;
}

} // namespace

TEST(SumBounds, HoldTheExactSum)
{
    Random random(seed());
    int narrow = 0, nested = 0;
    for (int i = 0; i < 400; i++) {
        Mask mask = random_mask(random, 90);
        ChiBins bins = random_bins(random, mask.domain);
        BuiltEntry built(mask, random_grid(random), bins);
        for (int q = 0; q < 20; q++) {
            Range r = random_range(random, mask, bins);
            SumEdges edges;
            select_sum_edges(mask.format, mask.domain, bins, r.lv, r.uv, &edges);
            Roi roi = random_roi(random, mask.shape), inner = random_inner(random, mask, roi);
            PixelRect rect = clip(roi, mask.shape.width, mask.shape.height),
                      hole = clip(inner, mask.shape.width, mask.shape.height);

            SumBounds b = chi_sum_bounds(built.entry, edges, roi);
            Exact exact(mask, rect, PixelRect{0, 0, 0, 0}, r);
            ASSERT_LE(b.lo, exact.sum) << mask.describe();
            ASSERT_GE(b.hi, exact.sum) << mask.describe();
            ASSERT_TRUE(exact.sum == 0 || std::fabs(exact.sum) >= b.least) << mask.describe();
            narrow += b.hi - b.lo < (mask.domain.hi - mask.domain.lo) * double(rect.area()) / 4;

            SumBounds rest;
            CountBounds rest_count;
            bool is_nested = !rect.empty() && (hole.empty() || inside(hole, rect));
            ASSERT_EQ(is_nested, chi_sum_bounds_without(built.entry, edges, roi, inner, &rest));
            ASSERT_EQ(is_nested,
                      chi_bounds_without(built.entry,
                                         select_edges(mask.format, mask.domain, bins, r.lv, r.uv),
                                         roi, inner, &rest_count));
            if (!is_nested)
                continue;
            Exact without(mask, rect, hole, r);
            ASSERT_LE(rest.lo, without.sum) << mask.describe();
            ASSERT_GE(rest.hi, without.sum) << mask.describe();
            ASSERT_LE(rest_count.lo, without.count) << mask.describe();
            ASSERT_GE(rest_count.hi, without.count) << mask.describe();
            nested++;
        }
    }
    EXPECT_GT(narrow, 2000);
    EXPECT_GT(nested, 4000);
}

// A bin for every code: over whole cells the sum is known exactly.
TEST(SumBounds, AreExactWhereTheCountsTellAll)
{
    Random random(seed());
    for (int i = 0; i < 100; i++) {
        PixelFormat format = one_in(random, 2) ? PixelFormat::u8 : PixelFormat::bit;
        Domain domain = random_domain(random, format);
        Mask mask = random_mask(random, format, random_shape(random, 70), domain);
        ChiBins bins;
        equi_width_bins(domain.lo, domain.hi, int32_t(ordinal_end(format)), &bins);
        for (int32_t code = 1; code < bins.bins; code++)
            bins.inner[code - 1] = raw_to_value(format, domain, uint32_t(code));
        BuiltEntry built(mask, random_grid(random), bins);
        Range r = random_range(random, mask, bins);
        SumEdges edges;
        select_sum_edges(format, domain, bins, r.lv, r.uv, &edges);
        SumBounds b = chi_sum_bounds(built.entry, edges, kFullRoi);
        Exact exact(mask, PixelRect{0, 0, mask.shape.width, mask.shape.height},
                    PixelRect{0, 0, 0, 0}, r);
        ASSERT_EQ(b.lo, exact.sum) << mask.describe();
        ASSERT_EQ(b.hi, exact.sum) << mask.describe();
    }
}

// The bounds of a cell are reached: rearranging its pixels inside their bins gives a mask with the
// same entry whose sum is the bound.
TEST(SumBounds, AreReached)
{
    Random random(seed());
    for (int i = 0; i < 300; i++) {
        Mask mask = random_mask(random, PixelFormat::u8, random_shape(random, 24),
                                one_in(random, 2) ? Domain{-1, 1} : Domain{0, 1});
        ChiGrid grid;
        grid.grid_x = grid.grid_y = 1;
        grid.extremes = kNoExtremes;
        ChiBins bins;
        equi_width_bins(mask.domain.lo, mask.domain.hi, 2 + int32_t(below(random, 12)), &bins);
        Range r = random_range(random, mask, bins);
        OrdinalRange range = ordinal_range(mask.format, mask.domain, r.lv, r.uv);
        BuiltEntry built(mask, grid, bins);
        SumEdges edges;
        select_sum_edges(mask.format, mask.domain, bins, r.lv, r.uv, &edges);
        Roi roi = random_roi(random, mask.shape);
        PixelRect rect = clip(roi, mask.shape.width, mask.shape.height);
        SumBounds b = chi_sum_bounds(built.entry, edges, roi);

        // Every pixel takes the value of its bin that adds most, the roi the pixels that add most.
        auto added = [&](uint32_t code) {
            return code >= range.lo && code < range.hi
                       ? raw_to_value(mask.format, mask.domain, code)
                       : 0;
        };
        std::vector<uint32_t> best;
        for (int32_t y = 0; y < mask.shape.height; y++)
            for (int32_t x = 0; x < mask.shape.width; x++) {
                auto bin_of = [&](uint32_t code) {
                    int32_t bin = 0;
                    while (bin + 1 < bins.bins &&
                           code >= edge_ordinal(mask.format, mask.domain, bins.inner[bin],
                                                bins.rounded))
                        bin++;
                    return bin;
                };
                uint32_t chosen = mask.raw(x, y);
                const int32_t bin = bin_of(chosen);
                for (uint32_t code = 0; code < 256; code++)
                    if (bin_of(code) == bin && added(code) > added(chosen))
                        chosen = code;
                best.push_back(chosen);
            }
        std::sort(best.begin(), best.end(),
                  [&](uint32_t a, uint32_t c) { return added(a) > added(c); });
        size_t next_in = 0, next_out = size_t(rect.area());
        for (int32_t y = 0; y < mask.shape.height; y++)
            for (int32_t x = 0; x < mask.shape.width; x++) {
                bool in = x >= rect.x0 && x < rect.x1 && y >= rect.y0 && y < rect.y1;
                mask.set_raw(x, y, best[in ? next_in++ : next_out++]);
            }
        Exact exact(mask, rect, PixelRect{0, 0, 0, 0}, r);
        ASSERT_EQ(b.hi, exact.sum) << mask.describe();
        ASSERT_EQ(built.bytes, BuiltEntry(mask, grid, bins).bytes);
    }
}

TEST(Overlap, HoldsTheExactRatio)
{
    Random random(seed());
    int narrow = 0;
    for (int i = 0; i < 1500; i++) {
        Mask a = random_mask(random, 60);
        PixelFormat format = one_in(random, 2) ? a.format : kFormats[below(random, 5)];
        Domain domain = format == a.format ? a.domain : random_domain(random, format);
        Mask b = one_in(random, 8) ? a : random_mask(random, format, a.shape, domain);
        ChiGrid grid = random_grid(random);
        ChiGrid b_grid = one_in(random, 3) ? random_grid(random) : grid;
        ChiBins a_bins = random_bins(random, a.domain), b_bins = random_bins(random, b.domain);
        BuiltEntry in_a(a, grid, a_bins), in_b(b, b_grid, b_bins);
        for (int q = 0; q < 6; q++) {
            double t = one_in(random, 3) ? a_bins.inner[below(random, uint64_t(a_bins.bins) - 1)]
                                         : random_threshold(random, one_in(random, 2) ? a : b);
            uint64_t n_a = 0, n_b = 0, both = 0;
            for (int32_t y = 0; y < a.shape.height; y++)
                for (int32_t x = 0; x < a.shape.width; x++) {
                    bool is_a = raw_to_ordinal(a.format, a.raw(x, y)) >=
                                lower_ordinal(a.format, a.domain, t),
                         is_b = raw_to_ordinal(b.format, b.raw(x, y)) >=
                                lower_ordinal(b.format, b.domain, t);
                    n_a += is_a;
                    n_b += is_b;
                    both += is_a && is_b;
                }
            for (OverlapKind kind : {OverlapKind::iou, OverlapKind::iomin}) {
                uint64_t of = kind == OverlapKind::iou ? n_a + n_b - both : std::min(n_a, n_b);
                double exact = of > 0 ? double(both) / double(of) : 0;
                RatioBounds bounds;
                ASSERT_TRUE(chi_overlap_bounds(
                    kind, in_a.entry, select_edges(a.format, a.domain, a_bins, t, INFINITY),
                    in_b.entry, select_edges(b.format, b.domain, b_bins, t, INFINITY), &bounds));
                ASSERT_LE(bounds.lo, exact) << a.describe() << b.describe() << t;
                ASSERT_GE(bounds.hi, exact) << a.describe() << b.describe() << t;
                ASSERT_LE(bounds.hi, 1);
                narrow += bounds.hi - bounds.lo < 0.3;
            }
        }
    }
    EXPECT_GT(narrow, 5000);

    Mask small = make_mask(PixelFormat::u8, Shape{4, 5}, Domain{}),
         tall = make_mask(PixelFormat::u8, Shape{5, 4}, Domain{});
    ChiBins bins;
    equi_width_bins(0, 1, 4, &bins);
    BuiltEntry in_small(small, ChiGrid{}, bins), in_tall(tall, ChiGrid{}, bins);
    EdgeSelection edges = select_edges(PixelFormat::u8, Domain{}, bins, 0.5, INFINITY);
    RatioBounds bounds;
    EXPECT_FALSE(
        chi_overlap_bounds(OverlapKind::iou, in_small.entry, edges, in_tall.entry, edges, &bounds));
}

namespace
{

// ---- shares: quotients of two calls over one mask ----

struct Subject {
    const ChiEntry *entry;
    const ChiBins *bins;
};

Num known_of_call(const Subject &s, const LeafCall &c)
{
    const double lv = c.numbers[0], uv = c.numbers[1];
    if (c.leaf->kind == &kCpLeaf)
        return count_number(chi_bounds(*s.entry, *s.bins, c.roi, lv, uv));
    SumEdges edges;
    select_sum_edges(s.entry->format, s.entry->domain, *s.bins, lv, uv, &edges);
    return sum_number(chi_sum_bounds(*s.entry, edges, c.roi));
}

// Over what the roi of `whole` has outside the one of `part`.
Num known_of_rest(const Subject &s, const LeafCall &whole, const LeafCall &part)
{
    const double lv = whole.numbers[0], uv = whole.numbers[1];
    if (whole.leaf->kind == &kCpLeaf) {
        CountBounds rest;
        EdgeSelection edges = select_edges(s.entry->format, s.entry->domain, *s.bins, lv, uv);
        return chi_bounds_without(*s.entry, edges, whole.roi, part.roi, &rest) ? count_number(rest)
                                                                               : any_num(0);
    }
    SumBounds rest;
    SumEdges edges;
    select_sum_edges(s.entry->format, s.entry->domain, *s.bins, lv, uv, &edges);
    return chi_sum_bounds_without(*s.entry, edges, whole.roi, part.roi, &rest) ? sum_number(rest)
                                                                               : any_num(0);
}

template <typename T> void put(std::vector<uint8_t> *code, T v)
{
    uint8_t bytes[sizeof(T)];
    store_le<T>(bytes, v);
    code->insert(code->end(), bytes, bytes + sizeof(T));
}

void put_call(std::vector<uint8_t> *code, MaskLeafKind kind, const Roi &roi, const Range &r)
{
    put<uint8_t>(code, uint8_t(kind));
    put<uint8_t>(code, 0);
    put<uint8_t>(code, 0);
    for (int32_t v : {roi.x1, roi.y1, roi.x2, roi.y2})
        put<int32_t>(code, v);
    for (double v : {r.lv, r.uv}) {
        put<uint8_t>(code, 0);
        put<double>(code, v);
    }
}

void put_leaf(std::vector<uint8_t> *code, uint16_t site)
{
    put<uint8_t>(code, uint8_t(ProgramOp::leaf_num));
    put<uint16_t>(code, site);
}

// part / whole, or part / NULLIF(whole, 0).
std::vector<uint8_t> share_program(MaskLeafKind kind, const Roi &part, const Roi &whole,
                                   const Range &a, const Range &b, bool null_if)
{
    std::vector<uint8_t> code{kProgramVersion, 1, 0, 0, 2, 0};
    put_call(&code, kind, part, a);
    put_call(&code, kind, whole, b);
    put<uint8_t>(&code, uint8_t(ProgramOp::arith));
    put<uint8_t>(&code, uint8_t(ArithOp::div));
    put<uint8_t>(&code, uint8_t(NumKind::f8));
    put_leaf(&code, 0);
    if (null_if)
        put<uint8_t>(&code, uint8_t(ProgramOp::null_if));
    put_leaf(&code, 1);
    if (null_if) {
        put<uint8_t>(&code, uint8_t(ProgramOp::const_num));
        put<double>(&code, 0);
    }
    return code;
}

} // namespace

TEST(Share, HoldsTheExactQuotient)
{
    Random random(seed());
    int narrowed = 0, values = 0;
    for (int i = 0; i < 1000; i++) {
        Mask mask = random_mask(random, 70);
        ChiBins bins = random_bins(random, mask.domain);
        BuiltEntry built(mask, random_grid(random), bins);
        Subject subject{&built.entry, &bins};
        for (int q = 0; q < 12; q++) {
            MaskLeafKind kind = one_in(random, 2) ? MaskLeafKind::cp : MaskLeafKind::pixel_sum;
            Range a = random_range(random, mask, bins),
                  b = one_in(random, 8) ? random_range(random, mask, bins) : a;
            Roi whole = one_in(random, 3) ? kFullRoi : random_roi(random, mask.shape),
                part = random_inner(random, mask, whole);
            bool null_if = !one_in(random, 3);
            std::vector<uint8_t> code = share_program(kind, part, whole, a, b, null_if);
            Program program;
            Error err;
            Leaf leaves[2];
            ASSERT_TRUE(
                open_program(Bytes{code.data(), code.size()}, mask_leaves, leaves, &program, err));
            LeafCall calls[2];
            read_leaf_calls(program, nullptr, calls);
            LeafValue known[2] = {number_leaf(known_of_call(subject, calls[0])),
                                  number_leaf(known_of_call(subject, calls[1]))};
            Num plain = evaluate_number(program, nullptr, known);
            const LeafCall *divisor = divisor_of(calls, 0);
            ASSERT_EQ(a.lv == b.lv && a.uv == b.uv, divisor == &calls[1]);
            if (divisor)
                known[0].rest = known_of_rest(subject, *divisor, calls[0]);
            Num joint = evaluate_number(program, nullptr, known);
            ASSERT_EQ(plain.may, joint.may);

            const PixelRect none{0, 0, 0, 0};
            auto clipped = [&](const Roi &r) {
                return clip(r, mask.shape.width, mask.shape.height);
            };
            Exact top(mask, clipped(part), none, a), bottom(mask, clipped(whole), none, b);
            double x = kind == MaskLeafKind::cp ? double(top.count) : top.sum,
                   y = kind == MaskLeafKind::cp ? double(bottom.count) : bottom.sum;
            if (y == 0) {
                ASSERT_TRUE(joint.may & (null_if ? kMayNull : kMayError));
                continue;
            }
            ASSERT_TRUE(joint.may & kMayValue);
            if (is_any(joint))
                continue;
            values++;
            ASSERT_LE(joint.lo, x / y) << mask.describe();
            ASSERT_GE(joint.hi, x / y) << mask.describe();
            ASSERT_GE(joint.lo, plain.lo);
            ASSERT_LE(joint.hi, plain.hi);
            narrowed += joint.hi - joint.lo < 0.9 * (plain.hi - plain.lo);
        }
    }
    EXPECT_GT(values, 3000);
    EXPECT_GT(narrowed, 600);
}

} // namespace mq
