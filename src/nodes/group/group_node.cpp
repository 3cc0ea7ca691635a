// The node's life: set-up, rescan, end, EXPLAIN.
#include "nodes/group/group.h"
#include "nodes/group/group_state.h"
#include "nodes/common/child_columns.h"
#include "nodes/common/node_counters.h"
#include "nodes/common/sort_keys.h"
#include "pg/compat.h"

extern "C" {
#include "catalog/pg_type.h"
#include "commands/explain.h"
#include "executor/execdesc.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/ruleutils.h"
}

namespace mq
{

namespace
{

LeafProgram open_leaf_program(const List *fields, ProgramBody body)
{
    LeafProgram p = {};
    if (fields == NIL)
        return p;
    const LeafProgramFields f = unpack_fields<LeafProgramFields>(fields);
    p.program = open_row_program(f.program, body);
    ListCell *lc;
    foreach (lc, f.leaves)
        p.leaf[foreach_current_index(lc)] = lfirst_int(lc);
    return p;
}

void begin_leaves(ChiGroupState *g, const GroupFields &f)
{
    g->n_leaves = list_length(f.leaves);
    g->leaves = (GroupLeaf **)palloc(sizeof(GroupLeaf *) * g->n_leaves);
    for (int i = 0; i < g->n_leaves; i++) {
        g->leaves[i] = open_leaf((const List *)list_nth(f.leaves, i));
        g->passes = Max(g->passes, g->leaves[i]->passes);
    }
    g->having = open_leaf_program(f.having, ProgramBody::condition);
    g->key = open_leaf_program(f.key, ProgramBody::number);
    g->n_masks = list_length(f.masks) / 3;
    g->masks = (SourceColumns *)palloc(sizeof(SourceColumns) * g->n_masks);
    for (int i = 0; i < g->n_masks; i++)
        g->masks[i] = source_columns(f.masks, i);
    HASHCTL tables = {};
    tables.keysize = sizeof(Oid);
    tables.entrysize = sizeof(GroupTable);
    tables.hcxt = CurrentMemoryContext;
    g->tables =
        hash_create("tables of CHI Group", 16, &tables, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

// How rows of one group are told from the next one's, as the Agg does.
void begin_grouping(ChiGroupState *g, const GroupFields &f, TupleDesc rows)
{
    const int n = list_length(f.grouping);
    AttrNumber *numbers = (AttrNumber *)palloc(sizeof(AttrNumber) * Max(n, 1));
    Oid *operators = (Oid *)palloc(sizeof(Oid) * Max(n, 1));
    Oid *collations = (Oid *)palloc(sizeof(Oid) * Max(n, 1));
    for (int i = 0; i < n; i++) {
        numbers[i] = list_nth_int(f.grouping, i);
        operators[i] = list_nth_oid(f.equality, 2 * i);
        collations[i] = list_nth_oid(f.equality, 2 * i + 1);
    }
    g->same_group = execTuplesMatchPrepare(rows, n, numbers, operators, collations, &g->css.ss.ps);
}

void begin_sorting(ChiGroupState *g, const GroupFields &f, TupleDesc scan)
{
    OrderLoop *o = &g->order;
    o->node = &g->css;
    o->methods = &group_order_methods;
    o->direction.descending = f.sort.descending;
    o->with_ties = f.sort.with_ties;
    open_sort_keys(&o->keys, f.sort.columns, f.sort.ordering);
    o->direction.nulls_first = o->keys.nulls_first[0];
    o->key_type = TupleDescAttr(scan, o->keys.columns[0] - 1)->atttypid;
    o->limit = open_expression(f.sort.limit);
    o->offset = open_expression(f.sort.offset);
    TupleDesc head = CreateTemplateTupleDesc(4);
    TupleDescInitEntry(head, 1, "start", INT8OID, -1, 0);
    TupleDescInitEntry(head, 2, "rows", INT8OID, -1, 0);
    TupleDescInitEntry(head, 3, "masks", INT8OID, -1, 0);
    TupleDescInitEntry(head, 4, "proven", BOOLOID, -1, 0);
    g->head = MakeSingleTupleTableSlot(head, &TTSOpsVirtual);
    const int n = list_length(f.ties);
    o->ties = TieKeys{n, n == o->keys.n - 1, false, &o->keys, scan};
    g->tie_values = (ExprState **)palloc(sizeof(ExprState *) * Max(n, 1));
    o->row_ties = (NullableDatum *)palloc(sizeof(NullableDatum) * Max(n, 1));
    for (int i = 0; i < n; i++)
        g->tie_values[i] = open_expression((Node *)list_nth(f.ties, i));
    o->pending = make_pending_rows(head, INT8OID, -1, InvalidOid, &o->ties);
    o->ready = make_ready_rows(&o->keys, scan);
}

void begin_group(CustomScanState *css, EState *estate, int eflags)
{
    ChiGroupState *g = (ChiGroupState *)css;
    CustomScan *plan = (CustomScan *)css->ss.ps.plan;
    TupleDesc scan = css->ss.ss_ScanTupleSlot->tts_tupleDescriptor;
    eflags &= ~(EXEC_FLAG_BACKWARD | EXEC_FLAG_MARK);
    g->child = ExecInitNode((Plan *)linitial(plan->custom_plans), estate, eflags);
    g->agg = ExecInitNode((Plan *)lsecond(plan->custom_plans), estate, eflags);
    css->custom_ps = list_make2(g->child, g->agg);
    g->feeder = find_feeder(g->agg);
    g->feeder->group = g;
    TupleDesc rows = ExecGetResultType(g->child);
    const GroupFields f = unpack_fields<GroupFields>(plan->custom_private);
    g->has_having = f.has_having;
    g->ordered = f.ordered;
    g->needs_aggregates = f.needs_aggregates;
    begin_leaves(g, f);
    begin_grouping(g, f, rows);
    g->first = MakeSingleTupleTableSlot(rows, &TTSOpsMinimalTuple);
    g->again = MakeSingleTupleTableSlot(rows, &TTSOpsMinimalTuple);
    g->output = MakeSingleTupleTableSlot(scan, &TTSOpsVirtual);
    g->rows = make_group_rows();
    if (!g->needs_aggregates) {
        g->plain = (ExprState **)palloc(sizeof(ExprState *) * list_length(f.plain));
        ListCell *lc;
        foreach (lc, f.plain)
            g->plain[foreach_current_index(lc)] = open_expression((Node *)lfirst(lc));
    }
    if (g->ordered)
        begin_sorting(g, f, scan);
}

TupleTableSlot *exec_group(CustomScanState *css)
{
    ChiGroupState *g = (ChiGroupState *)css;
    ExprContext *context = css->ss.ps.ps_ExprContext;
    TupleTableSlot *scan = css->ss.ss_ScanTupleSlot;
    ResetExprContext(context);
    ExecClearTuple(scan);
    TupleTableSlot *row = g->ordered ? next_in_order(&g->order) : next_group(g);
    if (row == nullptr)
        return css->ss.ps.ps_ProjInfo ? ExecClearTuple(css->ss.ps.ps_ResultTupleSlot) : scan;
    slot_getallattrs(row);
    const int n = scan->tts_tupleDescriptor->natts;
    memcpy(scan->tts_values, row->tts_values, sizeof(Datum) * n);
    memcpy(scan->tts_isnull, row->tts_isnull, sizeof(bool) * n);
    ExecStoreVirtualTuple(scan);
    context->ecxt_scantuple = scan;
    return css->ss.ps.ps_ProjInfo ? ExecProject(css->ss.ps.ps_ProjInfo) : scan;
}

void forget_groups(ChiGroupState *g)
{
    ExecClearTuple(g->css.ss.ss_ScanTupleSlot);
    ExecClearTuple(g->first);
    ExecClearTuple(g->again);
    ExecClearTuple(g->output);
    ExecClearTuple(g->feeder->row);
    g->feeder->left = 0;
    end_group_rows(g->rows);
    g->child_done = g->row_waits = false;
    if (!g->ordered)
        return;
    ExecClearTuple(g->head);
    end_order(&g->order);
}

void end_group(CustomScanState *css)
{
    ChiGroupState *g = (ChiGroupState *)css;
    forget_groups(g);
    ExecEndNode(g->child);
    ExecEndNode(g->agg);
}

void rescan_group(CustomScanState *css)
{
    ChiGroupState *g = (ChiGroupState *)css;
    forget_groups(g);
    ListCell *lc;
    foreach (lc, css->custom_ps) {
        PlanState *child = (PlanState *)lfirst(lc);
        if (css->ss.ps.chgParam != nullptr)
            UpdateChangedParamSet(child, css->ss.ps.chgParam);
        if (child->chgParam == nullptr)
            ExecReScan(child);
    }
    g->agg_used = false;
}

void explain_group(CustomScanState *css, List *ancestors, ExplainState *es)
{
    const ChiGroupState *g = (const ChiGroupState *)css;
    const CustomScan *plan = (const CustomScan *)css->ss.ps.plan;
    if (g->ordered) {
        List *context = set_deparse_context_plan(es->deparse_cxt, css->ss.ps.plan, ancestors);
        const bool prefix = prefixes_columns(es);
        List *keys = NIL;
        for (int i = 0; i < g->order.keys.n; i++) {
            TargetEntry *tle =
                (TargetEntry *)list_nth(plan->custom_scan_tlist, g->order.keys.columns[i] - 1);
            Node *column = (Node *)makeVarFromTargetEntry(INDEX_VAR, tle);
            keys = lappend(keys, describe_sort_key(&g->order.keys, i, column, context, prefix));
        }
        ExplainPropertyList("Sort Key", keys, es);
    }
    if (!es->analyze)
        return;
    const GroupCounters &n = g->groups;
    ExplainPropertyInteger("Groups Considered", nullptr, n.considered, es);
    ExplainPropertyInteger("Groups Pruned by Bounds", nullptr,
                           n.considered - n.accepted - n.computed, es);
    ExplainPropertyInteger("Groups Accepted by Bounds", nullptr, n.accepted, es);
    ExplainPropertyInteger("Groups Computed", nullptr, n.computed, es);
    explain_counters(CounterGroup::chi, g->counters, es);
}

CustomExecMethods make_methods()
{
    CustomExecMethods m = {};
    m.CustomName = kGroupName;
    m.BeginCustomScan = begin_group;
    m.ExecCustomScan = exec_group;
    m.EndCustomScan = end_group;
    m.ReScanCustomScan = rescan_group;
    m.ExplainCustomScan = explain_group;
    return m;
}

const CustomExecMethods group_exec_methods = make_methods();

} // namespace

Node *make_group_state(CustomScan *)
{
    ChiGroupState *g = (ChiGroupState *)newNode(sizeof(ChiGroupState), T_CustomScanState);
    g->css.methods = &group_exec_methods;
    return (Node *)g;
}

} // namespace mq
