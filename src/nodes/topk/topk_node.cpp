// The node's life: set-up, rescan, end, EXPLAIN.
#include "nodes/common/child_columns.h"
#include "nodes/common/node_counters.h"
#include "nodes/common/sort_keys.h"
#include "nodes/topk/topk.h"
#include "nodes/topk/topk_state.h"
#include "pg/compat.h"

extern "C" {
#include "access/genam.h"
#include "catalog/pg_type.h"
#include "commands/explain.h"
#include "executor/execdesc.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
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
    OrderLoop *o = &t->order;
    open_sort_keys(&o->keys, f.sort.columns, f.sort.ordering);
    t->key_values = (ExprState **)palloc0(sizeof(ExprState *) * n);
    t->wanted = (bool *)palloc(sizeof(bool) * n);
    t->eager = (bool *)palloc(sizeof(bool) * n);
    for (int i = 0; i < n; i++) {
        t->wanted[i] = list_nth_int(f.wanted, i);
        t->eager[i] = list_nth_int(f.eager, i);
        if (o->keys.columns[i] > t->n_child)
            t->key_values[i] = open_expression((Node *)list_nth(f.keys, i));
    }
    o->key_type = exprType((Node *)linitial(f.keys));
    o->direction = RankOrder{f.sort.descending, o->keys.nulls_first[0]};
    o->ties = TieKeys{f.ties, f.ties == n - 1, true, &o->keys,
                      t->css.ss.ss_ScanTupleSlot->tts_tupleDescriptor};
    o->row_ties = (NullableDatum *)palloc(sizeof(NullableDatum) * Max(f.ties, 1));
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
    OrderLoop *o = &t->order;
    o->node = css;
    o->methods = &topk_order_methods;
    o->with_ties = f.sort.with_ties;
    o->limit = open_expression(f.sort.limit);
    o->offset = open_expression(f.sort.offset);
    begin_bounds(t, f);
    begin_keys(t, f);
    Form_pg_attribute key = TupleDescAttr(scan, o->keys.columns[0] - 1);
    o->pending =
        make_pending_rows(child, key->atttypid, key->atttypmod, key->attcollation, &o->ties);
    o->ready = make_ready_rows(&o->keys, scan);
    t->row = MakeSingleTupleTableSlot(scan, &TTSOpsVirtual);
}

TupleTableSlot *exec_topk(CustomScanState *css)
{
    TopKState *t = (TopKState *)css;
    ExprContext *context = css->ss.ps.ps_ExprContext;
    TupleTableSlot *scan = css->ss.ss_ScanTupleSlot;
    ResetExprContext(context);
    ExecClearTuple(scan);
    TupleTableSlot *row = next_in_order(&t->order);
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
    if (css->custom_ps == NIL)
        return;
    PlanState *child = (PlanState *)linitial(css->custom_ps);
    if (css->ss.ps.chgParam != nullptr)
        UpdateChangedParamSet(child, css->ss.ps.chgParam);
    if (child->chgParam == nullptr)
        ExecReScan(child);
}

// ---- EXPLAIN ----

void explain_topk(CustomScanState *css, List *ancestors, ExplainState *es)
{
    const TopKState *t = (const TopKState *)css;
    const CustomScan *plan = (const CustomScan *)css->ss.ps.plan;
    List *context = set_deparse_context_plan(es->deparse_cxt, css->ss.ps.plan, ancestors);
    const bool prefix = prefixes_columns(es);
    List *keys = NIL;
    for (int i = 0; i < t->order.keys.n; i++) {
        TargetEntry *tle =
            (TargetEntry *)list_nth(plan->custom_scan_tlist, t->order.keys.columns[i] - 1);
        Var *column = makeVarFromTargetEntry(INDEX_VAR, tle);
        keys = lappend(keys, describe_sort_key(&t->order.keys, i, (Node *)column, context, prefix));
    }
    ExplainPropertyList("Sort Key", keys, es);
    if (t->index)
        ExplainPropertyText("Index", RelationGetRelationName(t->index), es);
    if (es->analyze)
        explain_counters(CounterGroup::chi, t->counters, es);
}

CustomExecMethods make_methods()
{
    CustomExecMethods m = {};
    m.CustomName = kTopKName;
    m.BeginCustomScan = begin_topk;
    m.ExecCustomScan = exec_topk;
    m.EndCustomScan = end_topk;
    m.ReScanCustomScan = rescan_topk;
    m.ExplainCustomScan = explain_topk;
    return m;
}

const CustomExecMethods topk_exec_methods = make_methods();

} // namespace

Node *make_topk_state(CustomScan *plan)
{
    TopKState *t = (TopKState *)newNode(sizeof(TopKState), T_CustomScanState);
    t->css.methods = &topk_exec_methods;
    return (Node *)t;
}

} // namespace mq
