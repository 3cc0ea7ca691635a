#include "nodes/common/node_counters.h"

namespace mq
{

void explain_counters(CounterGroup group, const Counters &counters, ExplainState *es)
{
    for_each_counter(group, [&](Counter c) {
        ExplainPropertyInteger(counter_names[int(c)].label, nullptr, counters[c], es);
    });
}

} // namespace mq
