#include "stats/counters.h"

namespace mq
{

void add_counters(Counters *to, const Counters &from)
{
    for (int i = 0; i < kCounters; i++)
        to->value[i] += from.value[i];
}

void add_difference(Counters *to, const Counters &after, const Counters &before)
{
    for (int i = 0; i < kCounters; i++)
        to->value[i] += after.value[i] - before.value[i];
}

void init_shared_counters(SharedCounters *shared)
{
    for (pg_atomic_uint64 &value : shared->value)
        pg_atomic_init_u64(&value, 0);
}

Counters read_shared_counters(SharedCounters *shared)
{
    Counters c;
    for (int i = 0; i < kCounters; i++)
        c.value[i] = int64(pg_atomic_read_u64(&shared->value[i]));
    return c;
}

void clear_shared_counters(SharedCounters *shared)
{
    for (pg_atomic_uint64 &value : shared->value)
        pg_atomic_write_u64(&value, 0);
}

void give_counters(SharedCounters *shared, const Counters &counters)
{
    for (int i = 0; i < kCounters; i++)
        pg_atomic_fetch_add_u64(&shared->value[i], counters.value[i]);
}

void take_counters(SharedCounters *shared, Counters *counters)
{
    for (int i = 0; i < kCounters; i++)
        counters->value[i] += int64(pg_atomic_exchange_u64(&shared->value[i], 0));
}

} // namespace mq
