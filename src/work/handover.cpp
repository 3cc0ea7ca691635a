#include "work/handover.h"

#include "chi/chi.h"
#include "pg/optional.h"

extern "C" {
#include "access/xlog.h"
#include "catalog/pg_am.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
}

namespace mq
{

namespace
{

// A worker takes about 5 ms to start, as long as it takes for 50 masks.
constexpr uint32 kWorthAWorker = 256;

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

// Takes notice of a worker that has ended.
void check_on_worker()
{
    pid_t pid;
    if (!segment)
        return;
    bool stopped = GetBackgroundWorkerPid(worker, &pid) == BGWH_STOPPED;
    HandOverState found = state();
    if (found == HandOverState::refused) {
        give_back_candidates(handed_over(shared()));
        wait_at_least(kBusyMs);
        forget_worker();
    } else if (found == HandOverState::ended || found == HandOverState::failed || stopped) {
        // One that could not even start has left the segment pinned. Rows that were not built count
        // as candidates again when a query comes back to them: no second worker is sent for them.
        if (found == HandOverState::launched)
            dsm_unpin_segment(dsm_segment_handle(segment));
        if (found != HandOverState::ended)
            wait_at_least(kFailedMs);
        forget_worker();
    }
}

bool another_is_at_work()
{
    LOCKTAG tag = learner_lock();
    if (LockAcquire(&tag, ShareLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
        return true;
    LockRelease(&tag, ShareLock, false);
    return false;
}

bool launch(dsm_segment *made)
{
    LearnerOrders orders = {MyDatabaseId, dsm_segment_handle(made)};
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

} // namespace

LOCKTAG learner_lock()
{
    // In the space of advisory locks, whose locks of a session end with it, under a tag that SQL
    // cannot name.
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, AccessMethodRelationId, chi_am_oid(), 0);
    tag.locktag_lockmethodid = USER_LOCKMETHOD;
    return tag;
}

bool hand_over_under_way()
{
    return segment && state() <= HandOverState::taken;
}

// The segment belongs to the session, not to the transaction. An error before that gives it back;
// what was taken for it then stays pending until a query comes back to it.
static bool send_to_worker(const Candidates &candidates)
{
    dsm_segment *made = dsm_create(hand_over_size(candidates), DSM_CREATE_NULL_IF_MAXSEGMENTS);
    if (!made)
        return false;
    HandOver *to = (HandOver *)dsm_segment_address(made);
    to->magic = kHandOverMagic;
    pg_atomic_init_u32(&to->state, uint32(HandOverState::launched));
    to->block_count = candidates.block_count;
    to->value_count = candidates.value_count;
    Candidates room = handed_over(to);
    memcpy(room.blocks, candidates.blocks, sizeof(CandidateBlock) * candidates.block_count);
    memcpy(room.values, candidates.values, sizeof(CandidateMask) * candidates.value_count);
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

static void hand_over_now()
{
    check_on_worker();
    if (segment || waiting_candidates() < kWorthAWorker ||
        (not_before != 0 && GetCurrentTimestamp() < not_before))
        return;
    if (another_is_at_work()) {
        wait_at_least(kBusyMs);
        return;
    }
    Candidates candidates = take_candidates();
    if (!send_to_worker(candidates)) {
        give_back_candidates(candidates);
        wait_at_least(kFailedMs);
    }
}

void hand_over()
{
    static OptionalWork work = {"hand masks that queries have read to a background worker"};
    if (RecoveryInProgress() || (!segment && waiting_candidates() < kWorthAWorker))
        return;
    if (!try_optional(&work, [] { hand_over_now(); }))
        wait_at_least(kFailedMs);
}

} // namespace mq
