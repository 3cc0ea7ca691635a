// Execution of CHI Top-K. topk.md has the algorithm and its proof; in short:
//
//   1. All rows of the child are taken, with the interval of their first sort key; rows out of the
//      LIMIT's reach are dropped at once.
//   2. Rows are looked at in the order of the best place they may have. A row whose key is not
//      known by then gets it: from its bounds where they leave one value, else from its mask.
//   3. A row with a key goes out as soon as no other row can come before it.
#include "executor/topk_state.h"

extern "C" {
#include "common/int.h"
}

namespace mq
{

void set_inputs(TopKState *t)
{
    ExprContext *context = t->css.ss.ps.ps_ExprContext;
    for (int i = 0; i < t->bounds->program.inputs; i++) {
        bool is_null;
        Datum value = ExecEvalExprSwitchContext(t->inputs[i], context, &is_null);
        set_input(t->bounds, i, t->input_types[i], value, is_null);
    }
}

namespace
{

// ---- one row ----

// Finds the index entries of the child's row.
void set_row(TopKState *t, TupleTableSlot *row, bool last_chance)
{
    for (int i = 0; i < t->bounds->program.sources; i++) {
        const SourceColumns &c = t->sources[i];
        bool no_table, no_tid, no_mask;
        Datum table = slot_getattr(row, c.tableoid, &no_table);
        Datum tid = slot_getattr(row, c.ctid, &no_tid);
        Datum mask = slot_getattr(row, c.mask, &no_mask);
        if (no_table || no_tid)
            clear_source(t->bounds, i);
        else
            set_source(t->bounds, i, DatumGetObjectId(table), (ItemPointer)DatumGetPointer(tid),
                       no_mask ? nullptr : &mask, last_chance);
    }
}

// What is known of the first key. The row is the expression context's, set_row() was called for it.
Num known_of_key(TopKState *t, Rung rung)
{
    set_inputs(t);
    return row_number(t->bounds, rung);
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
        result.value = slot_getattr(row, t->keys.columns[key], &result.isnull);
    else
        result.value = ExecEvalExprSwitchContext(t->key_values[key], t->css.ss.ps.ps_ExprContext,
                                                 &result.isnull);
    return result;
}

// The value of the first key for the row of the expression context, after known_of_key(). Where the
// bounds leave one value for every call, PostgreSQL computes the key's from these, so it is
// the one that it would compute from the masks.
NullableDatum compute_first_key(TopKState *t, TupleTableSlot *row, bool *from_counts)
{
    ExprContext *context = t->css.ss.ps.ps_ExprContext;
    *from_counts = counts_are_known(t->bounds) && !verify_bounds;
    if (!*from_counts)
        return evaluate_key(t, 0, row);
    ExecClearTuple(t->sites);
    for (int i = 0; i < t->bounds->program.sites; i++) {
        t->sites->tts_values[i] = Float8GetDatum(t->bounds->calls.values[i]);
        t->sites->tts_isnull[i] = false;
    }
    ExecStoreVirtualTuple(t->sites);
    context->ecxt_innertuple = t->sites;
    NullableDatum result = {};
    result.value = ExecEvalExprSwitchContext(t->counted, context, &result.isnull);
    return result;
}

void begin_row(TopKState *t, TupleTableSlot *row)
{
    ExprContext *context = t->css.ss.ps.ps_ExprContext;
    ResetExprContext(context);
    context->ecxt_scantuple = row;
}

// ---- maskquery.verify ----

void verify_key(TopKState *t, const Num &known, NullableDatum key)
{
    Place bounds = place_of_interval(known, t->order);
    Place found = place_of_value(t->key_type, key.value, key.isnull, t->order);
    if (known.may != 0 && found.best <= bounds.worst && found.worst >= bounds.best)
        return;
    char text[512];
    print_program(t->bounds->program, text, sizeof text);
    ereport(ERROR,
            (errcode(ERRCODE_INDEX_CORRUPTED), errmsg("bounds exclude the value of a sort key"),
             errdetail("Sort key: %s, bounds %.17g to %.17g.", text, known.lo, known.hi),
             errhint("Check the index with chi_check() and rebuild it with REINDEX.")));
}

// ---- filling ----

int64 read_limit(TopKState *t)
{
    ExprContext *context = t->css.ss.ps.ps_ExprContext;
    if (t->limit == nullptr)
        return 0;
    ResetExprContext(context);
    bool is_null, no_offset = true;
    int64 limit = DatumGetInt64(ExecEvalExprSwitchContext(t->limit, context, &is_null)), offset = 0;
    if (t->offset)
        offset = DatumGetInt64(ExecEvalExprSwitchContext(t->offset, context, &no_offset));
    if (is_null || limit <= 0 || (!no_offset && offset < 0))
        return 0;
    return pg_add_s64_overflow(limit, no_offset ? 0 : offset, &limit) ? 0 : limit;
}

// Adds the masks that were read since `before` to the node's counters.
void count_reading(TopKState *t, const Counters &before)
{
    const Counters after = process_counters();
    t->counters.loaded += after.loaded - before.loaded;
    t->counters.pixel_bytes += after.pixel_bytes - before.pixel_bytes;
}

// The first key is about to be computed: a pending mask may be learnt from. Adds what that reads to
// the node's counters.
NullableDatum settle_first_key(TopKState *t, TupleTableSlot *row, bool *from_counts)
{
    const Counters before = process_counters();
    NullableDatum key = compute_first_key(t, row, from_counts);
    count_reading(t, before);
    return key;
}

// Takes the row in. A row whose key could raise an error has it evaluated now, as the query would;
// every other one can wait.
void take_row(TopKState *t, TupleTableSlot *child)
{
    const bool ties = t->keys.n > 1 || t->with_ties;
    begin_row(t, child);
    set_row(t, child, false);
    const Num known = known_of_key(t, Rung::counts);
    for (int i = 1; i < t->keys.n; i++)
        if (t->eager[i])
            evaluate_key(t, i, child);
    const int64 masks = masks_of_row(t);
    t->counters.masks += masks;
    Place place;
    if (verify_bounds || (known.may & kMayError)) {
        bool from_counts = false;
        set_row(t, child, true);
        NullableDatum key = settle_first_key(t, child, &from_counts);
        if (verify_bounds)
            verify_key(t, known, key);
        count_verdict(t->bounds, from_counts ? Verdict::accepted : Verdict::undecided);
        t->counters.accepted += from_counts ? masks : 0;
        place = place_of_value(t->key_type, key.value, key.isnull, t->order);
        if (!is_out_of_reach(&t->worst, place.best, ties))
            add_pending_row(t->pending, child, place, &key);
    } else {
        place = place_of_interval(known, t->order);
        count_verdict(t->bounds, Verdict::pruned);
        t->counters.pruned += masks;
        if (!is_out_of_reach(&t->worst, place.best, ties))
            add_pending_row(t->pending, child, place, nullptr);
    }
    add_worst_place(&t->worst, place.worst);
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

void fill(TopKState *t)
{
    MemoryContext old = MemoryContextSwitchTo(t->css.ss.ps.state->es_query_cxt);
    start_worst_places(&t->worst, read_limit(t));
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

// ---- emitting ----

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
    for (int i = 1; i < t->keys.n; i++)
        if (t->key_values[i] && (all || t->wanted[i]))
            set_key(t, i, evaluate_key(t, i, head));
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
        place_of_value(t->key_type, t->row->tts_values[key], t->row->tts_isnull[key], t->order));
    drop_pending_row(t->pending);
}

// Is a row that is nowhere after `worst` sure to come before all that are nowhere before `best`? A
// tie is as good, unless other keys decide it.
bool comes_first(const TopKState *t, int64 worst, int64 best)
{
    return t->keys.n > 1 ? worst < best : worst <= best;
}

// The head of the pending rows comes before all others, whatever its key is; nobody asks for the
// key itself, and it cannot fail.
bool head_needs_no_key(const TopKState *t)
{
    const PendingRows *p = t->pending;
    const ReadyRow *ready = first_ready_row(t->ready);
    int64 others;
    return !t->wanted[0] && !p->head.computed && !is_open(p->head.place) &&
           (!best_of_others(p, &others) || comes_first(t, p->head.place.worst, others)) &&
           (ready == nullptr || comes_first(t, p->head.place.worst, ready->place.best));
}

// Before the head's masks are read: the tile extremes of their entries may show that its turn is
// later, or never.
void refine_head(TopKState *t)
{
    const PendingRow &head = t->pending->head;
    begin_row(t, head.slot);
    set_row(t, head.slot, false);
    Place place = head.place;
    const Num known = known_of_key(t, Rung::extremes);
    if (!(known.may & kMayError)) {
        Place narrow = place_of_interval(known, t->order);
        place = Place{Max(place.best, narrow.best), Min(place.worst, narrow.worst)};
    }
    // With ties: the row may itself be one of those whose worst places make the limit.
    if (is_out_of_reach(&t->worst, place.best, true))
        drop_pending_row(t->pending);
    else
        refine_pending_row(t->pending, place);
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
        fill(t);
    if (t->head_emitted)
        drop_pending_row(t->pending);
    t->head_emitted = false;
    while (t->ready->sort == nullptr) {
        CHECK_FOR_INTERRUPTS();
        const PendingRow &head = t->pending->head;
        const ReadyRow *ready = first_ready_row(t->ready);
        if (head.empty || (ready && comes_first(t, ready->place.worst, head.place.best)))
            break;
        if (is_over_work_mem(t->ready, t->pending)) {
            sort_all(t);
        } else if (head_needs_no_key(t)) {
            make_row(t, false);
            t->head_emitted = true;
            return t->row;
        } else if (!head.refined && !head.computed && !is_open(head.place)) {
            refine_head(t);
        } else {
            make_head_ready(t);
        }
    }
    return take_ready_row(t->ready);
}

} // namespace mq
