// The background worker that builds what a session has read. It takes locks only for one small
// batch at a time, and never waits for one: DROP, REINDEX or RENAME of what it works on wait
// for a batch at most, and find the worker gone.
#include <algorithm>

#include "chi/chi.h"
#include "chi/open.h"
#include "work/handover.h"
#include "learn/jobs/owner.h"
#include "pg/toast.h"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "portability/instr_time.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

PGDLLEXPORT void maskquery_learner_main(Datum);
}

namespace mq
{

namespace
{

// Rows built under one set of locks: as many as take about this long.
constexpr double kBatchMs = 20;
constexpr int kMaxBatch = 512;
int batch_size = 16;

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

void begin_batch()
{
    CHECK_FOR_INTERRUPTS();
    SetCurrentStatementStartTimestamp();
    StartTransactionCommand();
    // Whatever the database's default: each batch sees the rows as they are.
    XactIsoLevel = XACT_READ_COMMITTED;
    if (database_change_is_waiting()) {
        set_state(HandOverState::ended);
        proc_exit(0);
    }
    PushActiveSnapshot(GetTransactionSnapshot());
}

void end_batch()
{
    PopActiveSnapshot();
    CommitTransactionCommand();
}

// Builds rows of one index. False when the index cannot be had, now or any more.
bool build_rows(const IndexFile &file, const ItemPointerData *roots, int n)
{
    instr_time start, took;
    INSTR_TIME_SET_CURRENT(start);
    begin_batch();
    OpenedIndex opened;
    bool there = try_open_chi_index(file.index, &opened);
    if (there) {
        there = relation_file_number(opened.index) == file.number;
        if (there) {
            OwnerScope scope = enter_owner(opened);
            chi_summarize_tids(opened.heap, opened.index, roots, n);
            leave_owner(scope);
        }
        close_chi_index(opened);
    }
    end_batch();
    INSTR_TIME_SET_CURRENT(took);
    INSTR_TIME_SUBTRACT(took, start);

    double ms = INSTR_TIME_GET_MILLISEC(took);
    if (ms > 2 * kBatchMs)
        batch_size = std::max(1, batch_size / 2);
    else if (ms < kBatchMs && n == batch_size)
        batch_size = std::min(kMaxBatch, batch_size * 2);
    return there;
}

bool build_all(const IndexFile &file, const ItemPointerData *roots, int n)
{
    for (int done = 0; done < n;) {
        int batch = std::min(batch_size, n - done);
        if (!build_rows(file, roots + done, batch))
            return false;
        done += batch;
    }
    return true;
}

// ---- rows ----

void build_blocks(const CandidateBlock *blocks, uint32 count)
{
    ItemPointerData roots[kMaxBatch + MaxHeapTuplesPerPage];
    int n = 0;
    bool there = true;
    for (uint32 i = 0; i < count; i++) {
        if (i > 0 && !same_file(blocks[i].file, blocks[i - 1].file)) {
            if (there)
                build_all(blocks[i - 1].file, roots, n);
            n = 0;
            there = true;
        }
        if (!there)
            continue;
        for (int bit = 0; bit < MaxHeapTuplesPerPage; bit++)
            if (blocks[i].rows[bit / 64] >> bit % 64 & 1) {
                ItemPointerSet(&roots[n], blocks[i].block, bit + 1);
                n++;
            }
        if (n >= kMaxBatch) {
            there = build_all(blocks[i].file, roots, n);
            n = 0;
        }
    }
    if (n > 0 && there)
        build_all(blocks[count - 1].file, roots, n);
}

// ---- masks ----

struct WantedValues {
    const CandidateMask *values; // ascending, of one TOAST table
    uint32 count;
};

bool is_wanted(Datum mask, void *arg)
{
    const WantedValues *wanted = (const WantedValues *)arg;
    struct varatt_external pointer;
    if (!get_toast_pointer((struct varlena *)DatumGetPointer(mask), &pointer) ||
        pointer.va_toastrelid != wanted->values[0].toast)
        return false;
    const CandidateMask *end = wanted->values + wanted->count;
    const CandidateMask *at =
        std::lower_bound(wanted->values, end, pointer.va_valueid,
                         [](const CandidateMask &v, Oid value) { return v.value < value; });
    return at != end && at->value == pointer.va_valueid;
}

// Looks for the masks among the pending rows of an index, and builds them as they are found.
void build_values_of(const IndexFile &file, WantedValues *wanted)
{
    ItemPointerData *roots = (ItemPointerData *)MemoryContextAlloc(
        TopMemoryContext, sizeof(ItemPointerData) * kMaxFound);
    PendingSearch search = {};
    search.wanted = is_wanted;
    search.arg = wanted;
    for (bool there = true; there && !search.ended;) {
        begin_batch();
        OpenedIndex opened;
        int found = 0;
        there = try_open_chi_index(file.index, &opened);
        if (there) {
            there = relation_file_number(opened.index) == file.number;
            if (there)
                found = chi_find_pending(opened.heap, opened.index, &search, roots);
            close_chi_index(opened);
        }
        end_batch();
        there = there && build_all(file, roots, found);
    }
    pfree(roots);
}

void build_values(const CandidateMask *values, uint32 count)
{
    for (uint32 begin = 0, end; begin < count; begin = end) {
        for (end = begin + 1; end < count && values[end].toast == values[begin].toast;)
            end++;
        WantedValues wanted = {values + begin, end - begin};
        MemoryContext context = MemoryContextSwitchTo(TopMemoryContext);
        begin_batch();
        IndexFile files[kMaxLearning];
        int n = find_learning_indexes(values[begin].toast, files);
        end_batch();
        MemoryContextSwitchTo(context);
        for (int i = 0; i < n; i++)
            build_values_of(files[i], &wanted);
    }
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
    bool alone = false;
    if (OidIsValid(chi_am_oid())) {
        LOCKTAG tag = learner_lock();
        alone = LockAcquire(&tag, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL;
    }
    CommitTransactionCommand();
    return alone;
}

} // namespace

} // namespace mq

extern "C" void maskquery_learner_main(Datum)
{
    using namespace mq;
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();

    LearnerOrders orders;
    memcpy(&orders, MyBgworkerEntry->bgw_extra, sizeof orders);
    dsm_segment *segment = dsm_attach(orders.segment);
    if (!segment || dsm_segment_map_length(segment) < sizeof(HandOver))
        return;
    handed = (HandOver *)dsm_segment_address(segment);
    if (handed->magic != kHandOverMagic)
        return;
    Candidates candidates = handed_over(handed);
    if (dsm_segment_map_length(segment) < hand_over_size(candidates))
        return;
    set_state(HandOverState::taken);
    dsm_unpin_segment(orders.segment);
    on_dsm_detach(segment, mark_failed, Datum(0));

    BackgroundWorkerInitializeConnectionByOid(orders.database, InvalidOid, 0);
    if (!acquire_slot()) {
        set_state(HandOverState::refused);
        return;
    }
    // Others have work to do as well.
    SetConfigOption("maskquery.threads", "1", PGC_USERSET, PGC_S_SESSION);
    // Functions in index expressions may read masks, from which nothing is to be learnt.
    SetConfigOption("maskquery.enable_learning", "off", PGC_USERSET, PGC_S_SESSION);
    pgstat_report_activity(STATE_RUNNING, "building chi entries of masks that queries have read");
    build_blocks(candidates.blocks, candidates.block_count);
    build_values(candidates.values, candidates.value_count);
    set_state(HandOverState::ended);
}
