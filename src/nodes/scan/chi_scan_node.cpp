// Set-up, rescan, parallel query and EXPLAIN of CHI Scan.
#include "nodes/scan/chi_scan.h"
#include "nodes/scan/chi_scan_state.h"
#include "nodes/scan/scan_guards.h"
#include "pg/compat.h"
#include "stats/stats.h"

extern "C" {
#include "access/parallel.h"
#include "access/tableam.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "lib/stringinfo.h"
#include "optimizer/optimizer.h"
#include "utils/rel.h"
}

namespace mq
{

namespace
{

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

void collect_clauses(ChiScanState *s, CustomScan *plan, List *columns)
{
    s->clauses = (ScanClause *)palloc0(sizeof(ScanClause) * kMaxScanClauses);
    s->row.clauses = (ScannedClause *)palloc0(sizeof(ScannedClause) * kMaxScanClauses);
    ListCell *lc;
    foreach (lc, plan->scan.plan.qual) {
        ScanGuard guard;
        if (s->row.n_clauses == kMaxScanClauses ||
            !as_scan_guard((Node *)lfirst(lc), plan->scan.scanrelid, &guard) ||
            contain_var_clause((Node *)guard.inputs))
            continue;
        ScanClause *clause = &s->clauses[s->row.n_clauses];
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

    set_up_heap_slots(node, estate, heap);
    const ScanFields f = unpack_fields<ScanFields>(plan->custom_private);
    collect_clauses(s, plan, f.columns);
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
    s->indexes = (Relation *)palloc0(sizeof(Relation) * list_length(f.indexes));
    ListCell *lc;
    foreach (lc, f.indexes)
        s->indexes[s->n_indexes++] = index_open(lfirst_oid(lc), AccessShareLock);
    if (s->n_indexes == 1 && effective_io_concurrency > 0)
        s->ahead = begin_ahead(node, s->indexes[0], AttrNumber(linitial_int(f.columns)));
}

void rescan(CustomScanState *node)
{
    ChiScanState *s = (ChiScanState *)node;
    if (s->row_scan) {
        s->row_scan->n_rows = 0;
        table_index_fetch_reset(s->fetch.table);
    }
    s->next_page = s->end_page = 0;
    s->n_rows = s->next_row = 0;
    s->batch_pages = 1;
    // Constants stay, and with them what was decided by them; everything else may have changed.
    bool changed = false;
    for (int i = 0; i < s->row.n_clauses; i++) {
        changed = changed || !s->row.clauses[i].constant;
        s->row.clauses[i].inputs_known = s->row.clauses[i].constant;
    }
    if (s->row_scan && changed) {
        inputs_changed(s->row_scan);
        s->decided_clauses = 0;
    }
    ExecScanReScan(&node->ss);
}

void end_scan(CustomScanState *node)
{
    ChiScanState *s = (ChiScanState *)node;
    end_row_fetch(&s->fetch);
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
    take_counters(&s->shared->counters, &s->counters);
    s->shared = nullptr;
}

void init_shared(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
    ChiScanState *s = (ChiScanState *)node;
    s->shared = (SharedScan *)coordinate;
    pg_atomic_init_u64(&s->shared->next_page, 0);
    s->shared->pages = scan_pages(RelationGetNumberOfBlocks(node->ss.ss_currentRelation));
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
    if (!IsParallelWorker() || !s->shared)
        return;
    give_counters(&s->shared->counters, s->counters);
    s->counters = Counters{};
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
        explain_counters(CounterGroup::chi, s->counters, es);
}

const CustomExecMethods exec_methods = {
    kChiScanName,    begin_scan,  exec_chi_scan, end_scan,    rescan,    nullptr,      nullptr,
    estimate_shared, init_shared, reinit_shared, init_worker, shut_down, explain_scan,
};

Node *create_state(CustomScan *)
{
    ChiScanState *s = (ChiScanState *)newNode(sizeof(ChiScanState), T_CustomScanState);
    s->css.methods = &exec_methods;
    ask_for_heap_slots(&s->css);
    return (Node *)s;
}

} // namespace

const CustomScanMethods chi_scan_methods = {kChiScanName, create_state};

} // namespace mq
