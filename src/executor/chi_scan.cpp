// Execution of CHI Scan. README.md says why no row is lost and no clause is evaluated too early.
//
// A tid page's rows are judged at once (src/chi/walk.h), the ones left are fetched as an index scan
// fetches them, and all clauses of the node are evaluated on these, guards included. A clause whose
// inputs are not constants judges no row before its own guard has been evaluated once: the guard
// hands its inputs over, so nothing is computed that the query would not have computed by then.
#include "executor/chi_scan.h"

#include "chi/page.h"
#include "chi/walk.h"
#include "executor/node_counters.h"
#include "executor/scan_ahead.h"
#include "executor/scan_guards.h"
#include "pg/compat.h"
#include "planner/scanned_row.h"
#include "stats/stats.h"

extern "C" {
#include "access/parallel.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "executor/instrument.h"
#include "lib/stringinfo.h"
#include "nodes/execnodes.h"
#include "optimizer/optimizer.h"
#include "port/atomics.h"
#include "storage/predicate.h"
#include "utils/rel.h"
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif
}

namespace mq
{

namespace
{

// Pages that a process takes at a time from a parallel scan.
constexpr uint32_t kPagesAtOnce = 4;
// Pages, and about as many rows, that are judged together while the scan waits for a disk.
constexpr uint32_t kMostPages = 32;
constexpr int kMostRows = 256;

struct SharedScan { // in the parallel query's shared memory
    pg_atomic_uint64 next_page;
    uint32 pages;
    SharedCounters counters;
};

struct ChiScanState {
    CustomScanState css; // first
    Relation *indexes;
    int n_indexes;
    ChiWalk *walk; // null until the first row is asked for
    WalkClause *clauses;
    ScannedRow row; // its clauses go along with `clauses`
    IndexFetchTableData *fetch;

    SharedScan *shared;           // null in a scan that is not parallel
    uint32_t next_page, end_page; // pages taken and not yet walked
    uint32_t pages;
    const WalkRow *rows; // the walk's own, or `batch`
    int n_rows, next_row;
    int judged_clauses; // clauses that the walk's rows were judged by

    ScanAhead *ahead; // null: it never looks ahead
    WalkRow *batch;   // rows of several pages
    uint32_t batch_pages;
    int64 reads; // of shared buffers, in this process, when rows were looked for last

    Counters counters; // of this process, with instrumentation
};

// Which of the scan's indexes is on a column, -1 when none is.
int index_of_column(List *columns, AttrNumber column)
{
    int i = 0;
    ListCell *lc;
    foreach (lc, columns) {
        if (lfirst_int(lc) == column)
            return i;
        i++;
    }
    return -1;
}

void collect_clauses(ChiScanState *s, CustomScan *plan)
{
    List *columns = scan_columns(plan->custom_private);
    s->clauses = (WalkClause *)palloc0(sizeof(WalkClause) * kMaxWalkClauses);
    s->row.clauses = (ScannedClause *)palloc0(sizeof(ScannedClause) * kMaxWalkClauses);
    ListCell *lc;
    foreach (lc, plan->scan.plan.qual) {
        ScanGuard guard;
        if (s->row.n_clauses == kMaxWalkClauses ||
            !as_scan_guard((Node *)lfirst(lc), plan->scan.scanrelid, &guard) ||
            contain_var_clause((Node *)guard.inputs))
            continue;
        WalkClause *clause = &s->clauses[s->row.n_clauses];
        for (int i = 0; i < guard.sources; i++)
            clause->index_of_source[i] = index_of_column(columns, guard.columns[i]);
        const char *names[kMaxSources];
        open_program_datum((struct varlena *)DatumGetPointer(guard.program->constvalue),
                           &clause->program, names);
        clause->keep_refuted = guard.verified;

        ScannedClause *scanned = &s->row.clauses[s->row.n_clauses++];
        scanned->program = DatumGetPointer(guard.program->constvalue);
        scanned->n_inputs = clause->program.inputs;
        scanned->inputs = (ProgramInput *)palloc0(sizeof(ProgramInput) * Max(scanned->n_inputs, 1));
        scanned->constant = true;
        for (int i = 0; i < scanned->n_inputs; i++)
            if (!IsA(list_nth(guard.inputs, i), Const))
                scanned->constant = false;
        scanned->inputs_known = scanned->constant;
        for (int i = 0; scanned->constant && i < scanned->n_inputs; i++) {
            const Const *k = (const Const *)list_nth(guard.inputs, i);
            load_input((InputKind)clause->program.input_kinds[i], k->consttype, k->constvalue,
                       k->constisnull, &scanned->inputs[i]);
        }
    }
}

// An error may leave scanned_row behind; it goes with the memory it points to.
void forget_scanned_row(void *row)
{
    if (scanned_row == row)
        scanned_row = nullptr;
}

void begin_scan(CustomScanState *node, EState *estate, int eflags)
{
    ChiScanState *s = (ChiScanState *)node;
    CustomScan *plan = (CustomScan *)node->ss.ps.plan;
    Relation heap = node->ss.ss_currentRelation;

#if PG_VERSION_NUM < 160000
    // PostgreSQL 15 gives every custom scan a virtual slot, which has no system columns: what it
    // has set up on that is set up again on the table's own kind.
    ExecInitScanTupleSlot(estate, &node->ss, RelationGetDescr(heap), table_slot_callbacks(heap));
    node->ss.ps.scanops = table_slot_callbacks(heap);
    node->ss.ps.subPlan = NIL;
    node->ss.ps.ps_ProjInfo = nullptr;
    ExecAssignScanProjectionInfo(&node->ss);
    node->ss.ps.qual = ExecInitQual(plan->scan.plan.qual, (PlanState *)node);
#endif
    collect_clauses(s, plan);
    s->row.relid = RelationGetRelid(heap);
    s->row.toastrelid = heap->rd_rel->reltoastrelid;
    ItemPointerSetInvalid(&s->row.tid);
    MemoryContextCallback *callback =
        (MemoryContextCallback *)palloc0(sizeof(MemoryContextCallback));
    callback->func = forget_scanned_row;
    callback->arg = &s->row;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);

    if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
        return;
    // Like an index scan: to the end of the transaction.
    List *oids = scan_index_oids(plan->custom_private);
    List *columns = scan_columns(plan->custom_private);
    s->indexes = (Relation *)palloc0(sizeof(Relation) * list_length(oids));
    ListCell *lc;
    foreach (lc, oids)
        s->indexes[s->n_indexes++] = index_open(lfirst_oid(lc), AccessShareLock);
    if (s->n_indexes == 1 && effective_io_concurrency > 0)
        s->ahead = begin_ahead(node, s->indexes[0], AttrNumber(linitial_int(columns)));
}

// What the first row asked for needs; EXPLAIN, and a subplan never run, do without.
void start_walk(ChiScanState *s)
{
    EState *estate = s->css.ss.ps.state;
    Relation heap = s->css.ss.ss_currentRelation;
    MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
    s->walk =
        begin_walk(s->indexes, s->n_indexes, s->clauses, s->row.n_clauses, estate->es_snapshot);
    s->fetch = table_index_fetch_begin(heap);
    if (s->ahead)
        s->batch = (WalkRow *)palloc(sizeof(WalkRow) * (kMostRows + kSlotsPerTidPage));
    s->batch_pages = 1;
    s->reads = pgBufferUsage.shared_blks_read;
    MemoryContextSwitchTo(old);
    s->pages = s->shared ? s->shared->pages : walk_pages(RelationGetNumberOfBlocks(heap));
    // Serializable transactions: the rows left out are read too, in that they were judged.
    PredicateLockRelation(heap, estate->es_snapshot);
}

// Tells the walk which clauses have their inputs by now. True when there are more than the rows at
// hand were judged by.
bool update_clauses(ChiScanState *s)
{
    int known = 0;
    for (int i = 0; i < s->row.n_clauses; i++) {
        bool judges = enable_pruning && s->row.clauses[i].inputs_known;
        s->clauses[i].inputs = judges ? s->row.clauses[i].inputs : nullptr;
        known += judges;
    }
    if (known == s->judged_clauses)
        return false;
    s->judged_clauses = known;
    inputs_changed(s->walk);
    return true;
}

// Takes the next page of the walk, in a parallel scan a few at a time. False at the end.
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
    stats_masks_pruned(s->row.toastrelid, load_page(s->walk, s->next_page++));
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
    s->rows = s->walk->rows;
    s->n_rows = s->walk->n_rows;
    const bool waited = has_waited(s);
    if (!s->ahead || !waited || s->judged_clauses < s->row.n_clauses) {
        s->batch_pages = 1;
        return true;
    }
    s->batch_pages = Min(2 * s->batch_pages, kMostPages);
    int n = 0;
    for (uint32_t page = 1;; page++) {
        memcpy(s->batch + n, s->walk->rows, sizeof(WalkRow) * s->walk->n_rows);
        n += s->walk->n_rows;
        CHECK_FOR_INTERRUPTS();
        if (page >= s->batch_pages || n >= kMostRows || !take_page(s))
            break;
    }
    s->rows = s->batch;
    s->n_rows = n;
    look_ahead(s->ahead, s->batch, n, s->row);
    return true;
}

// The version of the row that the snapshot sees, if any.
bool fetch_row(ChiScanState *s, const WalkRow &row, TupleTableSlot *slot)
{
    ItemPointerData tid = row.tid;
    bool again = false, all_dead;
    do {
        if (table_index_fetch_tuple(s->fetch, &tid, s->css.ss.ps.state->es_snapshot, slot, &again,
                                    &all_dead)) {
            s->row.tid = slot->tts_tid;
            s->row.proven = row.proven;
            s->row.refuted = row.refuted;
            return true;
        }
    } while (again);
    return false;
}

// ExecScan's access method.
TupleTableSlot *access_next(ScanState *ss)
{
    ChiScanState *s = (ChiScanState *)ss;
    if (s->walk == nullptr)
        start_walk(s);
    else if (s->rows == s->walk->rows && update_clauses(s)) {
        stats_masks_pruned(s->row.toastrelid, judge_rows(s->walk, s->next_row));
        s->n_rows = s->walk->n_rows;
    }
    for (;;) {
        while (s->next_row < s->n_rows) {
            CHECK_FOR_INTERRUPTS();
            if (fetch_row(s, s->rows[s->next_row++], ss->ss_ScanTupleSlot))
                return ss->ss_ScanTupleSlot;
        }
        CHECK_FOR_INTERRUPTS();
        if (!next_rows(s))
            return ExecClearTuple(ss->ss_ScanTupleSlot);
    }
}

// No clause has been dropped for the walk, so ExecScan's own check of the quals is all.
bool recheck(ScanState *, TupleTableSlot *)
{
    return true;
}

TupleTableSlot *exec_scan(CustomScanState *node)
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

void rescan(CustomScanState *node)
{
    ChiScanState *s = (ChiScanState *)node;
    if (s->walk) {
        s->walk->n_rows = 0;
        table_index_fetch_reset(s->fetch);
    }
    s->next_page = s->end_page = 0;
    s->n_rows = s->next_row = 0;
    s->batch_pages = 1;
    // Constants stay, and with them what was judged by them; everything else may have changed.
    bool changed = false;
    for (int i = 0; i < s->row.n_clauses; i++) {
        changed = changed || !s->row.clauses[i].constant;
        s->row.clauses[i].inputs_known = s->row.clauses[i].constant;
    }
    if (s->walk && changed) {
        inputs_changed(s->walk);
        s->judged_clauses = 0;
    }
    ExecScanReScan(&node->ss);
}

void end_scan(CustomScanState *node)
{
    ChiScanState *s = (ChiScanState *)node;
    if (s->fetch)
        table_index_fetch_end(s->fetch);
    if (s->ahead)
        end_ahead(s->ahead);
    for (int i = 0; i < s->n_indexes; i++)
        index_close(s->indexes[i], NoLock);
}

// ---- parallel query ----

Size estimate_shared(CustomScanState *, ParallelContext *)
{
    return sizeof(SharedScan);
}

// The leader's part has ended, and all workers have: their counts become the leader's, before the
// shared memory goes.
void collect_workers(dsm_segment *, Datum arg)
{
    ChiScanState *s = (ChiScanState *)DatumGetPointer(arg);
    take_shared_counters(&s->shared->counters, &s->counters);
    s->shared = nullptr;
}

void init_shared(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
    ChiScanState *s = (ChiScanState *)node;
    s->shared = (SharedScan *)coordinate;
    pg_atomic_init_u64(&s->shared->next_page, 0);
    s->shared->pages = walk_pages(RelationGetNumberOfBlocks(node->ss.ss_currentRelation));
    init_shared_counters(&s->shared->counters);
    if (pcxt->seg)
        on_dsm_detach(pcxt->seg, collect_workers, PointerGetDatum(s));
}

void reinit_shared(CustomScanState *node, ParallelContext *, void *)
{
    pg_atomic_write_u64(&((ChiScanState *)node)->shared->next_page, 0);
}

void init_worker(CustomScanState *node, shm_toc *, void *coordinate)
{
    ((ChiScanState *)node)->shared = (SharedScan *)coordinate;
}

void shut_down(CustomScanState *node)
{
    ChiScanState *s = (ChiScanState *)node;
    if (IsParallelWorker() && s->shared)
        give_shared_counters(&s->shared->counters, &s->counters);
}

// ---- EXPLAIN ----

void explain_scan(CustomScanState *node, List *, ExplainState *es)
{
    ChiScanState *s = (ChiScanState *)node;
    StringInfoData bounds;
    initStringInfo(&bounds);
    for (int i = 0; i < s->row.n_clauses; i++) {
        const Program &program = s->clauses[i].program;
        size_t length = print_program(program, nullptr, 0);
        char *text = (char *)palloc(length + 1);
        print_program(program, text, length + 1);
        appendStringInfo(&bounds, "%s%s", i > 0 ? " AND " : "", text);
    }
    ExplainPropertyText("Bounds", bounds.data, es);
    if (es->analyze)
        explain_counters(s->counters, es);
}

const CustomExecMethods exec_methods = {
    kChiScanName,    begin_scan,  exec_scan,     end_scan,    rescan,    nullptr,      nullptr,
    estimate_shared, init_shared, reinit_shared, init_worker, shut_down, explain_scan,
};

Node *create_state(CustomScan *)
{
    ChiScanState *s = (ChiScanState *)newNode(sizeof(ChiScanState), T_CustomScanState);
    s->css.methods = &exec_methods;
#if PG_VERSION_NUM >= 160000
    s->css.slotOps = &TTSOpsBufferHeapTuple;
#endif
    return (Node *)s;
}

} // namespace

const CustomScanMethods chi_scan_methods = {kChiScanName, create_state};

} // namespace mq
