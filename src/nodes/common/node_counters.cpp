#include "nodes/common/node_counters.h"

#include "stats/statement.h"

namespace mq
{

void count_reading(Counters *to, const Counters &before)
{
    const Counters after = process_counters();
    for (Counter c : {Counter::loaded, Counter::pixel_bytes})
        (*to)[c] += after[c] - before[c];
}

void count_no_longer_pruned(Counters *node, int64 statement, int64 masks, Verdict verdict)
{
    (*node)[Counter::pruned] -= masks;
    (*node)[Counter::accepted] += verdict == Verdict::accepted ? masks : 0;
    stats_masks_reopened(statement, masks, verdict);
}

void explain_counters(CounterGroup group, const Counters &counters, ExplainState *es)
{
    for_each_counter(group, [&](Counter c) {
        ExplainPropertyInteger(counter_names[int(c)].label, nullptr, counters[c], es);
    });
}

} // namespace mq
