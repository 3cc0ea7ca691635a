// Kinds of work that sessions leave to the background worker. The folder that knows a kind
// registers it; what is here knows none.
#pragma once

#include "core/queue/work_queue.h"
#include "pg/pg.h"

namespace mq
{

// What a session hands over: items, and their payloads, in the current memory context.
struct WorkList {
    uint16 kind; // of the items that are added
    WorkItem *items;
    uint32 count, room;
    char *payloads;
    size_t size, capacity;
};
// Adds an item about a relation (or InvalidOid) to the list; the result is room for its payload,
// MAXALIGNed, to be filled before the next call.
void *add_work(WorkList *list, Oid relation, size_t size);

// A part of an item's work, done in a transaction of its own and under no lock that outlasts it.
struct WorkSlice {
    const WorkItem *item;
    const void *payload;   // item->size bytes, MAXALIGNed
    uint32 units;          // to be done, about
    uint32 done;           // set by the kind; 0 when the slice did something else
    MemoryContext context; // lives as long as the item is worked on
    void *state;           // the kind's own, null in the item's first slice
};

struct JobKind {
    const char *name; // what pg_stat_activity says that the worker is at
    uint16 priority;
    bool when_idle; // only while no session of the database is in a statement

    // ---- in a session, between statements ----

    // What waits to be handed over, in units that take about as long as the index entry of a mask.
    uint64 (*cost)();
    // Adds what waits to the list. From now on it is the worker's.
    void (*take)(WorkList *list);
    // The worker could not do an item, or not all of it.
    void (*give_back)(const WorkItem &item, const void *payload);

    // ---- in the worker ----

    // Before the first item of the kind, in no transaction; may be null.
    void (*begin)();
    // Whether the item is still worth a slice. Cheap; in the slice's transaction.
    bool (*still_wanted)(const WorkItem &item, const void *payload);
    // Does a slice. False when nothing is left of the item. The active snapshot is new. Errors end
    // the worker. REQUIRES: it waits for no heavyweight lock.
    bool (*run)(WorkSlice *slice);
};

// Called once for each kind, from _PG_init, in every process in the same order. The kind stays the
// caller's and lives as long as the process.
void register_job_kind(const JobKind *kind);

uint32 job_kinds();
const JobKind &job_kind(uint32 number);

// Differs between libraries that have not the same kinds: a worker may have loaded a newer one than
// the session that sent it.
uint64 job_kinds_signature();

} // namespace mq
