#include "executor/topk_rows.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
}

namespace mq
{

// ---- rows with bounds ----

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

// ---- rows with keys ----

static int compare_rows(const pairingheap_node *a, const pairingheap_node *b, void *arg)
{
    const SortKeys *keys = (const SortKeys *)arg;
    const NullableDatum *x = ((const ReadyRow *)a)->keys, *y = ((const ReadyRow *)b)->keys;
    for (int i = 0; i < keys->n; i++) {
        int c = ApplySortComparator(x[i].value, x[i].isnull, y[i].value, y[i].isnull,
                                    &keys->support[i]);
        if (c != 0)
            return -c; // a pairing heap gives the largest
    }
    return 0;
}

ReadyRows *make_ready_rows(const SortKeys *keys, TupleDesc desc)
{
    ReadyRows *rows = (ReadyRows *)palloc0(sizeof(ReadyRows));
    rows->keys = keys;
    rows->desc = desc;
    rows->context =
        AllocSetContextCreate(CurrentMemoryContext, "CHI Top-K rows", ALLOCSET_DEFAULT_SIZES);
    rows->slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
    return rows;
}

void end_ready_rows(ReadyRows *rows)
{
    ExecClearTuple(rows->slot);
    MemoryContextReset(rows->context);
    rows->heap = nullptr;
    rows->given = nullptr;
    rows->bytes = 0;
    if (rows->sort)
        tuplesort_end(rows->sort);
    rows->sort = nullptr;
}

void start_ready_rows(ReadyRows *rows)
{
    end_ready_rows(rows);
    MemoryContext old = MemoryContextSwitchTo(rows->context);
    rows->heap = pairingheap_allocate(compare_rows, (void *)rows->keys);
    MemoryContextSwitchTo(old);
}

void add_ready_row(ReadyRows *rows, TupleTableSlot *scan_tuple, Place place)
{
    if (rows->sort) {
        tuplesort_puttupleslot(rows->sort, scan_tuple);
        return;
    }
    const SortKeys *keys = rows->keys;
    MemoryContext old = MemoryContextSwitchTo(rows->context);
    ReadyRow *row = (ReadyRow *)palloc(offsetof(ReadyRow, keys) + sizeof(NullableDatum) * keys->n);
    row->tuple = ExecCopySlotMinimalTuple(scan_tuple);
    row->place = place;
    MemoryContextSwitchTo(old);
    ExecStoreMinimalTuple(row->tuple, rows->slot, false);
    for (int i = 0; i < keys->n; i++)
        row->keys[i].value = slot_getattr(rows->slot, keys->columns[i], &row->keys[i].isnull);
    ExecClearTuple(rows->slot);
    pairingheap_add(rows->heap, &row->node);
    rows->bytes += GetMemoryChunkSpace(row) + GetMemoryChunkSpace(row->tuple);
}

bool is_over_work_mem(const ReadyRows *rows, const PendingRows *pending)
{
    return rows->sort == nullptr && rows->bytes + pending->refined_bytes > size_t(work_mem) * 1024;
}

const ReadyRow *first_ready_row(const ReadyRows *rows)
{
    return pairingheap_is_empty(rows->heap) ? nullptr
                                            : (const ReadyRow *)pairingheap_first(rows->heap);
}

// The tuple given last is not needed any more.
static void release_given(ReadyRows *rows)
{
    ExecClearTuple(rows->slot);
    if (rows->given == nullptr)
        return;
    rows->bytes -= GetMemoryChunkSpace(rows->given) + GetMemoryChunkSpace(rows->given->tuple);
    heap_free_minimal_tuple(rows->given->tuple);
    pfree(rows->given);
    rows->given = nullptr;
}

void begin_ready_sort(ReadyRows *rows)
{
    const SortKeys *keys = rows->keys;
    release_given(rows);
    rows->sort =
        tuplesort_begin_heap(rows->desc, keys->n, keys->columns, keys->operators, keys->collations,
                             keys->nulls_first, work_mem, nullptr, TUPLESORT_NONE);
    while (!pairingheap_is_empty(rows->heap)) {
        rows->given = (ReadyRow *)pairingheap_remove_first(rows->heap);
        ExecStoreMinimalTuple(rows->given->tuple, rows->slot, false);
        tuplesort_puttupleslot(rows->sort, rows->slot);
        release_given(rows);
    }
}

void finish_ready_sort(ReadyRows *rows)
{
    tuplesort_performsort(rows->sort);
}

TupleTableSlot *take_ready_row(ReadyRows *rows)
{
    release_given(rows);
    if (rows->sort)
        return tuplesort_gettupleslot(rows->sort, true, false, rows->slot, nullptr) ? rows->slot
                                                                                    : nullptr;
    if (pairingheap_is_empty(rows->heap))
        return nullptr;
    rows->given = (ReadyRow *)pairingheap_remove_first(rows->heap);
    ExecStoreMinimalTuple(rows->given->tuple, rows->slot, false);
    return rows->slot;
}

// ---- the limit ----

void start_worst_places(WorstPlaces *w, int64 limit)
{
    if (w->heap)
        pfree(w->heap);
    *w = WorstPlaces{};
    // A limit near the size of the table saves nothing, and its heap would take the memory of rows.
    if (limit <= 0 || limit > int64(work_mem) * 1024 / 4 / int64(sizeof(int64)))
        return;
    w->heap = (int64 *)palloc(sizeof(int64) * limit);
    w->limit = limit;
}

void add_worst_place(WorstPlaces *w, int64 worst)
{
    if (w->limit == 0)
        return;
    if (w->used < w->limit) {
        w->heap[w->used++] = worst;
        std::push_heap(w->heap, w->heap + w->used);
    } else if (worst < w->heap[0]) {
        std::pop_heap(w->heap, w->heap + w->used);
        w->heap[w->used - 1] = worst;
        std::push_heap(w->heap, w->heap + w->used);
    }
}

bool is_out_of_reach(const WorstPlaces *w, int64 best, bool ties)
{
    if (w->limit == 0 || w->used < w->limit)
        return false;
    return ties ? best > w->heap[0] : best >= w->heap[0];
}

} // namespace mq
