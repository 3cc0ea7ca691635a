// What one plan node did with masks, for EXPLAIN (ANALYZE), parallel workers included.
#pragma once

#include "pg/compat.h"
#include "stats/statement.h"

extern "C" {
#include "port/atomics.h"
}

namespace mq
{

// Adds what the process has counted between two looks at process_counters().
void add_difference(Counters *to, const Counters &after, const Counters &before);

// Where workers leave their node's counts: in the parallel query's shared memory.
struct SharedCounters {
    pg_atomic_uint64 masks, pruned, accepted, loaded, pixel_bytes;
};
void init_shared_counters(SharedCounters *shared);
// Adds a worker's counts and zeroes them.
void give_shared_counters(SharedCounters *shared, Counters *counters);
// Adds what workers have left to the leader's counts and zeroes it.
void take_shared_counters(SharedCounters *shared, Counters *counters);

// The counters as properties of a node.
void explain_counters(const Counters &counters, ExplainState *es);

} // namespace mq
