// Handing work to a background worker, which does it while the user looks at the result.
#pragma once

#include "work/kind.h"

extern "C" {
#include "port/atomics.h"
#include "storage/dsm.h"
#include "storage/lock.h"
}

namespace mq
{

// ---- session ----

// Gives what waits to a worker, when that is worth one and none of this session is at work. Called
// at the end of a statement; fails none (src/pg/optional.h).
void hand_over_work();

// Whether a worker of this session is at work, so that doing what it was given would be twice the
// work. Cheap.
bool hand_over_under_way();

// ---- both sides ----

enum class HandOverState : uint32 {
    launched, // no worker has looked at it yet
    taken,    // a worker is at it
    ended,    // done, or given up
    failed,   // an error has ended the worker
    returned, // another worker was at work in this database, or there was no time
};

// A segment of dynamic shared memory: this header, then the items, then their payloads.
struct HandOver {
    uint64 signature;       // job_kinds_signature()
    pg_atomic_uint32 state; // HandOverState
    uint32 item_count;
    uint64 payload_bytes;
};
constexpr size_t kHandOverHeader = MAXALIGN(sizeof(HandOver));

inline size_t hand_over_size(const HandOver &header)
{
    return add_size(add_size(kHandOverHeader, mul_size(sizeof(WorkItem), header.item_count)),
                    header.payload_bytes);
}
inline WorkItem *handed_items(HandOver *shared)
{
    return (WorkItem *)((char *)shared + kHandOverHeader);
}
inline char *handed_payloads(HandOver *shared)
{
    return (char *)(handed_items(shared) + shared->item_count);
}
static_assert(sizeof(WorkItem) % MAXIMUM_ALIGNOF == 0, "payloads are aligned");

// The lock that a worker holds: one a database. REQUIRES: a transaction.
LOCKTAG worker_slot();

// What a worker is told at its start.
struct WorkerOrders {
    Oid database;
    dsm_handle segment;
};

} // namespace mq
