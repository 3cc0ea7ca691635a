// CHI Group Rows: the leaf of the plan by which CHI Group computes a group. It gives the rows of
// the group that the node above has chosen.
#include "nodes/group/group_state.h"

namespace mq
{

namespace
{

void begin_rows(CustomScanState *css, EState *, int)
{
    GroupFeeder *f = (GroupFeeder *)css;
    f->row = MakeSingleTupleTableSlot(css->ss.ss_ScanTupleSlot->tts_tupleDescriptor,
                                      &TTSOpsMinimalTuple);
}

TupleTableSlot *exec_rows(CustomScanState *css)
{
    GroupFeeder *f = (GroupFeeder *)css;
    TupleTableSlot *scan = css->ss.ss_ScanTupleSlot;
    ExprContext *context = css->ss.ps.ps_ExprContext;
    ExecClearTuple(scan);
    if (f->left == 0)
        return css->ss.ps.ps_ProjInfo ? ExecClearTuple(css->ss.ps.ps_ResultTupleSlot) : scan;
    f->left--;
    read_group_tuple(f->group->rows, &f->position, f->row);
    slot_getallattrs(f->row);
    const int n = scan->tts_tupleDescriptor->natts;
    memcpy(scan->tts_values, f->row->tts_values, sizeof(Datum) * n);
    memcpy(scan->tts_isnull, f->row->tts_isnull, sizeof(bool) * n);
    ExecStoreVirtualTuple(scan);
    if (css->ss.ps.ps_ProjInfo == nullptr)
        return scan;
    ResetExprContext(context);
    context->ecxt_scantuple = scan;
    return ExecProject(css->ss.ps.ps_ProjInfo);
}

void end_rows(CustomScanState *css)
{
    ExecClearTuple(((GroupFeeder *)css)->row);
}

// Which rows come is set for every group.
void rescan_rows(CustomScanState *)
{
}

CustomExecMethods make_methods()
{
    CustomExecMethods m = {};
    m.CustomName = kGroupRowsName;
    m.BeginCustomScan = begin_rows;
    m.ExecCustomScan = exec_rows;
    m.EndCustomScan = end_rows;
    m.ReScanCustomScan = rescan_rows;
    return m;
}

const CustomExecMethods group_rows_exec_methods = make_methods();

bool is_feeder(PlanState *node)
{
    return IsA(node, CustomScanState) &&
           ((CustomScanState *)node)->methods == &group_rows_exec_methods;
}

} // namespace

GroupFeeder *find_feeder(PlanState *agg)
{
    PlanState *node = outerPlanState(agg);
    while (node && !is_feeder(node))
        node = outerPlanState(node);
    if (node == nullptr)
        elog(ERROR, "CHI Group has no CHI Group Rows");
    return (GroupFeeder *)node;
}

Node *make_group_rows_state(CustomScan *)
{
    GroupFeeder *f = (GroupFeeder *)newNode(sizeof(GroupFeeder), T_CustomScanState);
    f->css.methods = &group_rows_exec_methods;
    return (Node *)f;
}

} // namespace mq
