// Bounds of cp over aggregates of masks, against the aggregates' pixels.
#include "core/chi/aggregate/aggregate_bounds.h"

#include <cmath>
#include <memory>

#include "random_group.h"

namespace mq
{

using namespace test;

namespace
{

AggregateMember member_of(const Group &g, size_t i)
{
    const Input &in = g.inputs[i];
    return AggregateMember{&in.built->entry, &g.bins[g.index[i]], in.comparison, in.threshold,
                           in.weight};
}

// Memory of exactly the size that is asked for.
struct Memory {
    std::vector<std::unique_ptr<uint8_t[]>> blocks;

    void *take(size_t size)
    {
        blocks.push_back(std::make_unique<uint8_t[]>(size));
        return blocks.back().get();
    }
};

// What is known of a group, in both stages.
struct Bounds {
    bool known = false, has_extremes = false;
    CountBounds counts, extremes;
    bool is_share = false; // then also:
    RatioBounds share_counts, share_extremes;
    uint64_t least_counts, least_extremes;
};

Bounds bound(const Group &g)
{
    Bounds b;
    GroupMembers members;
    for (size_t i = 0; i < g.inputs.size(); i++)
        if (!survey_member(g.call, member_of(g, i), &members))
            return b;
    AggregateLevels levels;
    if (!find_levels(g.call, members, &levels))
        return b;
    for (bool share : {false, true}) {
        if (share && (g.call.kind != MaskAggregate::intersect || levels.from.everything ||
                      levels.from.nothing || !levels.to.nothing))
            break;
        Memory memory;
        GroupBounds bounds;
        start_aggregate(g.call, members, levels, share, g.inputs[0].built->entry, &bounds);
        start_counts(&bounds, memory.take(counts_size(bounds)));
        std::vector<MemberSets> sets(g.inputs.size());
        for (size_t i = 0; i < g.inputs.size(); i++) {
            select_sets(bounds, member_of(g, i), true, &sets[i]);
            add_counts(&bounds, member_of(g, i), sets[i]);
        }
        b.known = true;
        b.is_share = share;
        EXPECT_TRUE(share ? share_bounds(bounds, false, &b.share_counts, &b.least_counts)
                          : counted_bounds(bounds, &b.counts));
        const size_t size = extremes_size(bounds);
        b.has_extremes = size > 0;
        if (!b.has_extremes)
            continue;
        start_extremes(&bounds, memory.take(size));
        for (size_t i = 0; i < g.inputs.size(); i++)
            add_extremes(&bounds, member_of(g, i), sets[i]);
        judge_tiles(&bounds);
        for (size_t i = 0; i < g.inputs.size(); i++)
            add_rest(&bounds, member_of(g, i), sets[i]);
        EXPECT_TRUE(share ? share_bounds(bounds, true, &b.share_extremes, &b.least_extremes)
                          : extreme_bounds(bounds, &b.extremes));
    }
    return b;
}

uint64_t count(const Group &g, const Mask &out)
{
    return g.call.result_compared
               ? brute_force_count(compare(out, g.call.result_comparison, g.call.result_threshold),
                                   g.call.roi, g.call.lv, g.call.uv)
               : brute_force_count(out, g.call.roi, g.call.lv, g.call.uv);
}

std::string describe(const Group &g)
{
    char text[400];
    snprintf(text, sizeof text,
             "kind %d of %zu%s%s (%d, %.17g), roi ((%d,%d),(%d,%d)), %.17g to %.17g, first: ",
             int(g.call.kind), g.inputs.size(), g.call.members_compared ? " compared" : "",
             g.call.result_compared ? ", result compared" : "", int(g.call.result_comparison),
             g.call.result_threshold, g.call.roi.x1, g.call.roi.y1, g.call.roi.x2, g.call.roi.y2,
             g.call.lv, g.call.uv);
    return text + g.inputs[0].mask.describe();
}

} // namespace

TEST(AggregateBounds, HoldTheExactCount)
{
    Random random(seed());
    size_t known = 0, narrower = 0, exact = 0;
    for (int i = 0; i < 20000; i++) {
        Group g = random_group(random);
        Mask out;
        if (!aggregate(g, random, &out))
            continue;
        const uint64_t exact_count = count(g, out);
        Bounds b = bound(g);
        if (!b.known)
            continue;
        known++;
        ASSERT_LE(b.counts.lo, exact_count) << describe(g);
        ASSERT_GE(b.counts.hi, exact_count) << describe(g);
        exact += b.counts.lo == b.counts.hi;
        if (b.has_extremes) {
            ASSERT_LE(b.extremes.lo, exact_count) << describe(g);
            ASSERT_GE(b.extremes.hi, exact_count) << describe(g);
            ASSERT_GE(b.extremes.lo, b.counts.lo) << describe(g);
            ASSERT_LE(b.extremes.hi, b.counts.hi) << describe(g);
            narrower += b.extremes.hi - b.extremes.lo < b.counts.hi - b.counts.lo;
        }
    }
    EXPECT_GT(known, 15000u);
    EXPECT_GT(narrower, 500u);
    EXPECT_GT(exact, 500u);
}

// The intersection's share of the union.
TEST(AggregateBounds, HoldTheExactShare)
{
    Random random(seed());
    size_t tried = 0;
    for (int i = 0; i < 20000; i++) {
        Group g = random_group(random);
        g.call.kind = MaskAggregate::intersect;
        g.call.uv = INFINITY;
        Bounds b = bound(g);
        if (!b.is_share)
            continue;
        tried++;
        Mask both, any;
        ASSERT_TRUE(aggregate(g, random, &both));
        g.call.kind = MaskAggregate::unite;
        ASSERT_TRUE(aggregate(g, random, &any));
        const double part = double(count(g, both)), whole = double(count(g, any));
        const double share = whole > 0 ? part / whole : 0;
        ASSERT_LE(b.share_counts.lo, share) << describe(g);
        ASSERT_GE(b.share_counts.hi, share) << describe(g);
        ASSERT_LE(double(b.least_counts), whole) << describe(g);
        if (!b.has_extremes)
            continue;
        ASSERT_LE(b.share_extremes.lo, share) << describe(g);
        ASSERT_GE(b.share_extremes.hi, share) << describe(g);
        ASSERT_LE(double(b.least_extremes), whole) << describe(g);
        ASSERT_GE(b.share_extremes.lo, b.share_counts.lo) << describe(g);
        ASSERT_LE(b.share_extremes.hi, b.share_counts.hi) << describe(g);
    }
    EXPECT_GT(tried, 5000u);
}

} // namespace mq
