// What one plan node did with masks, for EXPLAIN (ANALYZE), parallel workers included.
#pragma once

#include "pg/compat.h"
#include "stats/counters.h"
#include "stats/stats.h"

namespace mq
{

// Adds the masks that were read since `before` to a node's counters.
void count_reading(Counters *to, const Counters &before);
// Masks that were counted as pruned so far, in the node and in the statement, are accepted or read.
void count_no_longer_pruned(Counters *node, int64 statement, int64 masks, Verdict verdict);

// The counters of a group as properties of a node.
void explain_counters(CounterGroup group, const Counters &counters, ExplainState *es);

} // namespace mq
