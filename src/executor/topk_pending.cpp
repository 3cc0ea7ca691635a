// The rows with bounds of CHI Top-K.
#include "executor/topk_rows.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
}

namespace mq
{

namespace
{

struct RefinedRow {
    pairingheap_node node; // first
    MinimalTuple tuple;    // as in PendingRow's slot
    Place place;
};

bool is_before(const Place &a, const Place &b)
{
    return a.best != b.best ? a.best < b.best : a.worst < b.worst;
}

int compare_refined(const pairingheap_node *a, const pairingheap_node *b, void *)
{
    const Place &x = ((const RefinedRow *)a)->place, &y = ((const RefinedRow *)b)->place;
    return is_before(x, y) ? 1 : is_before(y, x) ? -1 : 0; // the largest is given first
}

const RefinedRow *first_refined(const PendingRows *rows)
{
    return rows->refined && !pairingheap_is_empty(rows->refined)
               ? (const RefinedRow *)pairingheap_first(rows->refined)
               : nullptr;
}

} // namespace

PendingRows *make_pending_rows(TupleDesc child, Oid key_type, int32 key_typmod, Oid key_collation)
{
    PendingRows *rows = (PendingRows *)palloc0(sizeof(PendingRows));
    const int n = child->natts;
    rows->n_child = n;
    rows->desc = CreateTemplateTupleDesc(n + 4);
    for (int i = 1; i <= n; i++)
        TupleDescCopyEntry(rows->desc, i, child, i);
    TupleDescInitEntry(rows->desc, n + 1, "key", key_type, key_typmod, 0);
    TupleDescInitEntryCollation(rows->desc, n + 1, key_collation);
    TupleDescInitEntry(rows->desc, n + 2, "best", INT8OID, -1, 0);
    TupleDescInitEntry(rows->desc, n + 3, "worst", INT8OID, -1, 0);
    TupleDescInitEntry(rows->desc, n + 4, "computed", BOOLOID, -1, 0);
    rows->input = MakeSingleTupleTableSlot(rows->desc, &TTSOpsVirtual);
    rows->head.slot = MakeSingleTupleTableSlot(rows->desc, &TTSOpsMinimalTuple);
    rows->next.slot = MakeSingleTupleTableSlot(rows->desc, &TTSOpsMinimalTuple);
    rows->head.empty = rows->next.empty = true;
    rows->context = AllocSetContextCreate(CurrentMemoryContext, "CHI Top-K refined rows",
                                          ALLOCSET_DEFAULT_SIZES);
    return rows;
}

void end_pending_rows(PendingRows *rows)
{
    ExecClearTuple(rows->input);
    if (rows->sorted)
        ExecClearTuple(rows->sorted);
    ExecClearTuple(rows->head.slot);
    ExecClearTuple(rows->next.slot);
    rows->head.empty = rows->next.empty = true;
    MemoryContextReset(rows->context);
    rows->refined = nullptr;
    rows->refined_bytes = 0;
    if (rows->sort)
        tuplesort_end(rows->sort);
    rows->sort = nullptr;
}

// The slot that rows are sorted in while only the index knows them.
static TupleTableSlot *make_tid_slot()
{
    TupleDesc desc = CreateTemplateTupleDesc(3);
    TupleDescInitEntry(desc, 1, "best", INT8OID, -1, 0);
    TupleDescInitEntry(desc, 2, "worst", INT8OID, -1, 0);
    TupleDescInitEntry(desc, 3, "tid", TIDOID, -1, 0);
    return MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
}

void start_pending_rows(PendingRows *rows, const RowFetcher *fetcher)
{
    end_pending_rows(rows);
    rows->fetcher = fetcher;
    if (fetcher && rows->sorted == nullptr)
        rows->sorted = make_tid_slot();
    const int best = fetcher ? 1 : rows->n_child + 2;
    AttrNumber columns[] = {AttrNumber(best), AttrNumber(best + 1)};
    Oid operators[] = {Int8LessOperator, Int8LessOperator};
    Oid collations[] = {InvalidOid, InvalidOid};
    bool nulls_first[] = {false, false};
    rows->sort =
        tuplesort_begin_heap(fetcher ? rows->sorted->tts_tupleDescriptor : rows->desc, 2, columns,
                             operators, collations, nulls_first, work_mem, nullptr, TUPLESORT_NONE);
}

void add_pending_tid(PendingRows *rows, const ItemPointerData *tid, Place place)
{
    TupleTableSlot *slot = rows->sorted;
    ExecClearTuple(slot);
    slot->tts_values[0] = Int64GetDatum(place.best);
    slot->tts_values[1] = Int64GetDatum(place.worst);
    slot->tts_values[2] = PointerGetDatum(tid);
    memset(slot->tts_isnull, 0, 3);
    ExecStoreVirtualTuple(slot);
    tuplesort_puttupleslot(rows->sort, slot);
}

void add_pending_row(PendingRows *rows, TupleTableSlot *child, Place place,
                     const NullableDatum *key)
{
    TupleTableSlot *slot = rows->input;
    const int n = rows->n_child;
    slot_getallattrs(child);
    ExecClearTuple(slot);
    memcpy(slot->tts_values, child->tts_values, sizeof(Datum) * n);
    memcpy(slot->tts_isnull, child->tts_isnull, sizeof(bool) * n);
    slot->tts_values[n] = key ? key->value : Datum(0);
    slot->tts_isnull[n] = key ? key->isnull : true;
    slot->tts_values[n + 1] = Int64GetDatum(place.best);
    slot->tts_values[n + 2] = Int64GetDatum(place.worst);
    slot->tts_values[n + 3] = BoolGetDatum(key != nullptr);
    slot->tts_isnull[n + 1] = slot->tts_isnull[n + 2] = slot->tts_isnull[n + 3] = false;
    ExecStoreVirtualTuple(slot);
    tuplesort_puttupleslot(rows->sort, slot);
}

// The next row of the sort that the snapshot sees, fetched into the row's slot.
static void fetch_row(PendingRows *rows, PendingRow *row)
{
    TupleTableSlot *sorted = rows->sorted, *slot = rows->input;
    const int n = rows->n_child;
    for (;;) {
        CHECK_FOR_INTERRUPTS();
        row->empty = !tuplesort_gettupleslot(rows->sort, true, false, sorted, nullptr);
        if (row->empty)
            return;
        slot_getallattrs(sorted);
        ItemPointerData tid = *(ItemPointer)DatumGetPointer(sorted->tts_values[2]);
        row->place =
            Place{DatumGetInt64(sorted->tts_values[0]), DatumGetInt64(sorted->tts_values[1])};
        ExecClearTuple(slot);
        if (rows->fetcher->fetch(rows->fetcher->context, &tid, slot->tts_values, slot->tts_isnull))
            break;
    }
    row->computed = false;
    memset(slot->tts_values + n, 0, 4 * sizeof(Datum));
    memset(slot->tts_isnull + n, true, 4);
    ExecStoreVirtualTuple(slot);
    ExecStoreMinimalTuple(ExecCopySlotMinimalTuple(slot), row->slot, true);
    slot_getallattrs(row->slot);
    ExecClearTuple(slot);
}

static void read_row(PendingRows *rows, PendingRow *row)
{
    row->refined = false;
    if (rows->fetcher) {
        fetch_row(rows, row);
        return;
    }
    // Copied, because two rows are looked at at a time.
    row->empty = !tuplesort_gettupleslot(rows->sort, true, true, row->slot, nullptr);
    if (row->empty)
        return;
    slot_getallattrs(row->slot);
    const Datum *values = row->slot->tts_values + rows->n_child;
    row->place = Place{DatumGetInt64(values[1]), DatumGetInt64(values[2])};
    row->computed = DatumGetBool(values[3]);
}

// The first of `next` and the refined rows becomes the head.
static void take_head(PendingRows *rows)
{
    const RefinedRow *refined = first_refined(rows);
    if (refined == nullptr || (!rows->next.empty && is_before(rows->next.place, refined->place))) {
        PendingRow done = rows->head;
        rows->head = rows->next;
        rows->next = done;
        if (!rows->head.empty)
            read_row(rows, &rows->next);
        else
            rows->next.empty = true;
        return;
    }
    RefinedRow *row = (RefinedRow *)pairingheap_remove_first(rows->refined);
    rows->refined_bytes -= GetMemoryChunkSpace(row) + GetMemoryChunkSpace(row->tuple);
    ExecStoreMinimalTuple(row->tuple, rows->head.slot, true);
    slot_getallattrs(rows->head.slot);
    rows->head.place = row->place;
    rows->head.refined = true;
    rows->head.computed = false;
    rows->head.empty = false;
    pfree(row);
}

void read_pending_rows(PendingRows *rows)
{
    ExecClearTuple(rows->input);
    tuplesort_performsort(rows->sort);
    read_row(rows, &rows->next);
    take_head(rows);
}

bool best_of_others(const PendingRows *rows, int64 *best)
{
    const RefinedRow *refined = first_refined(rows);
    if (refined == nullptr && rows->next.empty)
        return false;
    *best = PG_INT64_MAX;
    if (refined)
        *best = refined->place.best;
    if (!rows->next.empty)
        *best = Min(*best, rows->next.place.best);
    return true;
}

void refine_pending_row(PendingRows *rows, Place place)
{
    const RefinedRow *refined = first_refined(rows);
    rows->head.place = place;
    rows->head.refined = true;
    if ((rows->next.empty || !is_before(rows->next.place, place)) &&
        (refined == nullptr || !is_before(refined->place, place)))
        return;
    MemoryContext old = MemoryContextSwitchTo(rows->context);
    if (rows->refined == nullptr)
        rows->refined = pairingheap_allocate(compare_refined, nullptr);
    RefinedRow *row = (RefinedRow *)palloc(sizeof(RefinedRow));
    row->tuple = ExecCopySlotMinimalTuple(rows->head.slot);
    row->place = place;
    MemoryContextSwitchTo(old);
    pairingheap_add(rows->refined, &row->node);
    rows->refined_bytes += GetMemoryChunkSpace(row) + GetMemoryChunkSpace(row->tuple);
    take_head(rows);
}

NullableDatum pending_key(PendingRows *rows)
{
    NullableDatum key = {};
    key.value = rows->head.slot->tts_values[rows->n_child];
    key.isnull = rows->head.slot->tts_isnull[rows->n_child];
    return key;
}

void drop_pending_row(PendingRows *rows)
{
    ExecClearTuple(rows->head.slot);
    take_head(rows);
}

} // namespace mq
