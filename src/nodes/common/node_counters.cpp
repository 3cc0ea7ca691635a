#include "nodes/common/node_counters.h"

namespace mq
{

void add_difference(Counters *to, const Counters &after, const Counters &before)
{
    to->masks += after.masks - before.masks;
    to->pruned += after.pruned - before.pruned;
    to->accepted += after.accepted - before.accepted;
    to->loaded += after.loaded - before.loaded;
    to->pixel_bytes += after.pixel_bytes - before.pixel_bytes;
}

void init_shared_counters(SharedCounters *shared)
{
    pg_atomic_init_u64(&shared->masks, 0);
    pg_atomic_init_u64(&shared->pruned, 0);
    pg_atomic_init_u64(&shared->accepted, 0);
    pg_atomic_init_u64(&shared->loaded, 0);
    pg_atomic_init_u64(&shared->pixel_bytes, 0);
}

void give_shared_counters(SharedCounters *shared, Counters *counters)
{
    pg_atomic_fetch_add_u64(&shared->masks, counters->masks);
    pg_atomic_fetch_add_u64(&shared->pruned, counters->pruned);
    pg_atomic_fetch_add_u64(&shared->accepted, counters->accepted);
    pg_atomic_fetch_add_u64(&shared->loaded, counters->loaded);
    pg_atomic_fetch_add_u64(&shared->pixel_bytes, counters->pixel_bytes);
    *counters = Counters{};
}

void take_shared_counters(SharedCounters *shared, Counters *counters)
{
    counters->masks += pg_atomic_exchange_u64(&shared->masks, 0);
    counters->pruned += pg_atomic_exchange_u64(&shared->pruned, 0);
    counters->accepted += pg_atomic_exchange_u64(&shared->accepted, 0);
    counters->loaded += pg_atomic_exchange_u64(&shared->loaded, 0);
    counters->pixel_bytes += pg_atomic_exchange_u64(&shared->pixel_bytes, 0);
}

void explain_counters(const Counters &counters, ExplainState *es)
{
    ExplainPropertyInteger("Masks Considered", nullptr, counters.masks, es);
    ExplainPropertyInteger("Pruned by Bounds", nullptr, counters.pruned, es);
    ExplainPropertyInteger("Accepted by Bounds", nullptr, counters.accepted, es);
    ExplainPropertyInteger("Loaded", nullptr, counters.loaded, es);
    ExplainPropertyInteger("Pixel Bytes Read", nullptr, counters.pixel_bytes, es);
}

} // namespace mq
