// CHI Group with an order: what it does with the group whose turn it is (nodes/order/order_loop.h).
// group.md says what differs from CHI Top-K.
#include "nodes/group/group_state.h"

namespace mq
{

namespace
{

// Columns of a pending group.
enum { kStart, kRows, kMasks, kProven };

Group group_of_head(const ChiGroupState *g)
{
    const Datum *values = g->order.pending->head.slot->tts_values;
    return Group{DatumGetInt64(values[kStart]), DatumGetInt64(values[kRows]),
                 DatumGetInt64(values[kMasks])};
}
bool head_is_proven(const ChiGroupState *g)
{
    return DatumGetBool(g->order.pending->head.slot->tts_values[kProven]);
}

// False: the group is out of the LIMIT's reach.
bool keep_group(ChiGroupState *g, const Group &group, bool proven, Rank rank)
{
    TupleTableSlot *head = g->head;
    ExecClearTuple(head);
    head->tts_values[kStart] = Int64GetDatum(group.start);
    head->tts_values[kRows] = Int64GetDatum(group.n);
    head->tts_values[kMasks] = Int64GetDatum(group.masks);
    head->tts_values[kProven] = BoolGetDatum(proven);
    memset(head->tts_isnull, 0, sizeof(bool) * head->tts_tupleDescriptor->natts);
    ExecStoreVirtualTuple(head);
    // A group that may fall out makes no other superfluous.
    return keep_pending_row(&g->order, head, rank, nullptr, proven);
}

// The ties of the group that was read last.
void evaluate_ties(ChiGroupState *g)
{
    ExprContext *context = g->css.ss.ps.ps_ExprContext;
    context->ecxt_scantuple = g->first;
    for (int i = 0; i < g->order.ties.n; i++) {
        NullableDatum *tie = &g->order.row_ties[i];
        tie->value = ExecEvalExprSwitchContext(g->tie_values[i], context, &tie->isnull);
    }
}

// The group is computed while the others are still to be read: the query would raise an error that
// computing it raises.
void compute_early(ChiGroupState *g, const Group &group, const GroupKnown &known)
{
    TupleTableSlot *row = compute_group(g, group);
    if (verify_bounds) {
        verify_group(g, known, row);
        verify_group(g, bound_group(g, group, Stage::extremes), row);
    }
    cut_group_rows(g->rows, group.start);
    if (row == nullptr)
        return;
    OrderLoop *o = &g->order;
    const Rank rank = add_ready(o, row);
    evaluate_ties(g);
    add_worst_rank(&o->worst, Position{rank.worst, o->row_ties});
    if (is_over_work_mem(o->ready, o->pending))
        begin_ready_sort(o->ready);
}

void take_group(ChiGroupState *g, const Group &group, const GroupKnown &known)
{
    if (computes_all() || (known.having & kError) ||
        (!is_refuted(known.having) && (known.key.may & kMayError))) {
        compute_early(g, group, known);
        return;
    }
    if (!is_refuted(known.having)) {
        evaluate_ties(g);
        if (keep_group(g, group, is_proven(known.having),
                       rank_of_interval(known.key, g->order.direction)))
            return;
    }
    cut_group_rows(g->rows, group.start);
}

void take_groups(CustomScanState *node)
{
    ChiGroupState *g = (ChiGroupState *)node;
    Group group;
    GroupKnown known;
    while (read_group(g, &group, &known))
        take_group(g, group, known);
}

// Nothing shows its aggregates, and HAVING does not drop it.
bool can_go_unread(CustomScanState *node)
{
    const ChiGroupState *g = (const ChiGroupState *)node;
    return !g->needs_aggregates && head_is_proven(g);
}

TupleTableSlot *make_unread_row(CustomScanState *node)
{
    ChiGroupState *g = (ChiGroupState *)node;
    return make_plain_row(g, group_of_head(g));
}

bool refine(CustomScanState *node, Num *key)
{
    ChiGroupState *g = (ChiGroupState *)node;
    const GroupKnown known = bound_group(g, group_of_head(g), Stage::extremes);
    *key = known.key;
    return !is_refuted(known.having);
}

void compute(CustomScanState *node)
{
    ChiGroupState *g = (ChiGroupState *)node;
    if (TupleTableSlot *row = compute_group(g, group_of_head(g)))
        add_ready(&g->order, row);
}

} // namespace

const OrderMethods group_order_methods = {false,           take_groups, can_go_unread,
                                          make_unread_row, refine,      compute};

} // namespace mq
