// The queue of a background worker, driven as the worker does it, with kinds that it knows nothing
// of.
#include "core/queue/work_queue.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

using namespace mq;

namespace
{

WorkItem item(uint16_t kind, uint16_t priority, bool when_idle, uint32_t relation,
              uint64_t payload = 0, uint64_t size = 0)
{
    return WorkItem{kind, priority, when_idle, relation, 0, payload, size};
}

std::string order(std::vector<WorkItem> items)
{
    sort_items(items.data(), items.size());
    std::string text;
    for (const WorkItem &i : items)
        text += std::to_string(i.relation) + " ";
    return text;
}

// A kind of the test's own: units that take some time each, and the order in which they were done.
struct Kind {
    double unit_ms;
    std::vector<uint32_t> left;           // units, by item
    std::function<bool(uint32_t)> wanted; // asked before each slice
    Pace pace;
    std::vector<uint32_t> slices; // units done in each
};

// Runs all items as the worker does; what was done, as "kind:item ".
std::string run_all(std::vector<WorkItem> items, std::vector<Kind> &kinds)
{
    std::string done;
    sort_items(items.data(), items.size());
    for (const WorkItem &i : items) {
        Kind &kind = kinds[i.kind];
        uint32_t &left = kind.left[i.relation];
        while (left > 0 && kind.wanted(i.relation)) {
            const uint32_t units = std::min(left, kind.pace.units);
            left -= units;
            kind.slices.push_back(units);
            adjust_pace(&kind.pace, units, units * kind.unit_ms);
            if (left == 0)
                done += std::to_string(i.kind) + ":" + std::to_string(i.relation) + " ";
        }
    }
    return done;
}

} // namespace

TEST(WorkQueue, SortsByIdlenessThenPriorityThenArrival)
{
    EXPECT_EQ(order({}), "");
    EXPECT_EQ(order({item(0, 1, false, 1), item(1, 5, true, 2), item(0, 3, false, 3),
                     item(1, 1, false, 4), item(0, 7, true, 5), item(0, 3, false, 6)}),
              "3 6 1 4 5 2 ");
}

TEST(WorkQueue, RefusesItemsThatLeadOutOfTheSegment)
{
    const uint64_t huge = ~uint64_t{0};
    const auto sound = [](WorkItem i) { return items_are_sound(&i, 1, 2, 100); };
    EXPECT_TRUE(items_are_sound(nullptr, 0, 0, 0));
    EXPECT_TRUE(sound(item(1, 0, false, 0, 0, 100)));
    EXPECT_TRUE(sound(item(1, 0, false, 0, 100, 0)));
    EXPECT_FALSE(sound(item(2, 0, false, 0, 0, 100)));
    EXPECT_FALSE(sound(item(1, 0, false, 0, 1, 100)));
    EXPECT_FALSE(sound(item(1, 0, false, 0, 101, 0)));
    EXPECT_FALSE(sound(item(1, 0, false, 0, 50, huge)));
    EXPECT_FALSE(sound(item(1, 0, false, 0, huge, 1)));
    EXPECT_FALSE(sound(item(1, 0, false, 0, huge, huge)));
    const WorkItem both[] = {item(0, 0, false, 0, 0, 8), item(0, 0, false, 0, 96, 8)};
    EXPECT_FALSE(items_are_sound(both, 2, 1, 100));
}

TEST(WorkQueue, FindsHowManyUnitsTakeASlice)
{
    for (double unit_ms : {0.001, 0.05, 0.4, 3.0, 19.0, 500.0}) {
        Pace pace;
        for (int i = 0; i < 30; i++)
            adjust_pace(&pace, pace.units, pace.units * unit_ms);
        const double slice = pace.units * unit_ms;
        EXPECT_TRUE(slice <= 2 * kSliceMs || pace.units == 1) << unit_ms;
        EXPECT_TRUE(slice >= kSliceMs || pace.units == kMaxUnits) << unit_ms;
    }
    Pace pace;
    adjust_pace(&pace, 0, 1000); // a slice in which nothing was done
    EXPECT_EQ(pace.units, kFirstUnits);
    adjust_pace(&pace, 3, 1); // the end of an item
    EXPECT_EQ(pace.units, kFirstUnits);
}

TEST(WorkQueue, ServesASecondKind)
{
    std::vector<Kind> kinds(2);
    kinds[0] = {0.1, {1000, 0, 30}, [](uint32_t) { return true; }, {}, {}};
    // Slow units of a kind that waits for an idle database; of its second item nothing is wanted
    // any more.
    kinds[1] = {100, {3, 5}, [](uint32_t i) { return i == 0; }, {}, {}};
    EXPECT_EQ(run_all({item(1, 9, true, 0), item(0, 1, false, 0), item(1, 9, true, 1),
                       item(0, 2, false, 2)},
                      kinds),
              "0:2 0:0 1:0 ");
    EXPECT_EQ(kinds[1].left[1], 5u);
    EXPECT_EQ(kinds[1].slices.back(), 3u) << "one kind's pace is not the other's";
    EXPECT_GT(kinds[0].pace.units, kFirstUnits);
}
