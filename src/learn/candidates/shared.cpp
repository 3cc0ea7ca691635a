#include "learn/candidates/shared.h"

#include <algorithm>

#include "learn/candidates/masks.h"
#include "learn/candidates/rows.h"

extern "C" {
#include "port/atomics.h"
}

namespace mq
{

constexpr uint32 kSharedBlocks = 2048;
constexpr uint32 kSharedMasks = 8192;

struct SharedCandidates {
    pg_atomic_uint32 block_count, mask_count; // places given out; may pass the room there is
    CandidateBlock blocks[kSharedBlocks];
    CandidateMask masks[kSharedMasks];
};

size_t shared_candidates_size()
{
    return sizeof(SharedCandidates);
}

void init_shared_candidates(SharedCandidates *shared)
{
    pg_atomic_init_u32(&shared->block_count, 0);
    pg_atomic_init_u32(&shared->mask_count, 0);
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
    if (waiting_candidate_rows() > 0) {
        CandidateRows rows = take_candidate_rows();
        uint32 n = std::min(rows.count, kSharedBlocks);
        uint32 begin = reserve(&shared->block_count, kSharedBlocks, &n);
        std::copy(rows.blocks, rows.blocks + n, shared->blocks + begin);
    }
    if (waiting_candidate_masks() > 0) {
        CandidateMasks masks = take_candidate_masks();
        uint32 n = std::min(masks.count, kSharedMasks);
        uint32 begin = reserve(&shared->mask_count, kSharedMasks, &n);
        std::copy(masks.masks, masks.masks + n, shared->masks + begin);
    }
}

void receive_candidates(SharedCandidates *shared)
{
    CandidateRows rows;
    rows.blocks = shared->blocks;
    rows.count = std::min(pg_atomic_exchange_u32(&shared->block_count, 0), kSharedBlocks);
    add_candidate_rows(rows);
    uint32 n = std::min(pg_atomic_exchange_u32(&shared->mask_count, 0), kSharedMasks);
    for (uint32 i = 0; i < n; i++)
        note_candidate_mask(shared->masks[i]);
}

} // namespace mq
