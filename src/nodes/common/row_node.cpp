#include "nodes/common/row_node.h"

extern "C" {
#include "executor/executor.h"
}

namespace mq
{

void forget_given_row(CustomScanState *node)
{
    ResetExprContext(node->ss.ps.ps_ExprContext);
    ExecClearTuple(node->ss.ss_ScanTupleSlot);
}

TupleTableSlot *give_row(CustomScanState *node, TupleTableSlot *row)
{
    TupleTableSlot *scan = node->ss.ss_ScanTupleSlot;
    ProjectionInfo *projection = node->ss.ps.ps_ProjInfo;
    if (row == nullptr)
        return ExecClearTuple(projection ? node->ss.ps.ps_ResultTupleSlot : scan);
    slot_getallattrs(row);
    const int n = scan->tts_tupleDescriptor->natts;
    memcpy(scan->tts_values, row->tts_values, sizeof(Datum) * n);
    memcpy(scan->tts_isnull, row->tts_isnull, sizeof(bool) * n);
    ExecStoreVirtualTuple(scan);
    node->ss.ps.ps_ExprContext->ecxt_scantuple = scan;
    return projection ? ExecProject(projection) : scan;
}

void rescan_children(CustomScanState *node)
{
    ListCell *lc;
    foreach (lc, node->custom_ps) {
        PlanState *child = (PlanState *)lfirst(lc);
        if (node->ss.ps.chgParam != nullptr)
            UpdateChangedParamSet(child, node->ss.ps.chgParam);
        if (child->chgParam == nullptr)
            ExecReScan(child);
    }
}

} // namespace mq
