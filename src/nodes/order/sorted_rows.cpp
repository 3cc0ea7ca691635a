// Rows with bounds in the order in which they were sorted. Those that came from the index are
// fetched here: one by one, or, where ties are wanted, a run at a time.
#include "nodes/order/sorted_rows.h"

extern "C" {
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
}

namespace mq
{

namespace
{

// The slot that rows are sorted in while only the index knows them.
TupleTableSlot *make_tid_slot()
{
    TupleDesc desc = CreateTemplateTupleDesc(3);
    TupleDescInitEntry(desc, 1, "best", INT8OID, -1, 0);
    TupleDescInitEntry(desc, 2, "worst", INT8OID, -1, 0);
    TupleDescInitEntry(desc, 3, "tid", TIDOID, -1, 0);
    return MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
}

// Sorts tuples by the int8 column `first`, if that is not 0, the ties and the int8 column `last`.
Tuplesortstate *begin_sort(const PendingRows *rows, TupleDesc desc, int first, bool by_ties,
                           int last)
{
    const TieKeys *ties = rows->ties;
    const int room = ties->n + 2;
    AttrNumber *columns = (AttrNumber *)palloc(sizeof(AttrNumber) * room);
    Oid *operators = (Oid *)palloc(sizeof(Oid) * room),
        *collations = (Oid *)palloc0(sizeof(Oid) * room);
    bool *nulls_first = (bool *)palloc0(sizeof(bool) * room);
    int n = 0;
    auto add_rank = [&](int column) {
        columns[n] = AttrNumber(column);
        operators[n++] = Int8LessOperator;
    };
    if (first > 0)
        add_rank(first);
    for (int i = 0; by_ties && i < ties->n; i++, n++) {
        columns[n] = rows->tie_columns[i];
        operators[n] = ties->keys->operators[i + 1];
        collations[n] = ties->keys->collations[i + 1];
        nulls_first[n] = ties->keys->nulls_first[i + 1];
    }
    add_rank(last);
    Tuplesortstate *sort = tuplesort_begin_heap(desc, n, columns, operators, collations,
                                                nulls_first, work_mem, nullptr, TUPLESORT_NONE);
    pfree(columns);
    pfree(operators);
    pfree(collations);
    pfree(nulls_first);
    return sort;
}

// The slot that a child's rows are made in, with nothing but NULLs behind the child's columns.
void clear_own_columns(PendingRows *rows)
{
    TupleTableSlot *slot = rows->input;
    const int n = rows->n_child, own = rows->desc->natts - n;
    memset(slot->tts_values + n, 0, own * sizeof(Datum));
    memset(slot->tts_isnull + n, true, own);
}

void set_own_columns(PendingRows *rows, Rank rank, const NullableDatum *key,
                     const NullableDatum *ties)
{
    TupleTableSlot *slot = rows->input;
    const int n = rows->n_child;
    slot->tts_values[n] = key ? key->value : Datum(0);
    slot->tts_isnull[n] = key ? key->isnull : true;
    slot->tts_values[n + 1] = Int64GetDatum(rank.best);
    slot->tts_values[n + 2] = Int64GetDatum(rank.worst);
    slot->tts_values[n + 3] = BoolGetDatum(key != nullptr);
    slot->tts_isnull[n + 1] = slot->tts_isnull[n + 2] = slot->tts_isnull[n + 3] = false;
    for (int i = 0; i < rows->ties->n; i++) {
        const AttrNumber column = rows->tie_columns[i];
        if (column <= n)
            continue;
        slot->tts_values[column - 1] = ties[i].value;
        slot->tts_isnull[column - 1] = ties[i].isnull;
    }
}

} // namespace

void start_pending_rows(PendingRows *rows, const RowFetcher *fetcher)
{
    end_pending_rows(rows);
    rows->fetcher = fetcher;
    if (fetcher && rows->sorted == nullptr)
        rows->sorted = make_tid_slot();
    const int best = fetcher ? 1 : rows->n_child + 2;
    rows->sort = begin_sort(rows, fetcher ? rows->sorted->tts_tupleDescriptor : rows->desc, best,
                            fetcher == nullptr, best + 1);
}

void add_pending_tid(PendingRows *rows, const ItemPointerData *tid, Rank rank)
{
    TupleTableSlot *slot = rows->sorted;
    Assert(rows->fetcher != nullptr);
    ExecClearTuple(slot);
    slot->tts_values[0] = Int64GetDatum(rank.best);
    slot->tts_values[1] = Int64GetDatum(rank.worst);
    slot->tts_values[2] = PointerGetDatum(tid);
    memset(slot->tts_isnull, 0, 3);
    ExecStoreVirtualTuple(slot);
    tuplesort_puttupleslot(rows->sort, slot);
}

void add_pending_row(PendingRows *rows, TupleTableSlot *child, Rank rank, const NullableDatum *key,
                     const NullableDatum *ties)
{
    TupleTableSlot *slot = rows->input;
    const int n = rows->n_child;
    Assert(rows->fetcher == nullptr);
    slot_getallattrs(child);
    ExecClearTuple(slot);
    memcpy(slot->tts_values, child->tts_values, sizeof(Datum) * n);
    memcpy(slot->tts_isnull, child->tts_isnull, sizeof(bool) * n);
    set_own_columns(rows, rank, key, ties);
    ExecStoreVirtualTuple(slot);
    tuplesort_puttupleslot(rows->sort, slot);
}

void load_pending_row(const PendingRows *rows, PendingRow *row)
{
    slot_getallattrs(row->slot);
    const Datum *values = row->slot->tts_values;
    const int n = rows->n_child;
    row->rank = Rank{DatumGetInt64(values[n + 1]), DatumGetInt64(values[n + 2])};
    row->computed = DatumGetBool(values[n + 3]);
    row->refined = row->awaited = row->empty = false;
    for (int i = 0; i < rows->ties->n; i++) {
        const int column = rows->tie_columns[i] - 1;
        row->ties[i].value = values[column];
        row->ties[i].isnull = row->slot->tts_isnull[column];
    }
}

namespace
{

// ---- rows of the index ----

// The next TID of the sort, into rows->sorted.
bool next_tid(PendingRows *rows)
{
    CHECK_FOR_INTERRUPTS();
    if (!tuplesort_gettupleslot(rows->sort, true, false, rows->sorted, nullptr))
        return false;
    slot_getallattrs(rows->sorted);
    return true;
}

Rank rank_of_tid(const PendingRows *rows)
{
    const Datum *values = rows->sorted->tts_values;
    return Rank{DatumGetInt64(values[0]), DatumGetInt64(values[1])};
}

// Fetches the row of the TID into rows->input. False when the snapshot sees none.
bool fetch_row(PendingRows *rows)
{
    TupleTableSlot *slot = rows->input;
    const Rank rank = rank_of_tid(rows);
    ItemPointerData tid = *(ItemPointer)DatumGetPointer(rows->sorted->tts_values[2]);
    ExecClearTuple(slot);
    if (!rows->fetcher->fetch(rows->fetcher->context, &tid, slot->tts_values, slot->tts_isnull))
        return false;
    clear_own_columns(rows);
    ExecStoreVirtualTuple(slot);
    if (rows->ties->n > 0)
        rows->fetcher->ties(rows->fetcher->context, slot, rows->fetched_ties);
    set_own_columns(rows, rank, nullptr, rows->fetched_ties);
    return true;
}

// The row in rows->input becomes `row`: a copy, since two rows are looked at at a time.
void take_input(PendingRows *rows, PendingRow *row)
{
    ExecStoreMinimalTuple(ExecCopySlotMinimalTuple(rows->input), row->slot, true);
    ExecClearTuple(rows->input);
    load_pending_row(rows, row);
}

// Adds the row in rows->input to the run; `first`, when given, begins it.
void add_to_run(PendingRows *rows, const PendingRow *first)
{
    if (first) {
        MemoryContext old = MemoryContextSwitchTo(rows->context);
        if (rows->run)
            tuplesort_reset(rows->run);
        else
            rows->run = begin_sort(rows, rows->desc, 0, true, rows->n_child + 3);
        MemoryContextSwitchTo(old);
        tuplesort_puttupleslot(rows->run, first->slot);
    }
    tuplesort_puttupleslot(rows->run, rows->input);
    ExecClearTuple(rows->input);
}

bool next_of_run(PendingRows *rows, PendingRow *row)
{
    if (rows->in_run)
        rows->in_run = tuplesort_gettupleslot(rows->run, true, true, row->slot, nullptr);
    if (rows->in_run)
        load_pending_row(rows, row);
    return rows->in_run;
}

void read_index_row(PendingRows *rows, PendingRow *row)
{
    if (rows->ties->n == 0) {
        while (next_tid(rows)) {
            if (!fetch_row(rows))
                continue;
            take_input(rows, row);
            return;
        }
        row->empty = true;
        return;
    }
    if (next_of_run(rows, row))
        return;
    row->empty = !rows->ahead;
    row->awaited = rows->ahead;
    row->refined = row->computed = false;
    if (rows->ahead)
        row->rank = rank_of_tid(rows);
}

} // namespace

void fetch_run(PendingRows *rows, PendingRow *row)
{
    const int64 best = row->rank.best;
    Assert(row->awaited);
    int64 n = 0;
    while (rows->ahead && rank_of_tid(rows).best == best) {
        if (fetch_row(rows)) {
            if (++n == 1)
                take_input(rows, row);
            else
                add_to_run(rows, n == 2 ? row : nullptr);
        }
        rows->ahead = next_tid(rows);
    }
    if (n > 1) {
        tuplesort_performsort(rows->run);
        rows->in_run = true;
    }
    if (n != 1)
        read_index_row(rows, row);
}

void start_reading(PendingRows *rows)
{
    tuplesort_performsort(rows->sort);
    rows->ahead = rows->fetcher && rows->ties->n > 0 && next_tid(rows);
}

void read_sorted_row(PendingRows *rows, PendingRow *row)
{
    row->refined = row->awaited = false;
    if (rows->fetcher) {
        read_index_row(rows, row);
        return;
    }
    row->empty = !tuplesort_gettupleslot(rows->sort, true, true, row->slot, nullptr);
    if (!row->empty)
        load_pending_row(rows, row);
}

} // namespace mq
