#include "learn/shared_touches.h"

#include <algorithm>

#include "learn/touched.h"

extern "C" {
#include "port/atomics.h"
}

namespace mq
{

constexpr uint32 kSharedBlocks = 2048;
constexpr uint32 kSharedValues = 8192;

struct SharedTouches {
    pg_atomic_uint32 block_count, value_count; // places given out; may pass the room there is
    TouchedBlock blocks[kSharedBlocks];
    TouchedValue values[kSharedValues];
};

size_t shared_touches_size()
{
    return sizeof(SharedTouches);
}

void init_shared_touches(SharedTouches *shared)
{
    pg_atomic_init_u32(&shared->block_count, 0);
    pg_atomic_init_u32(&shared->value_count, 0);
}

// The first of up to n places that the caller now owns; *n becomes how many they are.
static uint32 reserve(pg_atomic_uint32 *count, uint32 room, uint32 *n)
{
    uint32 begin = std::min(pg_atomic_fetch_add_u32(count, *n), room);
    *n = std::min(*n, room - begin);
    return begin;
}

void send_touches(SharedTouches *shared)
{
    if (untaken_touches() == 0)
        return;
    Touches touches = take_touches();
    uint32 n = std::min(touches.block_count, kSharedBlocks);
    uint32 begin = reserve(&shared->block_count, kSharedBlocks, &n);
    std::copy(touches.blocks, touches.blocks + n, shared->blocks + begin);
    n = std::min(touches.value_count, kSharedValues);
    begin = reserve(&shared->value_count, kSharedValues, &n);
    std::copy(touches.values, touches.values + n, shared->values + begin);
}

void receive_touches(SharedTouches *shared)
{
    Touches touches;
    touches.blocks = shared->blocks;
    touches.block_count = std::min(pg_atomic_exchange_u32(&shared->block_count, 0), kSharedBlocks);
    touches.values = shared->values;
    touches.value_count = std::min(pg_atomic_exchange_u32(&shared->value_count, 0), kSharedValues);
    add_touches(touches);
}

} // namespace mq
