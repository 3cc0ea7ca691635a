// The background worker that does what sessions have left to it. It takes locks only for one slice
// at a time, and never waits for one: DROP, REINDEX or RENAME of what it works on wait for a slice
// at most, and find the worker gone.
#include "pg/compat.h"
#include "work/handover.h"
#include "work/idle.h"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "portability/instr_time.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/wait_event.h"

PGDLLEXPORT void maskquery_learner_main(Datum);
}

namespace mq
{

namespace
{

HandOver *handed = nullptr; // what this worker was started for

void set_state(HandOverState state)
{
    pg_atomic_write_u32(&handed->state, uint32(state));
}

// A conflicting DROP, ALTER or CREATE DATABASE is waiting: to drop, rename or copy this one.
bool database_change_is_waiting()
{
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, InvalidOid, DatabaseRelationId, MyDatabaseId, 0);
    if (LockAcquire(&tag, RowExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
        return true;
    LockRelease(&tag, RowExclusiveLock, false);
    return false;
}

void begin_slice()
{
    CHECK_FOR_INTERRUPTS();
    SetCurrentStatementStartTimestamp();
    StartTransactionCommand();
    // Whatever the database's default: each slice sees the rows as they are.
    XactIsoLevel = XACT_READ_COMMITTED;
    if (database_change_is_waiting()) {
        set_state(HandOverState::ended);
        proc_exit(0);
    }
    PushActiveSnapshot(GetTransactionSnapshot());
}

void end_slice()
{
    PopActiveSnapshot();
    CommitTransactionCommand();
}

// False when nothing is left of the item, or it is not wanted any more.
bool run_slice(const JobKind &kind, WorkSlice *slice, Pace *pace)
{
    instr_time start, took;
    INSTR_TIME_SET_CURRENT(start);
    slice->units = pace->units;
    slice->done = 0;
    begin_slice();
    bool more = kind.still_wanted(*slice->item, slice->payload) && kind.run(slice);
    end_slice();
    INSTR_TIME_SET_CURRENT(took);
    INSTR_TIME_SUBTRACT(took, start);
    adjust_pace(pace, slice->done, INSTR_TIME_GET_MILLISEC(took));
    return more;
}

// How long the worker waits for the database to be idle, looking so often. It keeps other sessions'
// work from being done meanwhile.
constexpr int kPatienceMs = 10000, kLookMs = 100;

bool wait_until_idle()
{
    for (int waited = 0; !database_is_idle(); waited += kLookMs) {
        if (waited >= kPatienceMs)
            return false;
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, kLookMs,
                        PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    }
    return true;
}

// False when the item, and with it all that follow, has to wait longer than this worker.
bool run_item(const WorkItem &item, const char *payloads, Pace *pace)
{
    const JobKind &kind = job_kind(item.kind);
    WorkSlice slice = {};
    slice.item = &item;
    slice.payload = payloads + item.payload;
    slice.context =
        AllocSetContextCreate(TopMemoryContext, "maskquery job", ALLOCSET_DEFAULT_SIZES);
    pgstat_report_activity(STATE_RUNNING, kind.name);
    bool more = true, in_time = true;
    while (more && in_time) {
        in_time = !kind.when_idle || wait_until_idle();
        more = in_time && run_slice(kind, &slice, pace);
    }
    MemoryContextDelete(slice.context);
    return in_time;
}

bool run_all(WorkItem *items, uint32 count, const char *payloads)
{
    Pace *paces = (Pace *)MemoryContextAlloc(TopMemoryContext, sizeof(Pace) * job_kinds());
    sort_items(items, count);
    for (uint32 i = 0; i < job_kinds(); i++)
        paces[i] = Pace{};
    for (uint32 i = 0; i < count; i++) {
        const JobKind &kind = job_kind(items[i].kind);
        if (kind.begin && (i == 0 || items[i].kind != items[i - 1].kind))
            kind.begin();
        if (!run_item(items[i], payloads, &paces[items[i].kind]))
            return false;
    }
    return true;
}

void mark_failed(dsm_segment *, Datum)
{
    uint32 taken = uint32(HandOverState::taken);
    pg_atomic_compare_exchange_u32(&handed->state, &taken, uint32(HandOverState::failed));
}

// One worker a database, until it ends.
bool acquire_slot()
{
    StartTransactionCommand();
    bool acquired = false;
    if (OidIsValid(get_extension_oid("maskquery", true))) {
        LOCKTAG tag = worker_slot();
        acquired = LockAcquire(&tag, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL;
    }
    CommitTransactionCommand();
    return acquired;
}

// What a session has handed over, if it is whole and of this library's kinds.
bool attach(dsm_handle handle)
{
    dsm_segment *segment = dsm_attach(handle);
    const size_t length = segment ? dsm_segment_map_length(segment) : 0;
    if (length < kHandOverHeader)
        return false;
    handed = (HandOver *)dsm_segment_address(segment);
    if (handed->signature != job_kinds_signature() || hand_over_size(*handed) > length ||
        !items_are_sound(handed_items(handed), handed->item_count, job_kinds(),
                         handed->payload_bytes))
        return false;
    set_state(HandOverState::taken);
    dsm_unpin_segment(handle);
    on_dsm_detach(segment, mark_failed, Datum(0));
    return true;
}

} // namespace

} // namespace mq

extern "C" void maskquery_learner_main(Datum)
{
    using namespace mq;
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();

    WorkerOrders orders;
    memcpy(&orders, MyBgworkerEntry->bgw_extra, sizeof orders);
    if (!attach(orders.segment))
        return;
    BackgroundWorkerInitializeConnectionByOid(orders.database, InvalidOid, 0);
    bool done = acquire_slot() &&
                run_all(handed_items(handed), handed->item_count, handed_payloads(handed));
    set_state(done ? HandOverState::ended : HandOverState::returned);
}
