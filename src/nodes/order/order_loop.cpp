#include "nodes/order/order_loop.h"

extern "C" {
#include "miscadmin.h"
}

namespace mq
{

bool ties_matter(const OrderLoop *o)
{
    return o->with_ties || o->keys.n > 1 + (o->worst.ties ? o->worst.ties->n : 0);
}

bool keep_pending_row(OrderLoop *o, TupleTableSlot *row, Rank rank, const NullableDatum *key,
                      bool certain)
{
    if (is_out_of_reach(&o->worst, Position{rank.best, o->row_ties}, ties_matter(o)))
        return false;
    add_pending_row(o->pending, row, rank, key, o->row_ties);
    if (certain)
        add_worst_rank(&o->worst, Position{rank.worst, o->row_ties});
    return true;
}

Rank add_ready(OrderLoop *o, TupleTableSlot *row)
{
    bool is_null;
    Datum key = slot_getattr(row, o->keys.columns[0], &is_null);
    const Rank rank = rank_of_value(o->key_type, key, is_null, o->direction);
    slot_getallattrs(row);
    add_ready_row(o->ready, row, rank);
    return rank;
}

bool may_have_value(const OrderLoop *o, const Num &known, NullableDatum value)
{
    const Rank bounds = rank_of_interval(known, o->direction);
    const Rank found = rank_of_value(o->key_type, value.value, value.isnull, o->direction);
    return known.may != 0 && found.best <= bounds.worst && found.worst >= bounds.best;
}

namespace
{

void compute_head(OrderLoop *o)
{
    o->methods->compute(o->node);
    drop_pending_row(o->pending);
}

// The rows that are known already exceed work_mem: all keys are computed, and sorted on disk.
void compute_all(OrderLoop *o)
{
    if (o->ready->sort == nullptr)
        begin_ready_sort(o->ready);
    while (!o->pending->head.empty) {
        CHECK_FOR_INTERRUPTS();
        compute_head(o);
    }
    finish_ready_sort(o->ready);
}

void fill(OrderLoop *o)
{
    MemoryContext old = MemoryContextSwitchTo(o->node->ss.ps.state->es_query_cxt);
    // Rows that are fetched later have no ties before that.
    start_worst_ranks(&o->worst, read_limit(o->limit, o->offset, o->node->ss.ps.ps_ExprContext),
                      o->fetcher ? nullptr : &o->ties);
    start_pending_rows(o->pending, o->fetcher);
    start_ready_rows(o->ready);
    MemoryContextSwitchTo(old);
    o->methods->take_rows(o->node);
    read_pending_rows(o->pending);
    o->filled = true;
    if (o->ready->sort)
        compute_all(o);
}

// The head comes before all others, whatever its key is, and may do so without it.
bool head_goes_unread(const OrderLoop *o)
{
    const PendingRows *p = o->pending;
    const ReadyRow *ready = first_ready_row(o->ready);
    Position others;
    return !p->head.computed && !is_unknown(p->head.rank) && o->methods->can_go_unread(o->node) &&
           (!best_of_others(p, &others) || comes_first(&o->ties, worst_of(p->head), others)) &&
           (ready == nullptr || comes_first(&o->ties, worst_of(p->head), best_of(*ready)));
}

// Before the head's masks are read: the tile extremes of their entries may show that its turn is
// later, or never.
void refine_head(OrderLoop *o)
{
    const PendingRow &head = o->pending->head;
    Rank rank = head.rank;
    Num known;
    if (!o->methods->refine(o->node, &known)) {
        drop_pending_row(o->pending);
        return;
    }
    if (!(known.may & kMayError)) {
        const Rank narrow = rank_of_interval(known, o->direction);
        rank = Rank{Max(rank.best, narrow.best), Min(rank.worst, narrow.worst)};
    }
    // With ties: the row may itself be one of those whose worst ranks make the limit.
    if (is_out_of_reach(&o->worst, Position{rank.best, head.ties}, true))
        drop_pending_row(o->pending);
    else
        refine_pending_row(o->pending, rank);
}

} // namespace

TupleTableSlot *next_in_order(OrderLoop *o)
{
    if (!o->filled)
        fill(o);
    if (o->head_emitted)
        drop_pending_row(o->pending);
    o->head_emitted = false;
    while (o->ready->sort == nullptr) {
        CHECK_FOR_INTERRUPTS();
        const PendingRow &head = o->pending->head;
        const ReadyRow *ready = first_ready_row(o->ready);
        if (head.empty || (ready && comes_first(&o->ties, worst_of(*ready), best_of(head))))
            break;
        if (is_over_work_mem(o->ready, o->pending)) {
            compute_all(o);
        } else if (head_goes_unread(o)) {
            o->head_emitted = true;
            return o->methods->make_unread_row(o->node);
        } else if (!head.refined && !head.computed && !is_unknown(head.rank)) {
            refine_head(o);
        } else {
            compute_head(o);
        }
    }
    return take_ready_row(o->ready);
}

void end_order(OrderLoop *o)
{
    end_pending_rows(o->pending);
    end_ready_rows(o->ready);
    o->filled = o->head_emitted = false;
}

} // namespace mq
