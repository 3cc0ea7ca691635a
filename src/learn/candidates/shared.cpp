#include "learn/candidates/shared.h"

#include <algorithm>

#include "learn/candidates/rows.h"

extern "C" {
#include "port/atomics.h"
}

namespace mq
{

constexpr uint32 kSharedBlocks = 2048;
constexpr uint32 kSharedValues = 8192;

struct SharedCandidates {
    pg_atomic_uint32 block_count, value_count; // places given out; may pass the room there is
    CandidateBlock blocks[kSharedBlocks];
    CandidateMask values[kSharedValues];
};

size_t shared_candidates_size()
{
    return sizeof(SharedCandidates);
}

void init_shared_candidates(SharedCandidates *shared)
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

void send_candidates(SharedCandidates *shared)
{
    if (waiting_candidates() == 0)
        return;
    Candidates candidates = take_candidates();
    uint32 n = std::min(candidates.block_count, kSharedBlocks);
    uint32 begin = reserve(&shared->block_count, kSharedBlocks, &n);
    std::copy(candidates.blocks, candidates.blocks + n, shared->blocks + begin);
    n = std::min(candidates.value_count, kSharedValues);
    begin = reserve(&shared->value_count, kSharedValues, &n);
    std::copy(candidates.values, candidates.values + n, shared->values + begin);
}

void receive_candidates(SharedCandidates *shared)
{
    Candidates candidates;
    candidates.blocks = shared->blocks;
    candidates.block_count =
        std::min(pg_atomic_exchange_u32(&shared->block_count, 0), kSharedBlocks);
    candidates.values = shared->values;
    candidates.value_count =
        std::min(pg_atomic_exchange_u32(&shared->value_count, 0), kSharedValues);
    add_candidates(candidates);
}

} // namespace mq
