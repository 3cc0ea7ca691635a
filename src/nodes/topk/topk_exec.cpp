// What CHI Top-K does with the row whose turn it is in the order (nodes/order/order_loop.h).
#include "nodes/common/node_counters.h"
#include "nodes/topk/topk_state.h"

namespace mq
{

namespace
{

void set_key(TopKState *t, int i, NullableDatum key)
{
    t->row->tts_values[t->order.keys.columns[i] - 1] = key.value;
    t->row->tts_isnull[t->order.keys.columns[i] - 1] = key.isnull;
}

// Puts the head of the pending rows into t->row, with its keys; without `all` only those keys that
// the result holds, the first one not among them.
void make_row(TopKState *t, bool all)
{
    TupleTableSlot *head = t->order.pending->head.slot, *row = t->row;
    begin_row(t, head);
    ExecClearTuple(row);
    memcpy(row->tts_values, head->tts_values, sizeof(Datum) * t->n_child);
    memcpy(row->tts_isnull, head->tts_isnull, sizeof(bool) * t->n_child);
    for (int i = t->n_child; i < row->tts_tupleDescriptor->natts; i++)
        row->tts_isnull[i] = true;

    if (t->order.pending->head.computed) {
        set_key(t, 0, pending_key(t->order.pending));
    } else if (all) {
        bool from_counts;
        set_row(t, head, true);
        known_of_key(t, Stage::extremes);
        set_key(t, 0, compute_first_key(t, head, &from_counts));
        count_no_longer_pruned(&t->counters, t->statement, masks_of_row(t),
                               from_counts ? Verdict::accepted : Verdict::undecided);
    } else {
        set_row(t, head, false);
        count_no_longer_pruned(&t->counters, t->statement, masks_of_row(t), Verdict::accepted);
    }
    const Counters before = process_counters();
    for (int i = 1; i < t->order.keys.n; i++) {
        if (t->key_values[i] == nullptr)
            continue;
        if (i <= t->order.ties.n)
            set_key(t, i, t->order.pending->head.ties[i - 1]);
        else if (all || t->wanted[i])
            set_key(t, i, evaluate_key(t, i, head));
    }
    count_reading(&t->counters, before);
    ExecStoreVirtualTuple(row);
}

bool can_go_unread(CustomScanState *node)
{
    return !((TopKState *)node)->wanted[0];
}

TupleTableSlot *make_unread_row(CustomScanState *node)
{
    TopKState *t = (TopKState *)node;
    make_row(t, false);
    return t->row;
}

bool refine(CustomScanState *node, Num *key)
{
    TopKState *t = (TopKState *)node;
    TupleTableSlot *head = t->order.pending->head.slot;
    begin_row(t, head);
    set_row(t, head, false);
    *key = known_of_key(t, Stage::extremes);
    return true;
}

void compute(CustomScanState *node)
{
    TopKState *t = (TopKState *)node;
    make_row(t, true);
    add_ready(&t->order, t->row);
}

} // namespace

const OrderMethods topk_order_methods = {true,   take_topk_rows, can_go_unread, make_unread_row,
                                         refine, compute};

} // namespace mq
