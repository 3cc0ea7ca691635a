// Rows of a table that come from its index: their bounds are computed column-wise, and only rows
// whose turn comes are fetched from the table. topk.md says when this is done.
#include "facts/scan/scan.h"
#include "nodes/topk/topk_state.h"
#include "plan/settings.h"

extern "C" {
#include "access/genam.h"
#include "access/sysattr.h"
#include "access/visibilitymap.h"
#include "catalog/pg_type.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"
#include "utils/rel.h"
}

namespace mq
{

namespace
{

// RowFetcher: the version of the row that the snapshot sees, if any.
bool fetch_table_row(void *context, const ItemPointerData *root, Datum *values, bool *nulls)
{
    TopKState *t = (TopKState *)context;
    TupleTableSlot *slot = t->table_row;
    if (!fetch_row(&t->fetch, root, t->css.ss.ps.state->es_snapshot, slot))
        return false;
    for (int i = 0; i < t->n_child; i++) {
        if (t->columns[i] < 0)
            values[i] = slot_getsysattr(slot, t->columns[i], &nulls[i]);
        else
            values[i] = slot_getattr(slot, t->columns[i], &nulls[i]);
    }
    return true;
}

// RowFetcher
void fetched_ties(void *context, TupleTableSlot *row, NullableDatum *ties)
{
    TopKState *t = (TopKState *)context;
    ResetExprContext(t->css.ss.ps.ps_ExprContext);
    evaluate_ties(t, row, ties);
}

// Takes a row in by its interval.
void take_measured(TopKState *t, const MeasuredRow &row, Buffer *visibility)
{
    Rank rank = kUnknownRank;
    if (enable_pruning && !(row.may & kMayError))
        rank = rank_of_interval(Num{row.lo, row.hi, 0.0, row.may, false}, t->order.direction);
    t->counters[Counter::masks] += enable_pruning;
    if (is_out_of_reach(&t->order.worst, Position{rank.best, nullptr}, ties_matter(&t->order)))
        return;
    add_pending_tid(t->order.pending, &row.tid, rank);
    // The slot may be of a row that the snapshot does not see: only one that surely is there makes
    // others superfluous. As index-only scans know, all that an index has on a page that is visible
    // to all is visible.
    if (t->order.worst.limit > 0 &&
        VM_ALL_VISIBLE(t->table, ItemPointerGetBlockNumberNoCheck(&row.tid), visibility))
        add_worst_rank(&t->order.worst, Position{rank.worst, nullptr});
}

} // namespace

void begin_topk_index(TopKState *t)
{
    t->fetcher = RowFetcher{fetch_table_row, fetched_ties, t};
    t->order.fetcher = &t->fetcher;
    t->table_row = table_slot_create(t->table, nullptr);
    t->scan_context =
        AllocSetContextCreate(CurrentMemoryContext, "CHI Top-K scan", ALLOCSET_DEFAULT_SIZES);
}

void fill_from_index(TopKState *t)
{
    EState *estate = t->css.ss.ps.state;
    end_row_fetch(&t->fetch);
    t->fetch = begin_row_fetch(t->table, t->index);
    // Rows that would belong to the result may be inserted anywhere.
    PredicateLockRelation(t->table, estate->es_snapshot);

    ResetExprContext(t->css.ss.ps.ps_ExprContext);
    set_inputs(t);
    MemoryContext old = MemoryContextSwitchTo(t->scan_context);
    RowScan *scan =
        begin_number_scan(t->index, t->bounds->program, t->bounds->inputs, estate->es_snapshot);
    MemoryContextSwitchTo(old);
    const uint32_t pages = scan_pages(RelationGetNumberOfBlocks(t->table));
    const int64 before = t->counters[Counter::masks];
    Buffer visibility = InvalidBuffer;
    for (uint32_t page = 0; page < pages; page++) {
        const MeasuredRow *rows;
        CHECK_FOR_INTERRUPTS();
        uint32_t n = measure_page(scan, page, &rows);
        for (uint32_t i = 0; i < n; i++)
            take_measured(t, rows[i], &visibility);
    }
    if (BufferIsValid(visibility))
        ReleaseBuffer(visibility);
    MemoryContextReset(t->scan_context);
    t->counters[Counter::pruned] += t->counters[Counter::masks] - before;
    stats_masks_pruned(t->table->rd_rel->reltoastrelid, t->counters[Counter::masks] - before);
}

void end_topk_index(TopKState *t)
{
    end_row_fetch(&t->fetch);
    ExecDropSingleTupleTableSlot(t->table_row);
    index_close(t->index, NoLock);
}

} // namespace mq
