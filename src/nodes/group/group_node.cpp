// The node's life: set-up, rescan, end, EXPLAIN.
#include "nodes/group/group.h"
#include "nodes/group/group_state.h"
#include "nodes/common/child_columns.h"
#include "nodes/common/node_counters.h"
#include "nodes/common/row_node.h"
#include "nodes/common/sort_keys.h"
#include "pg/compat.h"

extern "C" {
#include "catalog/pg_type.h"
#include "commands/explain.h"
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

void begin_sorting(ChiGroupState *g, const GroupFields &f)
{
    TupleDesc head = CreateTemplateTupleDesc(4);
    TupleDescInitEntry(head, 1, "start", INT8OID, -1, 0);
    TupleDescInitEntry(head, 2, "rows", INT8OID, -1, 0);
    TupleDescInitEntry(head, 3, "masks", INT8OID, -1, 0);
    TupleDescInitEntry(head, 4, "proven", BOOLOID, -1, 0);
    g->head = MakeSingleTupleTableSlot(head, &TTSOpsVirtual);
    open_order(&g->order, &g->css, &group_order_methods, f.sort, head);
    g->tie_values = (ExprState **)palloc(sizeof(ExprState *) * Max(f.sort.ties, 1));
    for (int i = 0; i < f.sort.ties; i++)
        g->tie_values[i] = open_expression((Node *)list_nth(f.ties, i));
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
        begin_sorting(g, f);
}

TupleTableSlot *exec_group(CustomScanState *css)
{
    ChiGroupState *g = (ChiGroupState *)css;
    forget_given_row(css);
    return give_row(css, g->ordered ? next_in_order(&g->order) : next_group(g));
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
    rescan_children(css);
    g->agg_used = false;
}

void explain_group(CustomScanState *css, List *ancestors, ExplainState *es)
{
    const ChiGroupState *g = (const ChiGroupState *)css;
    if (g->ordered)
        explain_sort_keys(g->order.keys, css, ancestors, es);
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

const CustomExecMethods group_exec_methods = {
    kGroupName, begin_group, exec_group, end_group, rescan_group, nullptr,       nullptr,
    nullptr,    nullptr,     nullptr,    nullptr,   nullptr,      explain_group,
};

} // namespace

Node *make_group_state(CustomScan *)
{
    ChiGroupState *g = (ChiGroupState *)newNode(sizeof(ChiGroupState), T_CustomScanState);
    g->css.methods = &group_exec_methods;
    return (Node *)g;
}

} // namespace mq
