// Building pending entries of rows that are fetched for that purpose. README.md, "Pending entries",
// says why nothing here needs more than AccessShareLock, and why it may go on beside queries that
// learn, inserts and VACUUM.
#include "chi/pending/summarize.h"

#include <climits>

#include "chi/am.h"
#include "store/page/cache.h"
#include "store/entry/entries.h"
#include "chi/build/mask_batch.h"
#include "chi/open.h"
#include "store/row_fetch.h"
#include "store/segment/seal.h"
#include "store/page/tid_map.h"
#include "read/toast/vanishing_toast.h"
#include "pg/compat.h"
#include "pg/guard.h"
#include "pg/optional.h"

extern "C" {
#include "access/heapam.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "storage/lmgr.h"
#include "utils/backend_progress.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"
}

namespace mq
{

static int vacuum_budget = 1000; // maskquery.vacuum_summarize

void define_summarize_setting()
{
    DefineCustomIntVariable(
        "maskquery.vacuum_summarize",
        "Number of pending masks of an incremental chi index that a VACUUM summarizes.",
        "0 leaves them to queries and to chi_summarize().", &vacuum_budget, 1000, 0, INT_MAX,
        PGC_USERSET, 0, nullptr, nullptr, nullptr);
}

// ---- a given set of rows ----

enum class Toast { held, may_vanish };

static bool is_pending(Relation index, const ItemPointerData *root)
{
    ItemPointerData slot;
    return read_slot(index, root, nullptr, &slot) && slot_is_pending(&slot);
}

static void warn_failed(Relation heap, const MaskBatch &batch, const Error &err)
{
    for (size_t i = 0; i < batch.count; i++)
        if (batch.items[i].failed)
            ereport(
                WARNING,
                (errcode(ERRCODE_DATA_CORRUPTED),
                 errmsg("could not summarize the mask of tuple (%u,%u) of table \"%s\"",
                        ItemPointerGetBlockNumberNoCheck(&batch.tids[i]),
                        ItemPointerGetOffsetNumberNoCheck(&batch.tids[i]),
                        RelationGetRelationName(heap)),
                 errdetail("An error found: %s.", err.message),
                 errhint("Its index entry stays pending; a query that needs the mask will fail.")));
}

// Builds the batch's entries, publishes them or gives them to the sealer, and empties the batch.
// Returns how many entries it published.
static int64 publish_batch(Relation heap, Relation index, MaskBatch *batch, Sealer *sealer)
{
    // A copy: publishing reads blocks, and the facts belong to the relation cache.
    ChiIndexInfo info = *chi_index_info(index);
    int64 published = 0;
    ItemPointerData pending;
    set_slot_mark(&pending, kPendingMark);
    Error err;

    // One damaged mask must not keep all others from being summarised, nor a VACUUM from ending.
    if (!build_entries(batch, info.grid, info.bins, err)) {
        if (err.code != ErrorCode::corrupted)
            report_error(err);
        warn_failed(heap, *batch, err);
    }
    for (size_t i = 0; i < batch->count; i++) {
        vacuum_delay();
        const BatchItem &item = batch->items[i];
        if (!item.failed &&
            !add_to_seal(sealer, &batch->tids[i], &pending, item.entry, item.size) &&
            chi_fill_pending(index, &batch->tids[i], item.entry, item.size))
            published++;
    }
    empty_mask_batch(batch);
    return published;
}

// `sealer` is for this call: it is made and finished here, and known outside for an error's sake.
static int64 summarize_rows(Relation heap, Relation index, const ItemPointerData *roots, int n,
                            Snapshot snapshot, Toast toast, Sealer *sealer)
{
    int64 published = 0;
    IndexInfo *index_info = BuildIndexInfo(index);
    EState *state = CreateExecutorState();
    ExprContext *context = GetPerTupleExprContext(state);
    TupleTableSlot *row = table_slot_create(heap, nullptr);
    RowFetch fetch = begin_row_fetch(heap, index);
    MaskBatch batch = make_mask_batch();
    *sealer = make_sealer(index, false);
    context->ecxt_scantuple = row;

    for (int i = 0; i < n; i++) {
        vacuum_delay();
        if (!is_pending(index, &roots[i]) || !fetch_row(&fetch, &roots[i], snapshot, row))
            continue;

        Datum values[INDEX_MAX_KEYS];
        bool isnull[INDEX_MAX_KEYS];
        FormIndexDatum(index_info, row, state, values, isnull);
        if (!isnull[0] && toast == Toast::may_vanish) {
            MemoryContext caller = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
            values[0] = PointerGetDatum(detoast_if_there(values[0]));
            MemoryContextSwitchTo(caller);
        }
        if (!isnull[0] && DatumGetPointer(values[0])) {
            add_mask(&batch, &roots[i], values[0]);
            if (mask_batch_is_full(batch))
                published += publish_batch(heap, index, &batch, sealer);
        }
        ExecClearTuple(row);
        ResetExprContext(context);
    }
    published += publish_batch(heap, index, &batch, sealer);
    finish_sealer(sealer);
    published += sealer->sealed;

    free_mask_batch(&batch);
    end_row_fetch(&fetch);
    ExecDropSingleTupleTableSlot(row);
    // Index expressions keep their state and the row's slot in here.
    FreeExecutorState(state);
    return published;
}

int64 chi_summarize_tids(Relation heap, Relation index, const ItemPointerData *roots, int n)
{
    Sealer *sealer = (Sealer *)palloc(sizeof(Sealer));
    int64 published =
        summarize_rows(heap, index, roots, n, GetActiveSnapshot(), Toast::held, sealer);
    pfree(sealer);
    return published;
}

// ---- whatever is pending ----

// A walk over the TID map that summarises what it finds pending, a bounded number of rows at a
// time.
constexpr uint32_t kRowsAtOnce = 1024;
struct Walk {
    Relation heap, index;
    Toast toast;
    int64 limit;            // entries to publish at most
    int64 found, published; // pending slots met, entries published
    bool report;            // to pg_stat_progress_create_index
    Sealer sealer;          // of the rows at hand
    int waiting;            // rows in roots
    ItemPointerData roots[kRowsAtOnce];
};

// A snapshot of its own for every few rows, so that a long run does not hold back the removal of
// dead rows more than its transaction does anyway. Null when there is no fresh one to be had. Why
// fresh: an index made over broken HOT chains knows the newest row of a chain, and an older
// snapshot could see the mask of another one.
static Snapshot fresh_snapshot()
{
    if (!IsolationUsesXactSnapshot())
        return GetTransactionSnapshot();
    return IsInParallelMode() ? nullptr : GetLatestSnapshot();
}

static void summarize_waiting(Walk *walk)
{
    int n = std::min<int64>(walk->waiting, walk->limit - walk->published);
    walk->waiting = 0;
    if (n == 0)
        return;
    Snapshot snapshot = fresh_snapshot();
    if (!snapshot)
        return;
    PushActiveSnapshot(snapshot);
    walk->published += summarize_rows(walk->heap, walk->index, walk->roots, n, GetActiveSnapshot(),
                                      walk->toast, &walk->sealer);
    PopActiveSnapshot();
    if (walk->report)
        pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE, walk->published);
}

static bool visit_page(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position,
                       void *arg)
{
    Walk *walk = (Walk *)arg;
    if (walk->published >= walk->limit)
        return false;
    if (kind != ChiPageKind::tids)
        return true;
    vacuum_delay();

    ChiTidPage copy;
    copy_tid_page(index, block, position, nullptr, &copy);
    for_each_slot(copy, [&](const ItemPointerData &slot, const ItemPointerData &tid) {
        if (!slot_is_pending(&slot))
            return;
        walk->roots[walk->waiting++] = tid;
        walk->found++;
        if (walk->waiting == lengthof(walk->roots))
            summarize_waiting(walk);
    });
    return true;
}

static bool count_pending(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position,
                          void *arg)
{
    if (kind != ChiPageKind::tids)
        return true;
    CHECK_FOR_INTERRUPTS();
    Buffer buffer = read_locked(index, block, BUFFER_LOCK_SHARE);
    const ChiTidPage *page = checked_tid_page(index, buffer, position);
    for_each_slot(*page, [&](const ItemPointerData &slot, const ItemPointerData &) {
        *(int64 *)arg += slot_is_pending(&slot);
    });
    UnlockReleaseBuffer(buffer);
    return true;
}

static Walk *make_walk(Relation heap, Relation index, Toast toast, int64 limit, bool report)
{
    Walk *walk = (Walk *)palloc0(sizeof(Walk));
    walk->heap = heap;
    walk->index = index;
    walk->toast = toast;
    walk->limit = limit;
    walk->report = report;
    walk->sealer.index = index;
    return walk;
}

static void walk_pending(Walk *walk)
{
    walk_map(walk->index, MapVisitor{visit_page, walk});
    summarize_waiting(walk);
    if (walk->found == 0 && walk->limit > 0)
        forget_pending(walk->index);
}

// The page lock of the metapage, as gin uses it, lets one session at a time go through an index's
// pending entries: two would only do the same work twice. Sessions that learn from their queries do
// not take it.
constexpr BlockNumber kWalkLock = 0;

// VACUUM sees its own table's rows as anybody does, but nobody respects its snapshot. Rows of the
// table that it sees may be deleted and pruned at any time: then they are not found, or their
// version is held by a pin while it is copied. No other VACUUM can run, so no TID is given to
// another row. Only the TOAST rows of a row deleted meanwhile can go while they are being read; so
// they are read in a way that puts up with it (vanishing_toast.h). An index expression might look
// at still other rows; such an index is left to chi_summarize(), and so are tables of another
// access method, whose TOAST we do not know.
void vacuum_summarize(Relation heap, Relation index)
{
    if (vacuum_budget == 0 || !index->rd_index->indisvalid ||
        index->rd_index->indkey.values[0] == 0 || heap->rd_tableam != GetHeapamTableAmRoutine() ||
        !may_have_pending(index) || !ConditionalLockPage(index, kWalkLock, ExclusiveLock))
        return;
    static OptionalWork work = {"build pending entries of a chi index"};
    Walk *walk = make_walk(heap, index, Toast::may_vanish, vacuum_budget, false);
    Snapshot outer = ActiveSnapshotSet() ? GetActiveSnapshot() : nullptr;
    if (!try_optional(&work, [&] { walk_pending(walk); })) {
        while (ActiveSnapshotSet() && GetActiveSnapshot() != outer)
            PopActiveSnapshot();
        abandon_sealer(&walk->sealer);
    }
    pfree(walk);
    UnlockPage(index, kWalkLock, ExclusiveLock);
}

static int64 summarize_index(const OpenedIndex &opened, int64 limit)
{
    if (!may_have_pending(opened.index))
        return 0;
    LockPage(opened.index, kWalkLock, ExclusiveLock);

    int64 pending = 0;
    walk_map(opened.index, MapVisitor{count_pending, &pending});
    pgstat_progress_start_command(PROGRESS_COMMAND_CREATE_INDEX, RelationGetRelid(opened.heap));
    pgstat_progress_update_param(PROGRESS_CREATEIDX_INDEX_OID, RelationGetRelid(opened.index));
    pgstat_progress_update_param(PROGRESS_CREATEIDX_ACCESS_METHOD_OID, opened.index->rd_rel->relam);
    pgstat_progress_update_param(PROGRESS_CREATEIDX_PHASE, PROGRESS_CREATEIDX_PHASE_BUILD);
    pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, phase_summarizing);
    pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_TOTAL, std::min(pending, limit));
    Walk *walk = make_walk(opened.heap, opened.index, Toast::held, limit, true);
    walk_pending(walk);
    int64 published = walk->published;
    pfree(walk);
    pgstat_progress_end_command();

    UnlockPage(opened.index, kWalkLock, ExclusiveLock);
    return published;
}

} // namespace mq

MQ_FUNCTION(chi_summarize)
{
    using namespace mq;
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    int64 limit = PG_ARGISNULL(1) ? PG_INT64_MAX : PG_GETARG_INT64(1);
    if (limit < 0)
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("max_masks must not be negative"),
                 errdetail("It is " INT64_FORMAT ".", limit),
                 errhint("NULL, the default, sets no limit.")));
    if (RecoveryInProgress())
        ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                        errmsg("recovery is in progress"),
                        errhint("Call chi_summarize() on the primary.")));

    OpenedIndex opened = open_chi_index(PG_GETARG_OID(0));
    OwnerScope scope = enter_owner(opened);
    int64 published = summarize_index(opened, limit);
    leave_owner(scope);
    close_chi_index(opened);
    PG_RETURN_INT64(published);
}
