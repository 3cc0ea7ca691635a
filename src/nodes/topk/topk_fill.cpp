// CHI Top-K takes in all rows of its child, with the interval of their first sort key; rows out of
// the LIMIT's reach are dropped at once.
#include "nodes/topk/topk_state.h"
#include "plan/settings.h"

namespace mq
{

namespace
{

// ---- maskquery.verify ----

void verify_key(TopKState *t, const Num &known, NullableDatum key)
{
    Rank bounds = rank_of_interval(known, t->order);
    Rank found = rank_of_value(t->key_type, key.value, key.isnull, t->order);
    if (known.may != 0 && found.best <= bounds.worst && found.worst >= bounds.best)
        return;
    char text[512];
    print_program(t->bounds->program, text, sizeof text);
    ereport(ERROR,
            (errcode(ERRCODE_INDEX_CORRUPTED), errmsg("bounds exclude the value of a sort key"),
             errdetail("Sort key: %s, bounds %.17g to %.17g.", text, known.lo, known.hi),
             errhint("Check the index with chi_check() and rebuild it with REINDEX.")));
}

// Keeps the row, whose ties are in row_ties, unless it is out of the LIMIT's reach.
void keep_row(TopKState *t, TupleTableSlot *child, Rank rank, const NullableDatum *key)
{
    if (!is_out_of_reach(&t->worst, Position{rank.best, t->row_ties}, ties_matter(t)))
        add_pending_row(t->pending, child, rank, key, t->row_ties);
    add_worst_rank(&t->worst, Position{rank.worst, t->row_ties});
}

// Takes the row in. A row whose key could raise an error has it evaluated now, as the query would;
// every other one can wait.
void take_row(TopKState *t, TupleTableSlot *child)
{
    begin_row(t, child);
    set_row(t, child, false);
    const Num known = known_of_key(t, Rung::counts);
    evaluate_ties(t, child, t->row_ties);
    for (int i = t->ties.n + 1; i < t->keys.n; i++)
        if (t->eager[i])
            evaluate_key(t, i, child);
    const int64 masks = masks_of_row(t);
    t->counters.masks += masks;
    Rank rank;
    if (verify_bounds || (known.may & kMayError)) {
        bool from_counts = false;
        set_row(t, child, true);
        NullableDatum key = settle_first_key(t, child, &from_counts);
        if (verify_bounds)
            verify_key(t, known, key);
        count_verdict(t->bounds, from_counts ? Verdict::accepted : Verdict::undecided);
        t->counters.accepted += from_counts ? masks : 0;
        rank = rank_of_value(t->key_type, key.value, key.isnull, t->order);
        keep_row(t, child, rank, &key);
    } else {
        rank = rank_of_interval(known, t->order);
        count_verdict(t->bounds, Verdict::pruned);
        t->counters.pruned += masks;
        keep_row(t, child, rank, nullptr);
    }
}

void fill_from_child(TopKState *t)
{
    PlanState *child = (PlanState *)linitial(t->css.custom_ps);
    for (;;) {
        CHECK_FOR_INTERRUPTS();
        TupleTableSlot *row = ExecProcNode(child);
        if (TupIsNull(row))
            break;
        take_row(t, row);
    }
}

} // namespace

void fill_topk(TopKState *t)
{
    MemoryContext old = MemoryContextSwitchTo(t->css.ss.ps.state->es_query_cxt);
    // Rows of the index have no ties before they are fetched.
    start_worst_ranks(&t->worst, read_limit(t->limit, t->offset, t->css.ss.ps.ps_ExprContext),
                      t->index ? nullptr : &t->ties);
    start_pending_rows(t->pending, t->index ? &t->fetcher : nullptr);
    start_ready_rows(t->ready);
    MemoryContextSwitchTo(old);
    if (t->index)
        fill_from_index(t);
    else
        fill_from_child(t);
    read_pending_rows(t->pending);
    t->statement = stats_statement();
    t->filled = true;
}

} // namespace mq
