// Execution of CHI Top-K. topk.md has the algorithm and its proof; in short:
//
//   1. All rows of the child are taken, with the interval of their first sort key (topk_fill.cpp).
//   2. Rows are looked at in the order of the best position they may have. A row whose key is not
//      known by then gets it: from its bounds where they leave one value, else from its mask.
//   3. A row with a key goes out as soon as no other row can come before it.
#include "nodes/topk/topk_state.h"

namespace mq
{

namespace
{

void set_key(TopKState *t, int i, NullableDatum key)
{
    t->row->tts_values[t->keys.columns[i] - 1] = key.value;
    t->row->tts_isnull[t->keys.columns[i] - 1] = key.isnull;
}

// The head of the pending rows has been counted as pruned so far.
void count_as(TopKState *t, int64 masks, Verdict verdict)
{
    t->counters.pruned -= masks;
    t->counters.accepted += verdict == Verdict::accepted ? masks : 0;
    stats_masks_reopened(t->statement, masks, verdict);
}

// Puts the head of the pending rows into t->row, with its keys; without `all` only those keys that
// the result holds, the first one not among them.
void make_row(TopKState *t, bool all)
{
    TupleTableSlot *head = t->pending->head.slot, *row = t->row;
    begin_row(t, head);
    ExecClearTuple(row);
    memcpy(row->tts_values, head->tts_values, sizeof(Datum) * t->n_child);
    memcpy(row->tts_isnull, head->tts_isnull, sizeof(bool) * t->n_child);
    for (int i = t->n_child; i < row->tts_tupleDescriptor->natts; i++)
        row->tts_isnull[i] = true;

    if (t->pending->head.computed) {
        set_key(t, 0, pending_key(t->pending));
    } else if (all) {
        bool from_counts;
        set_row(t, head, true);
        known_of_key(t, Rung::extremes);
        set_key(t, 0, settle_first_key(t, head, &from_counts));
        count_as(t, masks_of_row(t), from_counts ? Verdict::accepted : Verdict::undecided);
    } else {
        set_row(t, head, false);
        count_as(t, masks_of_row(t), Verdict::accepted);
    }
    const Counters before = process_counters();
    for (int i = 1; i < t->keys.n; i++) {
        if (t->key_values[i] == nullptr)
            continue;
        if (i <= t->ties.n)
            set_key(t, i, t->pending->head.ties[i - 1]);
        else if (all || t->wanted[i])
            set_key(t, i, evaluate_key(t, i, head));
    }
    count_reading(t, before);
    ExecStoreVirtualTuple(row);
}

// The head's keys become known.
void make_head_ready(TopKState *t)
{
    make_row(t, true);
    const int key = t->keys.columns[0] - 1;
    add_ready_row(
        t->ready, t->row,
        rank_of_value(t->key_type, t->row->tts_values[key], t->row->tts_isnull[key], t->order));
    drop_pending_row(t->pending);
}

// The head of the pending rows comes before all others, whatever its key is; nobody asks for the
// key itself, and it cannot fail.
bool head_needs_no_key(const TopKState *t)
{
    const PendingRows *p = t->pending;
    const ReadyRow *ready = first_ready_row(t->ready);
    Position others;
    return !t->wanted[0] && !p->head.computed && !is_unknown(p->head.rank) &&
           (!best_of_others(p, &others) || comes_first(&t->ties, worst_of(p->head), others)) &&
           (ready == nullptr || comes_first(&t->ties, worst_of(p->head), best_of(*ready)));
}

// Before the head's masks are read: the tile extremes of their entries may show that its turn is
// later, or never.
void refine_head(TopKState *t)
{
    const PendingRow &head = t->pending->head;
    begin_row(t, head.slot);
    set_row(t, head.slot, false);
    Rank rank = head.rank;
    const Num known = known_of_key(t, Rung::extremes);
    if (!(known.may & kMayError)) {
        Rank narrow = rank_of_interval(known, t->order);
        rank = Rank{Max(rank.best, narrow.best), Min(rank.worst, narrow.worst)};
    }
    // With ties: the row may itself be one of those whose worst ranks make the limit.
    if (is_out_of_reach(&t->worst, Position{rank.best, head.ties}, true))
        drop_pending_row(t->pending);
    else
        refine_pending_row(t->pending, rank);
}

// The rows that are known already exceed work_mem: all keys are computed, and sorted on disk.
void sort_all(TopKState *t)
{
    begin_ready_sort(t->ready);
    while (!t->pending->head.empty) {
        CHECK_FOR_INTERRUPTS();
        make_head_ready(t);
    }
    finish_ready_sort(t->ready);
}

} // namespace

TupleTableSlot *next_topk_row(TopKState *t)
{
    if (!t->filled)
        fill_topk(t);
    if (t->head_emitted)
        drop_pending_row(t->pending);
    t->head_emitted = false;
    while (t->ready->sort == nullptr) {
        CHECK_FOR_INTERRUPTS();
        const PendingRow &head = t->pending->head;
        const ReadyRow *ready = first_ready_row(t->ready);
        if (head.empty || (ready && comes_first(&t->ties, worst_of(*ready), best_of(head))))
            break;
        if (is_over_work_mem(t->ready, t->pending)) {
            sort_all(t);
        } else if (head_needs_no_key(t)) {
            make_row(t, false);
            t->head_emitted = true;
            return t->row;
        } else if (!head.refined && !head.computed && !is_unknown(head.rank)) {
            refine_head(t);
        } else {
            make_head_ready(t);
        }
    }
    return take_ready_row(t->ready);
}

} // namespace mq
