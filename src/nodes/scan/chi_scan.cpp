// Execution of CHI Scan. README.md says why no row is lost and no clause is evaluated too early.
//
// A tid page's rows are decided at once (src/facts/scan/scan.h), the ones left are fetched as an
// index scan fetches them, and all clauses of the node are evaluated on these, guards included. A
// clause whose inputs are not constants decides no row before its own guard has been evaluated
// once: the guard hands its inputs over, so nothing is computed that the query would not have
// computed by then.
#include "nodes/scan/chi_scan_state.h"
#include "plan/settings.h"
#include "stats/statement.h"
#include "stats/stats.h"
#include "store/page/page.h"

extern "C" {
#include "access/tableam.h"
#include "executor/executor.h"
#include "executor/instrument.h"
#include "miscadmin.h"
#include "storage/predicate.h"
#include "utils/rel.h"
}

namespace mq
{

namespace
{

// Pages that a process takes at a time from a parallel scan.
constexpr uint32_t kPagesAtOnce = 4;
// Pages, and about as many rows, that are decided together while the scan waits for a disk.
constexpr uint32_t kMostPages = 32;
constexpr int kMostRows = 256;

// What the first row asked for needs; EXPLAIN, and a subplan never run, do without.
void start_row_scan(ChiScanState *s)
{
    EState *estate = s->css.ss.ps.state;
    Relation heap = s->css.ss.ss_currentRelation;
    MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
    s->row_scan =
        begin_row_scan(s->indexes, s->n_indexes, s->clauses, s->row.n_clauses, estate->es_snapshot);
    s->fetch = begin_row_fetch(heap, s->indexes[0]);
    if (s->ahead)
        s->batch = (ScanRow *)palloc(sizeof(ScanRow) * (kMostRows + kSlotsPerTidPage));
    s->batch_pages = 1;
    s->reads = pgBufferUsage.shared_blks_read;
    MemoryContextSwitchTo(old);
    s->pages = s->shared ? s->shared->pages : scan_pages(RelationGetNumberOfBlocks(heap));
    // Serializable transactions: the rows left out are read too, in that they were decided.
    PredicateLockRelation(heap, estate->es_snapshot);
}

// Tells the row scan which clauses have their inputs by now. True when there are more than the rows
// at hand were decided by.
bool update_clauses(ChiScanState *s)
{
    int known = 0;
    for (int i = 0; i < s->row.n_clauses; i++) {
        bool decides = enable_pruning && s->row.clauses[i].inputs_known;
        s->clauses[i].inputs = decides ? s->row.clauses[i].inputs : nullptr;
        known += decides;
    }
    if (known == s->decided_clauses)
        return false;
    s->decided_clauses = known;
    inputs_changed(s->row_scan);
    return true;
}

// Takes the next page of the row scan, in a parallel scan a few at a time. False at the end.
bool take_page(ChiScanState *s)
{
    if (s->next_page >= s->end_page) {
        if (s->shared)
            s->next_page = std::min<uint64_t>(
                pg_atomic_fetch_add_u64(&s->shared->next_page, kPagesAtOnce), s->pages);
        else
            s->next_page = s->end_page;
        s->end_page = std::min<uint64_t>(uint64_t{s->next_page} + kPagesAtOnce, s->pages);
        if (s->next_page >= s->end_page)
            return false;
    }
    stats_masks_pruned(s->row.toastrelid, load_page(s->row_scan, s->next_page++));
    return true;
}

// Whether the query has waited for pages of some table or index since this was asked last.
bool has_waited(ChiScanState *s)
{
    const int64 reads = pgBufferUsage.shared_blks_read;
    const bool waited = reads != s->reads;
    s->reads = reads;
    return waited;
}

// Rows of the next pages: of one as long as all comes from memory, or clauses wait for their
// inputs; else of more and more pages, so that much can be asked for at once.
bool next_rows(ChiScanState *s)
{
    update_clauses(s);
    if (!take_page(s))
        return false;
    s->next_row = 0;
    s->rows = s->row_scan->rows;
    s->n_rows = s->row_scan->n_rows;
    const bool waited = has_waited(s);
    if (!s->ahead || !waited || s->decided_clauses < s->row.n_clauses) {
        s->batch_pages = 1;
        return true;
    }
    s->batch_pages = Min(2 * s->batch_pages, kMostPages);
    int n = 0;
    for (uint32_t page = 1;; page++) {
        memcpy(s->batch + n, s->row_scan->rows, sizeof(ScanRow) * s->row_scan->n_rows);
        n += s->row_scan->n_rows;
        CHECK_FOR_INTERRUPTS();
        if (page >= s->batch_pages || n >= kMostRows || !take_page(s))
            break;
    }
    s->rows = s->batch;
    s->n_rows = n;
    if (!look_ahead(s->ahead, s->batch, n, s->row))
        s->ahead = nullptr;
    return true;
}

// The version of the row that the snapshot sees, if any.
bool fetch_scanned(ChiScanState *s, const ScanRow &row, TupleTableSlot *slot)
{
    if (!fetch_row(&s->fetch, &row.tid, s->css.ss.ps.state->es_snapshot, slot))
        return false;
    s->row.tid = slot->tts_tid;
    s->row.proven = row.proven;
    s->row.refuted = row.refuted;
    return true;
}

// ExecScan's access method.
TupleTableSlot *access_next(ScanState *ss)
{
    ChiScanState *s = (ChiScanState *)ss;
    if (s->row_scan == nullptr)
        start_row_scan(s);
    else if (s->rows == s->row_scan->rows && update_clauses(s)) {
        stats_masks_pruned(s->row.toastrelid, decide_rows(s->row_scan, s->next_row));
        s->n_rows = s->row_scan->n_rows;
    }
    for (;;) {
        while (s->next_row < s->n_rows) {
            CHECK_FOR_INTERRUPTS();
            if (fetch_scanned(s, s->rows[s->next_row++], ss->ss_ScanTupleSlot))
                return ss->ss_ScanTupleSlot;
        }
        CHECK_FOR_INTERRUPTS();
        if (!next_rows(s))
            return ExecClearTuple(ss->ss_ScanTupleSlot);
    }
}

// No clause has been dropped for the row scan, so ExecScan's own check of the quals is all.
bool recheck(ScanState *, TupleTableSlot *)
{
    return true;
}

} // namespace

TupleTableSlot *exec_chi_scan(CustomScanState *node)
{
    ChiScanState *s = (ChiScanState *)node;
    ScannedRow *outer = scanned_row;
    Counters before = node->ss.ps.instrument ? process_counters() : Counters{};
    ItemPointerSetInvalid(&s->row.tid); // EvalPlanQual brings rows of its own
    scanned_row = &s->row;
    TupleTableSlot *slot = ExecScan(&node->ss, access_next, recheck);
    scanned_row = outer;
    if (node->ss.ps.instrument)
        add_difference(&s->counters, process_counters(), before);
    return slot;
}

} // namespace mq
