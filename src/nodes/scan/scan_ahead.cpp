#include "nodes/scan/scan_ahead.h"

#include "read/toast/toast_chunks.h"
#include "store/row_fetch.h"
#include "nodes/scan/scan_guards.h"
#include "pg/optional.h"
#include "pg/prefetch.h"
#include "plan/compile/compile.h"
#include "facts/row_bounds.h"

extern "C" {
#include "access/relscan.h"
#include "access/tableam.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
}

#include "pg/compat.h"

namespace mq
{

// A row that is worth looking at twice.
struct AheadRow {
    const ScanRow *row;
    ItemPointerData tid;            // the version that the snapshot sees
    bool stored;                    // its mask lies in TOAST,
    struct varatt_external pointer; // there
};

struct ScanAhead {
    EState *estate;
    Relation heap, index;
    AttrNumber column;
    ExprState *quals; // the clauses before the first guard; null: none
    ExprContext *context;
    RowFetch fetch;       // of the call under way
    TupleTableSlot *slot; // likewise
    ChiRow row;
    const void *programs[kMaxScanClauses]; // as in ScannedClause
    RowBounds *bounds[kMaxScanClauses];
    int n_programs;
};

namespace
{

// PARAM_EXEC may stand for a subquery that has not been run.
bool waits_for_executor(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    if (IsA(node, Param) && ((Param *)node)->paramkind == PARAM_EXEC)
        return true;
    return walk_expression(node, waits_for_executor, context);
}

// A clause that may be evaluated for a row before the rows in front of it were given away: it
// changes nothing, and that it was evaluated cannot be observed.
bool is_harmless(Node *clause)
{
    return is_steady(clause) && !contain_leaked_vars(clause) &&
           !waits_for_executor(clause, nullptr);
}

// The version of the row that the snapshot sees, in ahead->slot, if the clauses before the guards
// let it pass.
bool fetch_ahead(ScanAhead *ahead, const ScanRow &row)
{
    if (!fetch_row(&ahead->fetch, &row.tid, ahead->estate->es_snapshot, ahead->slot))
        return false;
    if (!ahead->quals)
        return true;
    ResetExprContext(ahead->context);
    ahead->context->ecxt_scantuple = ahead->slot;
    return ExecQual(ahead->quals, ahead->context);
}

// The row's bounds by a clause of the scan; null when they are not kept.
RowBounds *bounds_of(ScanAhead *ahead, const void *program)
{
    for (int i = 0; i < ahead->n_programs; i++)
        if (ahead->programs[i] == program)
            return ahead->bounds[i];
    return nullptr;
}

// Whether pixels will decide over the row: some clause stays undecided by all that the index knows,
// and none is refuted.
bool needs_pixels(ScanAhead *ahead, AheadRow *row, const ScannedRow &decided)
{
    bool undecided = false;
    for (int i = 0; i < decided.n_clauses; i++) {
        const ScannedClause &clause = decided.clauses[i];
        RowBounds *b = bounds_of(ahead, clause.program);
        if (row->row->proven >> i & 1)
            continue;
        if (row->row->refuted >> i & 1)
            return false;
        if (!b)
            continue;
        Datum mask = PointerGetDatum(&row->pointer); // only asked whether it is there
        set_source(b, 0, RelationGetRelid(ahead->heap), &row->tid, &mask, false);
        memcpy(b->inputs, clause.inputs, sizeof(ProgramInput) * clause.n_inputs);
        uint8_t outcomes = b->sources[0].pending ? uint8_t{kAnyOutcome} : row_outcomes(b);
        if (is_refuted(outcomes))
            return false;
        undecided = undecided || !is_proven(outcomes);
    }
    return undecided;
}

// Asks for the heap pages of the rows, but not for neighbours: pages read one after the other the
// kernel reads ahead by itself, more of them at a time.
void prefetch_heap(const ScanAhead *ahead, const ScanRow *rows, int n)
{
    BlockNumber last = InvalidBlockNumber;
    for (int i = 0; i < n; i++) {
        BlockNumber block = ItemPointerGetBlockNumberNoCheck(&rows[i].tid);
        if (block != last && block != last + 1)
            prefetch_block(ahead->heap, block);
        last = block;
    }
}

} // namespace

ScanAhead *begin_ahead(CustomScanState *node, Relation index, AttrNumber column)
{
    const CustomScan *plan = (const CustomScan *)node->ss.ps.plan;
    List *before = NIL;
    bool guarded = false;
    ListCell *lc;
    ScanAhead *ahead = (ScanAhead *)palloc0(sizeof(ScanAhead));
    foreach (lc, plan->scan.plan.qual) {
        Node *clause = (Node *)lfirst(lc);
        ScanGuard guard;
        if (as_scan_guard(clause, plan->scan.scanrelid, &guard)) {
            guarded = true;
            if (guard.sources != 1 || ahead->n_programs == kMaxScanClauses)
                continue;
            ahead->programs[ahead->n_programs] = DatumGetPointer(guard.program->constvalue);
            ahead->bounds[ahead->n_programs++] = open_row_bounds(
                guard.program->constvalue, ProgramBody::condition, CurrentMemoryContext);
        } else if (!guarded) {
            if (!is_harmless(clause))
                return nullptr;
            before = lappend(before, clause);
        }
    }
    EState *estate = node->ss.ps.state;
    Assert(node->ss.ss_ScanTupleSlot != nullptr);
    ahead->estate = estate;
    ahead->heap = node->ss.ss_currentRelation;
    ahead->index = index;
    ahead->column = column;
    ahead->quals = before ? ExecInitQual(before, (PlanState *)node) : nullptr;
    ahead->context = CreateExprContext(estate);
    ahead->row.context = CurrentMemoryContext;
    return ahead;
}

// The rows that the row scan has left undecided and that the snapshot sees, with where their masks
// lie. Asks for their tile extremes. Returns how many they are.
static int find_undecided(ScanAhead *ahead, const ScanRow *rows, int n, uint32_t all_clauses,
                          AheadRow *undecided)
{
    int n_undecided = 0;
    ahead->fetch = begin_row_fetch(ahead->heap, ahead->index);
    ahead->slot = table_slot_create(ahead->heap, nullptr);
    for (int i = 0; i < n; i++) {
        CHECK_FOR_INTERRUPTS();
        if (((rows[i].proven | rows[i].refuted) & all_clauses) == all_clauses ||
            !fetch_ahead(ahead, rows[i]))
            continue;
        AheadRow *row = &undecided[n_undecided];
        bool is_null;
        Datum mask = slot_getattr(ahead->slot, ahead->column, &is_null);
        if (is_null)
            continue;
        row->row = &rows[i];
        row->tid = ahead->slot->tts_tid;
        row->stored =
            get_toast_pointer((const struct varlena *)DatumGetPointer(mask), &row->pointer);
        n_undecided++;
        if (chi_lookup(ahead->index, &rows[i].tid, &ahead->row) == ChiState::built)
            chi_prefetch_extremes(ahead->index, &ahead->row);
    }
    ExecDropSingleTupleTableSlot(ahead->slot);
    end_row_fetch(&ahead->fetch);
    return n_undecided;
}

// Asks for the first bytes of the masks that all that the index knows leaves undecided.
static void prefetch_masks(ScanAhead *ahead, AheadRow *undecided, int n_undecided,
                           const ScannedRow &decided)
{
    int n_masks = 0;
    for (int i = 0; i < n_undecided; i++) {
        CHECK_FOR_INTERRUPTS();
        if (undecided[i].stored && needs_pixels(ahead, &undecided[i], decided)) {
            undecided[n_masks++] = undecided[i];
            prefetch_value_entry(undecided[i].pointer);
        }
    }
    for (int i = 0; i < n_masks; i++) {
        CHECK_FOR_INTERRUPTS();
        prefetch_value_start(undecided[i].pointer);
    }
}

bool look_ahead(ScanAhead *ahead, const ScanRow *rows, int n, const ScannedRow &decided)
{
    static OptionalWork work = {"look ahead in a CHI Scan"};
    const uint32_t all = uint32_t((uint64_t{1} << decided.n_clauses) - 1);
    for (int i = 0; i < decided.n_clauses; i++)
        Assert(decided.clauses[i].inputs_known);
    return try_optional(&work, [&] {
        AheadRow *undecided = (AheadRow *)palloc(sizeof(AheadRow) * Max(n, 1));
        prefetch_heap(ahead, rows, n);
        prefetch_masks(ahead, undecided, find_undecided(ahead, rows, n, all, undecided), decided);
    });
}

} // namespace mq
