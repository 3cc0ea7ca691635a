// CHI Group with an order: CHI Top-K's algorithm (topk.md) over groups. group.md says what differs.
#include "nodes/group/group_state.h"

extern "C" {
#include "miscadmin.h"
}

namespace mq
{

namespace
{

// Columns of a pending group.
enum { kStart, kRows, kMasks, kProven };

Group group_of_head(const ChiGroupState *g)
{
    const Datum *values = g->pending->head.slot->tts_values;
    return Group{DatumGetInt64(values[kStart]), DatumGetInt64(values[kRows]),
                 DatumGetInt64(values[kMasks])};
}
bool head_is_proven(const ChiGroupState *g)
{
    return DatumGetBool(g->pending->head.slot->tts_values[kProven]);
}

void add_pending(ChiGroupState *g, const Group &group, bool proven, Rank rank)
{
    TupleTableSlot *head = g->head;
    ExecClearTuple(head);
    head->tts_values[kStart] = Int64GetDatum(group.start);
    head->tts_values[kRows] = Int64GetDatum(group.n);
    head->tts_values[kMasks] = Int64GetDatum(group.masks);
    head->tts_values[kProven] = BoolGetDatum(proven);
    memset(head->tts_isnull, 0, sizeof(bool) * head->tts_tupleDescriptor->natts);
    ExecStoreVirtualTuple(head);
    add_pending_row(g->pending, head, rank, nullptr, g->group_ties);
}

// The ties of the group that was read last.
void evaluate_ties(ChiGroupState *g)
{
    ExprContext *context = g->css.ss.ps.ps_ExprContext;
    context->ecxt_scantuple = g->first;
    for (int i = 0; i < g->ties.n; i++)
        g->group_ties[i].value =
            ExecEvalExprSwitchContext(g->tie_values[i], context, &g->group_ties[i].isnull);
}

// A computed group's row becomes ready.
Rank add_ready(ChiGroupState *g, TupleTableSlot *row)
{
    bool is_null;
    Datum key = slot_getattr(row, g->keys.columns[0], &is_null);
    const Rank rank = rank_of_value(g->key_type, key, is_null, g->order);
    slot_getallattrs(row);
    add_ready_row(g->ready, row, rank);
    return rank;
}

bool ties_matter(const ChiGroupState *g)
{
    return !g->ties.complete || g->with_ties;
}

// ---- filling ----

// The group is computed while the others are still to be read: the query would raise an error that
// computing it raises.
void compute_early(ChiGroupState *g, const Group &group, const GroupKnown &known)
{
    TupleTableSlot *row = compute_group(g, group);
    if (verify_bounds) {
        verify_group(g, known, row);
        verify_group(g, judge_group(g, group, Rung::extremes), row);
    }
    cut_group_rows(g->rows, group.start);
    if (row == nullptr)
        return;
    const Rank rank = add_ready(g, row);
    evaluate_ties(g);
    add_worst_rank(&g->worst, Position{rank.worst, g->group_ties});
    if (g->ready->sort == nullptr && is_over_work_mem(g->ready, g->pending))
        begin_ready_sort(g->ready);
}

void take_group(ChiGroupState *g, const Group &group, const GroupKnown &known)
{
    if (computes_all() || (known.having & kError) ||
        (!is_refuted(known.having) && (known.key.may & kMayError))) {
        compute_early(g, group, known);
        return;
    }
    Rank rank = kUnknownRank;
    if (!is_refuted(known.having)) {
        rank = rank_of_interval(known.key, g->order);
        evaluate_ties(g);
        if (!is_out_of_reach(&g->worst, Position{rank.best, g->group_ties}, ties_matter(g))) {
            const bool proven = is_proven(known.having);
            add_pending(g, group, proven, rank);
            // A group that may fall out makes no other superfluous.
            if (proven)
                add_worst_rank(&g->worst, Position{rank.worst, g->group_ties});
            return;
        }
    }
    cut_group_rows(g->rows, group.start);
}

// Computes all groups that are left, and sorts them on disk.
void sort_all(ChiGroupState *g);

void fill(ChiGroupState *g)
{
    Group group;
    GroupKnown known;
    MemoryContext old = MemoryContextSwitchTo(g->css.ss.ps.state->es_query_cxt);
    start_worst_ranks(&g->worst, read_limit(g->limit, g->offset, g->css.ss.ps.ps_ExprContext),
                      &g->ties);
    start_pending_rows(g->pending, nullptr);
    start_ready_rows(g->ready);
    MemoryContextSwitchTo(old);
    while (read_group(g, &group, &known))
        take_group(g, group, known);
    read_pending_rows(g->pending);
    g->filled = true;
    if (g->ready->sort)
        sort_all(g);
}

// ---- emitting ----

// The key of the head becomes known, or HAVING drops it.
void compute_head(ChiGroupState *g)
{
    if (TupleTableSlot *row = compute_group(g, group_of_head(g)))
        add_ready(g, row);
    drop_pending_row(g->pending);
}

void sort_all(ChiGroupState *g)
{
    if (g->ready->sort == nullptr)
        begin_ready_sort(g->ready);
    while (!g->pending->head.empty) {
        CHECK_FOR_INTERRUPTS();
        compute_head(g);
    }
    finish_ready_sort(g->ready);
}

// The head goes out before all others, whatever its key is, and nobody asks for its aggregates.
bool head_needs_no_key(const ChiGroupState *g)
{
    const PendingRows *p = g->pending;
    const ReadyRow *ready = first_ready_row(g->ready);
    Position others;
    return !g->needs_aggregates && head_is_proven(g) &&
           (!best_of_others(p, &others) || comes_first(&g->ties, worst_of(p->head), others)) &&
           (ready == nullptr || comes_first(&g->ties, worst_of(p->head), best_of(*ready)));
}

// Before the head's masks are read: tile extremes may show that its turn is later, or never.
void refine_head(ChiGroupState *g)
{
    const PendingRow &head = g->pending->head;
    Rank rank = head.rank;
    const GroupKnown known = judge_group(g, group_of_head(g), Rung::extremes);
    if (!(known.key.may & kMayError) && !is_refuted(known.having)) {
        Rank narrow = rank_of_interval(known.key, g->order);
        rank = Rank{Max(rank.best, narrow.best), Min(rank.worst, narrow.worst)};
    }
    // With ties: the group may itself be one of those whose worst ranks make the limit.
    if (is_refuted(known.having) ||
        is_out_of_reach(&g->worst, Position{rank.best, head.ties}, true))
        drop_pending_row(g->pending);
    else
        refine_pending_row(g->pending, rank);
}

} // namespace

TupleTableSlot *next_sorted_group(ChiGroupState *g)
{
    if (!g->filled)
        fill(g);
    if (g->head_emitted)
        drop_pending_row(g->pending);
    g->head_emitted = false;
    while (g->ready->sort == nullptr) {
        CHECK_FOR_INTERRUPTS();
        const PendingRow &head = g->pending->head;
        const ReadyRow *ready = first_ready_row(g->ready);
        if (head.empty || (ready && comes_first(&g->ties, worst_of(*ready), best_of(head))))
            break;
        if (is_over_work_mem(g->ready, g->pending)) {
            sort_all(g);
        } else if (head_needs_no_key(g)) {
            g->head_emitted = true;
            return make_plain_row(g, group_of_head(g));
        } else if (!head.refined && !is_unknown(head.rank)) {
            refine_head(g);
        } else {
            compute_head(g);
        }
    }
    return take_ready_row(g->ready);
}

} // namespace mq
