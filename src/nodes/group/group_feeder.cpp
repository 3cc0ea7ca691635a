// CHI Group Rows: the leaf of the plan by which CHI Group computes a group. It gives the rows of
// the group that the node above has chosen.
#include "nodes/common/row_node.h"
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
    forget_given_row(css);
    if (f->left == 0)
        return give_row(css, nullptr);
    f->left--;
    read_group_tuple(f->group->rows, &f->position, f->row);
    return give_row(css, f->row);
}

void end_rows(CustomScanState *css)
{
    ExecClearTuple(((GroupFeeder *)css)->row);
}

// Which rows come is set for every group.
void rescan_rows(CustomScanState *)
{
}

const CustomExecMethods group_rows_exec_methods = {kGroupRowsName, begin_rows, exec_rows, end_rows,
                                                   rescan_rows};

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
