#include "nodes/order/ready_rows.h"

extern "C" {
#include "access/htup_details.h"
#include "executor/executor.h"
}

namespace mq
{

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
        AllocSetContextCreate(CurrentMemoryContext, "CHI ready rows", ALLOCSET_DEFAULT_SIZES);
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

void add_ready_row(ReadyRows *rows, TupleTableSlot *scan_tuple, Rank rank)
{
    if (rows->sort) {
        tuplesort_puttupleslot(rows->sort, scan_tuple);
        return;
    }
    const SortKeys *keys = rows->keys;
    MemoryContext old = MemoryContextSwitchTo(rows->context);
    ReadyRow *row = (ReadyRow *)palloc(offsetof(ReadyRow, keys) + sizeof(NullableDatum) * keys->n);
    row->tuple = ExecCopySlotMinimalTuple(scan_tuple);
    row->rank = rank;
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
    Assert(rows->sort == nullptr);
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
    Assert(rows->sort == nullptr);
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
    Assert(rows->sort != nullptr);
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

} // namespace mq
