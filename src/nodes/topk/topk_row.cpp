// One row of CHI Top-K: its index entries, what they say of the first key, its keys.
#include "nodes/common/node_counters.h"
#include "nodes/topk/topk_state.h"
#include "plan/settings.h"

namespace mq
{

void set_inputs(TopKState *t)
{
    set_row_inputs(t->program, t->css.ss.ps.ps_ExprContext);
}

void set_row(TopKState *t, TupleTableSlot *row, bool last_chance)
{
    set_row_sources(t->program, row, last_chance);
}

Num known_of_key(TopKState *t, Stage stage)
{
    set_inputs(t);
    return row_number(t->bounds, stage);
}

int64 masks_of_row(const TopKState *t)
{
    int64 n = 0;
    for (int i = 0; i < t->bounds->program.sources; i++)
        n += t->bounds->sources[i].has_mask;
    return n;
}

NullableDatum evaluate_key(TopKState *t, int key, TupleTableSlot *row)
{
    NullableDatum result = {};
    if (t->key_values[key] == nullptr)
        result.value = slot_getattr(row, t->order.keys.columns[key], &result.isnull);
    else
        result.value = ExecEvalExprSwitchContext(t->key_values[key], t->css.ss.ps.ps_ExprContext,
                                                 &result.isnull);
    return result;
}

void begin_row(TopKState *t, TupleTableSlot *row)
{
    ExprContext *context = t->css.ss.ps.ps_ExprContext;
    ResetExprContext(context);
    context->ecxt_scantuple = row;
}

void evaluate_ties(TopKState *t, TupleTableSlot *row, NullableDatum *ties)
{
    t->css.ss.ps.ps_ExprContext->ecxt_scantuple = row;
    for (int i = 0; i < t->order.ties.n; i++)
        ties[i] = evaluate_key(t, i + 1, row);
}

namespace
{

// The value of the first key for the row of the expression context, after known_of_key(). Where the
// bounds leave one value for every call, PostgreSQL computes the key's from these, so it is
// the one that it would compute from the masks.
NullableDatum evaluate_first_key(TopKState *t, TupleTableSlot *row, bool *from_counts)
{
    ExprContext *context = t->css.ss.ps.ps_ExprContext;
    *from_counts = counts_are_known(t->bounds) && !verify_bounds;
    if (!*from_counts)
        return evaluate_key(t, 0, row);
    ExecClearTuple(t->sites);
    for (int i = 0; i < t->bounds->program.sites; i++) {
        t->sites->tts_values[i] = Float8GetDatum(t->bounds->leaves.values[i].number.lo);
        t->sites->tts_isnull[i] = false;
    }
    ExecStoreVirtualTuple(t->sites);
    context->ecxt_innertuple = t->sites;
    NullableDatum result = {};
    result.value = ExecEvalExprSwitchContext(t->counted, context, &result.isnull);
    return result;
}

} // namespace

NullableDatum compute_first_key(TopKState *t, TupleTableSlot *row, bool *from_counts)
{
    const Counters before = process_counters();
    NullableDatum key = evaluate_first_key(t, row, from_counts);
    count_reading(&t->counters, before);
    return key;
}

} // namespace mq
