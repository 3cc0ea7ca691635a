// What one plan node did with masks, for EXPLAIN (ANALYZE), parallel workers included.
#pragma once

#include "pg/compat.h"
#include "stats/counters.h"

namespace mq
{

// The counters of a group as properties of a node.
void explain_counters(CounterGroup group, const Counters &counters, ExplainState *es);

} // namespace mq
