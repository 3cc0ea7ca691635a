#include "work/handover.h"

#include "pg/optional.h"

extern "C" {
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
}

namespace mq
{

namespace
{

// Cost that a worker is started for: it takes about 5 ms to start, as long as 50 units.
constexpr uint64 kWorthAWorker = 256;

// How long nothing is tried after another worker was found at work, or none could be started.
constexpr int kBusyMs = 500, kFailedMs = 10000;

dsm_segment *segment = nullptr; // of the worker launched last, until its end was noticed
BackgroundWorkerHandle *worker = nullptr;
TimestampTz not_before = 0;

void wait_at_least(int ms)
{
    not_before = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), ms);
}

HandOver *shared()
{
    return (HandOver *)dsm_segment_address(segment);
}

HandOverState state()
{
    return HandOverState(pg_atomic_read_u32(&shared()->state));
}

void forget_worker()
{
    dsm_detach(segment);
    pfree(worker);
    segment = nullptr;
    worker = nullptr;
}

uint64 waiting_cost()
{
    uint64 cost = 0;
    for (uint32 i = 0; i < job_kinds(); i++)
        cost += job_kind(i).cost();
    return cost;
}

void give_back(const WorkItem *items, uint32 count, const char *payloads)
{
    for (uint32 i = 0; i < count; i++)
        job_kind(items[i].kind).give_back(items[i], payloads + items[i].payload);
}

// Takes notice of a worker that has ended. What it has not done it will not do; the kinds have
// counted it as handed over, but for what is given back.
void reap_worker()
{
    pid_t pid;
    if (!segment)
        return;
    bool stopped = GetBackgroundWorkerPid(worker, &pid) == BGWH_STOPPED;
    HandOverState found = state();
    if (found <= HandOverState::taken && !stopped)
        return;
    if (found == HandOverState::returned) {
        give_back(handed_items(shared()), shared()->item_count, handed_payloads(shared()));
        wait_at_least(kBusyMs);
    } else if (found != HandOverState::ended) {
        wait_at_least(kFailedMs);
    }
    if (found ==
        HandOverState::launched) // it could not even start, and has left the segment pinned
        dsm_unpin_segment(dsm_segment_handle(segment));
    forget_worker();
}

bool slot_is_taken()
{
    LOCKTAG tag = worker_slot();
    if (LockAcquire(&tag, ShareLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
        return true;
    LockRelease(&tag, ShareLock, false);
    return false;
}

bool launch(dsm_segment *made)
{
    WorkerOrders orders = {MyDatabaseId, dsm_segment_handle(made)};
    BackgroundWorker w;
    memset(&w, 0, sizeof w);
    strlcpy(w.bgw_name, "maskquery learner", BGW_MAXLEN);
    strlcpy(w.bgw_type, "maskquery learner", BGW_MAXLEN);
    w.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    w.bgw_start_time = BgWorkerStart_RecoveryFinished;
    w.bgw_restart_time = BGW_NEVER_RESTART;
    strlcpy(w.bgw_library_name, "$libdir/maskquery", sizeof w.bgw_library_name);
    strlcpy(w.bgw_function_name, "maskquery_learner_main", BGW_MAXLEN);
    static_assert(sizeof orders <= BGW_EXTRALEN, "orders fit where they travel");
    memcpy(w.bgw_extra, &orders, sizeof orders);

    MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
    bool registered = RegisterDynamicBackgroundWorker(&w, &worker);
    MemoryContextSwitchTo(caller);
    return registered;
}

void fill_segment(HandOver *to, const HandOver &header, const WorkList &list)
{
    *to = header;
    pg_atomic_init_u32(&to->state, uint32(HandOverState::launched));
    memcpy(handed_items(to), list.items, sizeof(WorkItem) * list.count);
    memcpy(handed_payloads(to), list.payloads, list.size);
}

// The segment belongs to the session, not to the transaction. An error before that gives it back;
// what was taken for it is lost to the worker then.
bool send_to_worker(const WorkList &list)
{
    HandOver header = {};
    header.signature = job_kinds_signature();
    header.item_count = list.count;
    header.payload_bytes = list.size;
    dsm_segment *made = dsm_create(hand_over_size(header), DSM_CREATE_NULL_IF_MAXSEGMENTS);
    if (!made)
        return false;
    fill_segment((HandOver *)dsm_segment_address(made), header, list);
    // The worker may start when this session has ended; it takes the pin away.
    dsm_pin_segment(made);
    if (!launch(made)) {
        dsm_unpin_segment(dsm_segment_handle(made));
        dsm_detach(made);
        return false;
    }
    dsm_pin_mapping(made);
    segment = made;
    return true;
}

void ensure_worker_running()
{
    reap_worker();
    if (segment || waiting_cost() < kWorthAWorker ||
        (not_before != 0 && GetCurrentTimestamp() < not_before))
        return;
    if (slot_is_taken()) {
        wait_at_least(kBusyMs);
        return;
    }
    WorkList list = {};
    for (uint32 i = 0; i < job_kinds(); i++) {
        list.kind = uint16(i);
        if (job_kind(i).cost() > 0)
            job_kind(i).take(&list);
    }
    if (list.count > 0 && !send_to_worker(list)) {
        give_back(list.items, list.count, list.payloads);
        wait_at_least(kFailedMs);
    }
}

} // namespace

LOCKTAG worker_slot()
{
    // In the space of advisory locks, whose locks of a session end with it, under a tag that SQL
    // cannot name.
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, ExtensionRelationId, get_extension_oid("maskquery", true),
                       0);
    tag.locktag_lockmethodid = USER_LOCKMETHOD;
    return tag;
}

bool hand_over_under_way()
{
    return segment && state() <= HandOverState::taken;
}

void hand_over_work()
{
    static OptionalWork work = {"hand work to a background worker"};
    if ((!segment && waiting_cost() < kWorthAWorker) || RecoveryInProgress() || IsInParallelMode())
        return;
    if (!try_optional(&work, [] { ensure_worker_running(); }))
        wait_at_least(kFailedMs);
}

} // namespace mq
