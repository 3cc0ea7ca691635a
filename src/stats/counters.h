// What is counted of a statement, of a session, of a plan node. A counter is a value of the enum
// and its name in the table; whatever adds, resets, shares or tells counters goes over all of them.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "port/atomics.h"
}

namespace mq
{

// In the order in which they are told: maskquery_last_query() has a column for each of chi.
enum class Counter : uint8_t {
    masks,       // whose bounds were asked, or that were loaded without
    pruned,      // not loaded: bounds refuted a clause
    accepted,    // not loaded for a clause: bounds proved all
    loaded,      // whose pixels were read
    pixel_bytes, // of mask values fetched
};
constexpr int kCounters = 5;

// Whose facts a counter is about: the nodes that use them tell it.
enum class CounterGroup : uint8_t { chi };

struct CounterName {
    CounterGroup group;
    const char *label; // in EXPLAIN
};
inline constexpr CounterName counter_names[] = {
    {CounterGroup::chi, "Masks Considered"},   {CounterGroup::chi, "Pruned by Bounds"},
    {CounterGroup::chi, "Accepted by Bounds"}, {CounterGroup::chi, "Loaded"},
    {CounterGroup::chi, "Pixel Bytes Read"},
};
static_assert(sizeof counter_names / sizeof counter_names[0] == kCounters, "each has a name");

struct Counters {
    int64 value[kCounters] = {};

    int64 &operator[](Counter c) { return value[int(c)]; }
    int64 operator[](Counter c) const { return value[int(c)]; }
};
void add_counters(Counters *to, const Counters &from);
// Adds what was counted between two looks at the same counters.
void add_difference(Counters *to, const Counters &after, const Counters &before);

// Calls tell(Counter) for the counters of a group.
template <typename Tell> inline void for_each_counter(CounterGroup group, Tell tell)
{
    for (int i = 0; i < kCounters; i++)
        if (counter_names[i].group == group)
            tell(Counter(i));
}

// Counters in shared memory, to which several processes add.
struct SharedCounters {
    pg_atomic_uint64 value[kCounters];
};
void init_shared_counters(SharedCounters *shared);
Counters read_shared_counters(SharedCounters *shared);
void clear_shared_counters(SharedCounters *shared);
// Adds a process's counts.
void give_counters(SharedCounters *shared, const Counters &counters);
// Adds to a process's counts what the others have given, and zeroes that.
void take_counters(SharedCounters *shared, Counters *counters);

} // namespace mq
