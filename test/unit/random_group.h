// Random groups of masks and what their aggregate is, for property tests.
#pragma once

#include <algorithm>
#include <memory>

#include "core/chi/aggregate/aggregate_bounds.h"
#include "core/io/convert.h"
#include "core/mask/ops/sums.h"
#include "random_chi.h"

namespace mq::test
{

inline Mask as_format(const Mask &m, PixelFormat format)
{
    Mask out = make_mask(format, m.shape, m.domain);
    Error err;
    EXPECT_TRUE(convert_format(m.format, format, m.domain, m.shape, m.flat(), out.flat(), err))
        << err.message;
    return out;
}

inline Mask compare(const Mask &m, Comparison comparison, double t)
{
    Mask out = make_mask(PixelFormat::bit, m.shape, Domain{});
    Error err;
    EXPECT_TRUE(
        threshold(m.format, m.domain, m.shape.pixels(), m.flat(), comparison, t, out.flat(), err))
        << err.message;
    return out;
}

struct Input {
    Mask mask; // of the table
    Comparison comparison;
    double threshold, weight;
    std::unique_ptr<BuiltEntry> built;
};

struct Group {
    AggregateCall call;
    ChiBins bins[2];
    std::vector<Input> inputs;
    std::vector<int> index; // which bins, by input
};

inline bool one_format(const std::vector<Mask> &masks)
{
    for (const Mask &m : masks)
        if (m.format != masks[0].format)
            return false;
    return true;
}

// Pixel by pixel the value of that rank: the least, the greatest, any in between. What SQL
// aggregates do to f32 masks and to such of one format.
inline Mask ranked(std::vector<Mask> masks, size_t rank, bool keep_format)
{
    if (!keep_format || !one_format(masks))
        for (Mask &m : masks)
            m = as_format(m, PixelFormat::f32);
    Mask out = make_mask(masks[0].format, masks[0].shape, masks[0].domain);
    for (int32_t y = 0; y < out.shape.height; y++)
        for (int32_t x = 0; x < out.shape.width; x++) {
            std::vector<uint32_t> ordinals;
            for (const Mask &m : masks)
                ordinals.push_back(raw_to_ordinal(m.format, m.raw(x, y)));
            std::sort(ordinals.begin(), ordinals.end());
            out.set_raw(x, y, ordinal_to_raw(out.format, ordinals[rank]));
        }
    return out;
}

// As the aggregates add up, in an order of their own.
inline bool added(const Group &g, const std::vector<Mask> &masks, Random &random, Mask *out)
{
    const size_t pixels = masks[0].shape.pixels();
    const bool mean = g.call.kind == MaskAggregate::mean;
    std::vector<size_t> order(masks.size());
    for (size_t i = 0; i < order.size(); i++)
        order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    // Two partial sums, as of two workers.
    std::vector<double> sums[2] = {std::vector<double>(pixels), std::vector<double>(pixels)};
    for (size_t i : order)
        add_pixels(masks[i].format, masks[i].domain, pixels, masks[i].flat(),
                   mean ? 1.0 : g.inputs[i].weight, sums[one_in(random, 2)].data());
    for (size_t p = 0; p < pixels; p++)
        sums[0][p] += sums[1][p];
    *out = make_mask(PixelFormat::f32, masks[0].shape, masks[0].domain);
    Error err;
    return finish_sums(out->domain, pixels, sums[0].data(), mean ? double(masks.size()) : 1.0,
                       reinterpret_cast<float *>(out->flat()), err);
}

inline bool aggregate(const Group &g, Random &random, Mask *out)
{
    std::vector<Mask> masks;
    for (const Input &i : g.inputs)
        masks.push_back(g.call.members_compared ? compare(i.mask, i.comparison, i.threshold)
                                                : i.mask);
    switch (g.call.kind) {
    case MaskAggregate::intersect:
        *out = ranked(masks, 0, true);
        return true;
    case MaskAggregate::unite:
        *out = ranked(masks, masks.size() - 1, true);
        return true;
    case MaskAggregate::monotone:
        *out = ranked(masks, below(random, masks.size()), one_in(random, 2));
        return true;
    default:
        return added(g, masks, random, out);
    }
}

inline Comparison random_comparison(Random &random)
{
    return Comparison(below(random, 4));
}

inline Group random_group(Random &random)
{
    Group g;
    g.call.kind = MaskAggregate(below(random, 5));
    g.call.members_compared = one_in(random, 2);
    g.call.result_compared = one_in(random, 3);
    g.call.result_comparison = random_comparison(random);
    const Shape shape = random_shape(random, 40);
    const bool mixed = one_in(random, 3), same_threshold = one_in(random, 2);
    PixelFormat format = kFormats[below(random, 5)];
    // A domain that every format can have.
    Domain domain = random_domain(random, PixelFormat::u16);
    Error err;
    for (PixelFormat f : kFormats)
        if (!check_domain(f, domain, err))
            domain = Domain{};
    ChiGrid grids[2] = {random_grid(random), random_grid(random)};
    g.bins[0] = random_bins(random, domain);
    g.bins[1] = random_bins(random, domain);
    const bool two_indexes = one_in(random, 8);
    const size_t n = 1 + below(random, one_in(random, 10) ? 30 : 5);
    const bool equal_weights = one_in(random, 2);
    for (size_t i = 0; i < n; i++) {
        Input in;
        if (mixed)
            format = kFormats[below(random, 5)];
        // Like ones often, so that they overlap.
        if (i > 0 && one_in(random, 2)) {
            in.mask = g.inputs[i - 1].mask;
            for (size_t k = below(random, shape.pixels() + 1); k > 0; k--) {
                int32_t x = int32_t(below(random, uint64_t(shape.width))),
                        y = int32_t(below(random, uint64_t(shape.height)));
                in.mask.set_raw(x, y, in.mask.raw(shape.width - 1 - x, y));
            }
        } else {
            in.mask = random_mask(random, format, shape, domain);
        }
        in.comparison =
            i == 0 || one_in(random, 3) ? random_comparison(random) : g.inputs[0].comparison;
        in.threshold = i > 0 && same_threshold ? g.inputs[0].threshold
                       : one_in(random, 2)     ? random_threshold(random, in.mask)
                                               : g.bins[0].inner[below(random, g.bins[0].bins - 1)];
        in.weight = g.call.kind != MaskAggregate::sum ? 1
                    : equal_weights && i > 0          ? g.inputs[0].weight
                    : one_in(random, 10)              ? 0
                                                      : uniform(random, 0, 2.0 / double(n));
        const int which = two_indexes && one_in(random, 2);
        in.built = std::make_unique<BuiltEntry>(in.mask, grids[which], g.bins[which]);
        g.index.push_back(which);
        g.inputs.push_back(std::move(in));
    }
    const Mask like = g.call.members_compared
                          ? compare(g.inputs[0].mask, g.inputs[0].comparison, g.inputs[0].threshold)
                          : g.inputs[0].mask;
    auto limit = [&] {
        if (one_in(random, 3) && !g.call.members_compared)
            return g.bins[0].inner[below(random, g.bins[0].bins - 1)];
        return one_in(random, 4) ? uniform(random, like.domain.lo, like.domain.hi)
                                 : random_threshold(random, like);
    };
    g.call.result_threshold = limit();
    double lv = g.call.result_compared ? uniform(random, -1, 2) : limit(),
           uv = g.call.result_compared ? uniform(random, -1, 2) : limit();
    if (one_in(random, 3))
        uv = INFINITY;
    g.call.lv = std::min(lv, uv);
    g.call.uv = std::max(lv, uv);
    g.call.roi = random_roi(random, shape);
    return g;
}

} // namespace mq::test
