// The node's life: set-up, rescan, end, EXPLAIN.
#include "nodes/common/child_columns.h"
#include "nodes/common/node_counters.h"
#include "nodes/common/row_node.h"
#include "nodes/common/sort_keys.h"
#include "nodes/topk/topk.h"
#include "nodes/topk/topk_state.h"
#include "pg/compat.h"

extern "C" {
#include "access/genam.h"
#include "catalog/pg_type.h"
#include "commands/explain.h"
#include "utils/rel.h"
}

namespace mq
{

namespace
{

void begin_bounds(TopKState *t, const TopKFields &f)
{
    t->program = open_row_program(f.program, ProgramBody::number);
    t->bounds = t->program->bounds;
    t->counted = open_expression(f.counted);
    const int sites = t->bounds->program.sites;
    TupleDesc desc = CreateTemplateTupleDesc(sites);
    for (int i = 1; i <= sites; i++)
        TupleDescInitEntry(desc, i, nullptr, FLOAT8OID, -1, 0);
    t->sites = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
}

void begin_keys(TopKState *t, const TopKFields &f)
{
    const int n = list_length(f.keys);
    t->key_values = (ExprState **)palloc0(sizeof(ExprState *) * n);
    t->wanted = (bool *)palloc(sizeof(bool) * n);
    t->eager = (bool *)palloc(sizeof(bool) * n);
    for (int i = 0; i < n; i++) {
        t->wanted[i] = list_nth_int(f.wanted, i);
        t->eager[i] = list_nth_int(f.eager, i);
        if (t->order.keys.columns[i] > t->n_child)
            t->key_values[i] = open_expression((Node *)list_nth(f.keys, i));
    }
}

// Opens the table and the index that give the rows when there is no child. Returns what a child's
// rows would be.
TupleDesc begin_table(TopKState *t, const CustomScan *plan, Oid index, EState *estate, int eflags)
{
    t->columns = (AttrNumber *)palloc(sizeof(AttrNumber) * t->n_child);
    Index relation = 0;
    List *columns = NIL;
    ListCell *lc;
    foreach (lc, plan->custom_scan_tlist) {
        TargetEntry *tle = (TargetEntry *)lfirst(lc);
        if (tle->resno > t->n_child)
            break;
        const Var *column = (const Var *)tle->expr;
        t->columns[tle->resno - 1] = column->varattno;
        relation = column->varno;
        columns = lappend(columns, tle);
    }
    t->table = ExecOpenScanRelation(estate, relation, eflags);
    t->index = index_open(index, AccessShareLock);
    begin_topk_index(t);
    return ExecTypeFromTL(columns);
}

void begin_topk(CustomScanState *css, EState *estate, int eflags)
{
    TopKState *t = (TopKState *)css;
    CustomScan *plan = (CustomScan *)css->ss.ps.plan;
    TupleDesc scan = css->ss.ss_ScanTupleSlot->tts_tupleDescriptor, child;
    const TopKFields f = unpack_fields<TopKFields>(plan->custom_private);
    t->n_child = f.n_child;
    if (plan->custom_plans != NIL) {
        css->custom_ps =
            list_make1(ExecInitNode((Plan *)linitial(plan->custom_plans), estate, eflags));
        child = ExecGetResultType((PlanState *)linitial(css->custom_ps));
    } else {
        child = begin_table(t, plan, f.index, estate, eflags);
    }
    begin_bounds(t, f);
    open_order(&t->order, css, &topk_order_methods, f.sort, child);
    begin_keys(t, f);
    t->row = MakeSingleTupleTableSlot(scan, &TTSOpsVirtual);
}

TupleTableSlot *exec_topk(CustomScanState *css)
{
    forget_given_row(css);
    return give_row(css, next_in_order(&((TopKState *)css)->order));
}

void forget_rows(TopKState *t)
{
    ExecClearTuple(t->css.ss.ss_ScanTupleSlot);
    ExecClearTuple(t->row);
    end_order(&t->order);
}

void end_topk(CustomScanState *css)
{
    TopKState *t = (TopKState *)css;
    forget_rows(t);
    if (t->index)
        end_topk_index(t);
    else
        ExecEndNode((PlanState *)linitial(css->custom_ps));
}

void rescan_topk(CustomScanState *css)
{
    forget_rows((TopKState *)css);
    rescan_children(css);
}

// ---- EXPLAIN ----

void explain_topk(CustomScanState *css, List *ancestors, ExplainState *es)
{
    const TopKState *t = (const TopKState *)css;
    explain_sort_keys(t->order.keys, css, ancestors, es);
    if (t->index)
        ExplainPropertyText("Index", RelationGetRelationName(t->index), es);
    if (es->analyze)
        explain_counters(CounterGroup::chi, t->counters, es);
}

const CustomExecMethods topk_exec_methods = {
    kTopKName, begin_topk, exec_topk, end_topk, rescan_topk, nullptr,      nullptr,
    nullptr,   nullptr,    nullptr,   nullptr,  nullptr,     explain_topk,
};

} // namespace

Node *make_topk_state(CustomScan *plan)
{
    TopKState *t = (TopKState *)newNode(sizeof(TopKState), T_CustomScanState);
    t->css.methods = &topk_exec_methods;
    return (Node *)t;
}

} // namespace mq
