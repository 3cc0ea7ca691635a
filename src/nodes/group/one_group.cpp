// One group of CHI Group: its rows, its bounds, its computation.
#include "nodes/common/node_counters.h"
#include "nodes/group/group_state.h"

extern "C" {
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/syscache.h"
}

namespace mq
{

namespace
{

// ---- rows ----

// pg_class.reltoastrelid.
Oid look_up_toast(Oid relid)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
    if (!HeapTupleIsValid(tuple))
        return InvalidOid;
    Oid toast = ((Form_pg_class)GETSTRUCT(tuple))->reltoastrelid;
    ReleaseSysCache(tuple);
    return toast;
}

// The TOAST relation of a table that a row of the plan comes from. The plan holds a lock on the
// table, so it stays the same while the plan runs.
Oid toast_of(ChiGroupState *g, Oid relid)
{
    if (g->table.relid == relid)
        return g->table.toastrelid;
    const GroupTable *known = (GroupTable *)hash_search(g->tables, &relid, HASH_FIND, nullptr);
    if (known) {
        g->table = *known;
    } else {
        g->table = GroupTable{relid, look_up_toast(relid)};
        *(GroupTable *)hash_search(g->tables, &relid, HASH_ENTER, nullptr) = g->table;
    }
    return g->table.toastrelid;
}

// Counts the masks of a row, as pruned for now.
int64 count_masks(ChiGroupState *g, TupleTableSlot *row)
{
    int64 masks = 0;
    for (int i = 0; i < g->n_masks; i++) {
        bool no_table, no_mask;
        Datum table = slot_getattr(row, g->masks[i].tableoid, &no_table);
        slot_getattr(row, g->masks[i].mask, &no_mask);
        if (no_table || no_mask)
            continue;
        masks++;
        stats_masks_pruned(toast_of(g, DatumGetObjectId(table)), 1);
    }
    g->counters[Counter::masks] += masks;
    g->counters[Counter::pruned] += masks;
    return masks;
}

void begin_leaves(ChiGroupState *g, const GroupPass &pass)
{
    for (int i = 0; i < g->n_leaves; i++)
        if (pass.number < g->leaves[i]->passes)
            g->leaves[i]->kind->begin_group(g->leaves[i], pass);
}

void add_row_to_leaves(ChiGroupState *g, TupleTableSlot *row, const GroupPass &pass)
{
    ExprContext *context = g->css.ss.ps.ps_ExprContext;
    ResetExprContext(context);
    context->ecxt_scantuple = row;
    for (int i = 0; i < g->n_leaves; i++)
        if (pass.number < g->leaves[i]->passes)
            g->leaves[i]->kind->add_row(g->leaves[i], context, pass);
}

// Shows the leaves the rows of a group that are kept.
void show_rows(ChiGroupState *g, const Group &group, const GroupPass &pass)
{
    int64 position = group.start;
    begin_leaves(g, pass);
    for (int64 i = 0; i < group.n; i++) {
        CHECK_FOR_INTERRUPTS();
        read_group_tuple(g->rows, &position, g->again);
        add_row_to_leaves(g, g->again, pass);
    }
    ExecClearTuple(g->again);
}

bool is_same_group(ChiGroupState *g, TupleTableSlot *row)
{
    ExprContext *context = g->css.ss.ps.ps_ExprContext;
    ResetExprContext(context);
    context->ecxt_innertuple = g->first;
    context->ecxt_outertuple = row;
    return ExecQual(g->same_group, context);
}

// ---- counting ----

// The group's masks have been counted as pruned so far.
void count_as(ChiGroupState *g, const Group &group, Verdict verdict)
{
    count_no_longer_pruned(&g->counters, g->statement, group.masks, verdict);
}

// ---- what the leaves tell ----

void set_inputs(ChiGroupState *g, const LeafProgram &p, const Num *values)
{
    RowBounds *b = p.program->bounds;
    set_row_inputs(p.program, g->css.ss.ps.ps_ExprContext);
    for (int i = 0; i < b->program.inputs; i++) {
        if (p.leaf[i] < 0)
            continue;
        b->inputs[i] = ProgramInput{};
        b->inputs[i].num = values[p.leaf[i]];
    }
}

// REQUIRES: the leaves have seen the group, g->first is a row of it.
GroupKnown known_of_group(ChiGroupState *g)
{
    ExprContext *context = g->css.ss.ps.ps_ExprContext;
    GroupKnown known = {kTrue, any_num(kMayValue | kMayNull)};
    Assert(!TupIsNull(g->first));
    ResetExprContext(context);
    context->ecxt_scantuple = g->first;
    Num *values = (Num *)MemoryContextAlloc(context->ecxt_per_tuple_memory,
                                            sizeof(Num) * Max(g->n_leaves, 1));
    bool error = false;
    for (int i = 0; i < g->n_leaves; i++) {
        values[i] = g->leaves[i]->kind->value(g->leaves[i]);
        error = error || (values[i].may & kMayError);
    }
    if (g->having.program) {
        set_inputs(g, g->having, values);
        known.having = row_outcomes(g->having.program->bounds);
    } else if (g->has_having) {
        known.having = kTrue | kFalse | kNull;
    }
    if (g->key.program && !is_refuted(known.having)) {
        set_inputs(g, g->key, values);
        known.key = row_number(g->key.program->bounds);
    }
    // An aggregate is computed for every group, whatever becomes of its value.
    if (error) {
        known.having |= kError;
        known.key.may |= kMayError;
    }
    return known;
}

// Rows of the group beyond the first pass.
GroupKnown bound_rows(ChiGroupState *g, const Group &group, Stage stage, int first_pass)
{
    for (int pass = first_pass; pass < g->passes; pass++)
        show_rows(g, group, GroupPass{stage, pass, stage == Stage::extremes});
    return known_of_group(g);
}

} // namespace

bool read_group(ChiGroupState *g, Group *group, GroupKnown *known)
{
    const GroupPass pass = {Stage::counts, 0, false};
    TupleTableSlot *row = g->waiting;
    if (!g->row_waits && !g->child_done)
        row = ExecProcNode(g->child);
    if (g->child_done || TupIsNull(row)) {
        g->child_done = true;
        return false;
    }
    g->statement = stats_statement();
    ExecCopySlot(g->first, row);
    *group = Group{g->rows->end};
    begin_leaves(g, pass);
    do {
        CHECK_FOR_INTERRUPTS();
        add_group_tuple(g->rows, row);
        group->n++;
        group->masks += count_masks(g, row);
        add_row_to_leaves(g, row, pass);
        row = ExecProcNode(g->child);
        g->child_done = TupIsNull(row);
    } while (!g->child_done && is_same_group(g, row));
    g->row_waits = !g->child_done;
    g->waiting = row;
    g->groups.considered++;
    *known = bound_rows(g, *group, Stage::counts, 1);
    return true;
}

GroupKnown bound_group(ChiGroupState *g, const Group &group, Stage stage)
{
    int64 position = group.start;
    read_group_tuple(g->rows, &position, g->again);
    ExecCopySlot(g->first, g->again);
    return bound_rows(g, group, stage, 0);
}

TupleTableSlot *compute_group(ChiGroupState *g, const Group &group)
{
    const Counters before = process_counters();
    if (g->agg_used)
        ExecReScan(g->agg);
    g->agg_used = true;
    g->feeder->position = group.start;
    g->feeder->left = group.n;
    TupleTableSlot *row = ExecProcNode(g->agg);
    count_reading(&g->counters, before);
    count_as(g, group, Verdict::undecided);
    g->groups.computed++;
    return TupIsNull(row) ? nullptr : row;
}

TupleTableSlot *make_plain_row(ChiGroupState *g, const Group &group)
{
    ExprContext *context = g->css.ss.ps.ps_ExprContext;
    TupleTableSlot *output = g->output;
    const Counters before = process_counters();
    int64 position = group.start;
    Assert(!g->needs_aggregates);
    read_group_tuple(g->rows, &position, g->again);
    ExecCopySlot(g->first, g->again);
    ResetExprContext(context);
    context->ecxt_scantuple = g->first;
    ExecClearTuple(output);
    for (int i = 0; i < output->tts_tupleDescriptor->natts; i++) {
        output->tts_values[i] = Datum(0);
        output->tts_isnull[i] = true;
        if (g->plain[i])
            output->tts_values[i] =
                ExecEvalExprSwitchContext(g->plain[i], context, &output->tts_isnull[i]);
    }
    ExecStoreVirtualTuple(output);
    count_reading(&g->counters, before);
    count_as(g, group, Verdict::accepted);
    g->groups.accepted++;
    return output;
}

void verify_group(ChiGroupState *g, const GroupKnown &known, TupleTableSlot *row)
{
    if (!verify_bounds)
        return;
    const bool wrong = is_refuted(known.having)  ? row != nullptr
                       : is_proven(known.having) ? row == nullptr
                                                 : false;
    if (wrong)
        ereport(ERROR,
                (errcode(ERRCODE_INDEX_CORRUPTED),
                 errmsg("bounds decided \"%s\" for the HAVING condition of a group that is %s",
                        row ? "not true" : "true", row ? "true" : "not true"),
                 errhint("Check the index with chi_check() and rebuild it with REINDEX.")));
    if (row == nullptr || !g->ordered)
        return;
    NullableDatum key;
    key.value = slot_getattr(row, g->order.keys.columns[0], &key.isnull);
    if (!may_have_value(&g->order, known.key, key))
        ereport(ERROR, (errcode(ERRCODE_INDEX_CORRUPTED),
                        errmsg("bounds exclude the value of a group's sort key"),
                        errdetail("Bounds are %.17g to %.17g.", known.key.lo, known.key.hi),
                        errhint("Check the index with chi_check() and rebuild it with REINDEX.")));
}

} // namespace mq
