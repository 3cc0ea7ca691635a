// Handing what a session has read to a background worker, which builds the entries while the user
// looks at the result. README.md, "By a worker".
#pragma once

#include "learn/candidates/rows.h"

extern "C" {
#include "port/atomics.h"
#include "storage/dsm.h"
#include "storage/lock.h"
}

namespace mq
{

// ---- session ----

// Gives candidates to a worker, when they are worth one and none of this session is at work.
// Called at the end of a statement; raises no error.
void hand_over();

// Whether a worker of this session is at work, so that building what it was given would be twice
// the work. Cheap.
bool hand_over_under_way();

// ---- both sides ----

enum class HandOverState : uint32 {
    launched, // no worker has looked at it yet
    taken,    // a worker is at it
    ended,    // done, or given up
    failed,   // an error has ended the worker
    refused,  // another worker was at work in this database
};

// A segment of dynamic shared memory: this header, then the blocks, then the values.
struct HandOver {
    uint64 magic;
    pg_atomic_uint32 state; // HandOverState
    uint32 block_count, value_count;
};
constexpr uint64 kHandOverMagic = UINT64CONST(0x6d61736b71727902);
constexpr size_t kHandOverHeader = MAXALIGN(sizeof(HandOver));

inline size_t hand_over_size(const Candidates &candidates)
{
    return kHandOverHeader + size_t{candidates.block_count} * sizeof(CandidateBlock) +
           size_t{candidates.value_count} * sizeof(CandidateMask);
}
// What a segment holds; points into it.
inline Candidates handed_over(HandOver *shared)
{
    Candidates t;
    t.blocks = (CandidateBlock *)((char *)shared + kHandOverHeader);
    t.block_count = shared->block_count;
    t.values = (CandidateMask *)(t.blocks + t.block_count);
    t.value_count = shared->value_count;
    return t;
}

// The lock that a worker holds: one a database. REQUIRES: a transaction.
LOCKTAG learner_lock();

// What a worker is told at its start.
struct LearnerOrders {
    Oid database;
    dsm_handle segment;
};

} // namespace mq
