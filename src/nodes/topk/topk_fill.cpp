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
    if (may_have_value(&t->order, known, key))
        return;
    char text[512];
    print_program(t->bounds->program, text, sizeof text);
    ereport(ERROR,
            (errcode(ERRCODE_INDEX_CORRUPTED), errmsg("bounds exclude the value of a sort key"),
             errdetail("Sort key: %s, bounds %.17g to %.17g.", text, known.lo, known.hi),
             errhint("Check the index with chi_check() and rebuild it with REINDEX.")));
}

// Takes the row in. A row whose key could raise an error has it evaluated now, as the query would;
// every other one can wait.
void take_row(TopKState *t, TupleTableSlot *child)
{
    begin_row(t, child);
    set_row(t, child, false);
    const Num known = known_of_key(t, Stage::counts);
    evaluate_ties(t, child, t->order.row_ties);
    for (int i = t->order.ties.n + 1; i < t->order.keys.n; i++)
        if (t->eager[i])
            evaluate_key(t, i, child);
    const int64 masks = masks_of_row(t);
    t->counters[Counter::masks] += masks;
    if (verify_bounds || (known.may & kMayError)) {
        bool from_counts = false;
        set_row(t, child, true);
        NullableDatum key = compute_first_key(t, child, &from_counts);
        if (verify_bounds)
            verify_key(t, known, key);
        count_verdict(t->bounds, from_counts ? Verdict::accepted : Verdict::undecided);
        t->counters[Counter::accepted] += from_counts ? masks : 0;
        const Rank rank =
            rank_of_value(t->order.key_type, key.value, key.isnull, t->order.direction);
        keep_pending_row(&t->order, child, rank, &key, true);
    } else {
        count_verdict(t->bounds, Verdict::pruned);
        t->counters[Counter::pruned] += masks;
        keep_pending_row(&t->order, child, rank_of_interval(known, t->order.direction), nullptr,
                         true);
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

void take_topk_rows(CustomScanState *node)
{
    TopKState *t = (TopKState *)node;
    if (t->index)
        fill_from_index(t);
    else
        fill_from_child(t);
    t->statement = stats_statement();
}

} // namespace mq
