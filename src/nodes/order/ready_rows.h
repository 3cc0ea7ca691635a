// The rows of a node that sorts whose keys are known, in the order of the output.
#pragma once

#include "nodes/order/pending_rows.h"

namespace mq
{

// A row whose sort keys are all computed.
struct ReadyRow {
    pairingheap_node node;                     // first
    MinimalTuple tuple;                        // a scan tuple
    Rank rank;                                 // of its first key
    NullableDatum keys[FLEXIBLE_ARRAY_MEMBER]; // point into the tuple
};
inline Position best_of(const ReadyRow &row)
{
    return Position{row.rank.best, row.keys + 1};
}
inline Position worst_of(const ReadyRow &row)
{
    return Position{row.rank.worst, row.keys + 1};
}

// Smallest first. Beyond work_mem the rows move to a tuplesort, which takes no row once the first
// is taken out: the caller then adds all that are left.
struct ReadyRows {
    const SortKeys *keys;
    TupleDesc desc; // of scan tuples
    MemoryContext context;
    pairingheap *heap;
    size_t bytes;
    TupleTableSlot *slot; // of scan tuples
    ReadyRow *given;      // whose tuple is in the slot
    Tuplesortstate *sort; // null while all rows are in the heap
};

ReadyRows *make_ready_rows(const SortKeys *keys, TupleDesc desc);
void start_ready_rows(ReadyRows *rows);
// scan_tuple: a slot that holds all its values.
void add_ready_row(ReadyRows *rows, TupleTableSlot *scan_tuple, Rank rank);
// The heaps of both take more than work_mem.
bool is_over_work_mem(const ReadyRows *rows, const PendingRows *pending);
// From now on rows go to a tuplesort; finish_ready_sort() says that it has them all. REQUIRES: no
// sort has begun; respectively: one has.
void begin_ready_sort(ReadyRows *rows);
void finish_ready_sort(ReadyRows *rows);
// The first row, null when there is none. REQUIRES: no sort has begun.
const ReadyRow *first_ready_row(const ReadyRows *rows);
// Takes the first row out; its slot is valid until the next call. Null when there is none.
TupleTableSlot *take_ready_row(ReadyRows *rows);
void end_ready_rows(ReadyRows *rows);

} // namespace mq
