// The rows that CHI Top-K holds: those with bounds, in the order in which they are looked at, and
// those whose keys are known, in the order of the output.
#pragma once

#include "executor/topk_place.h"

extern "C" {
#include "executor/tuptable.h"
#include "lib/pairingheap.h"
#include "utils/sortsupport.h"
#include "utils/tuplesort.h"
}

namespace mq
{

// ---- rows with bounds ----

// Rows sorted by their best place, then by their worst, on disk where work_mem asks for it. A row
// has the columns of the child; `computed` says that its first key is known too.
struct PendingRow {
    TupleTableSlot *slot; // child's columns, key, best, worst, computed
    Place place;
    bool computed;
    bool refined; // place is narrower than what is in the slot
    bool empty;   // there is no row
};

// Gives the columns of the row with this TID, for a table's rows that only the index has been asked
// about. False when the snapshot sees no such row.
struct RowFetcher {
    bool (*fetch)(void *context, const ItemPointerData *tid, Datum *values, bool *nulls);
    void *context;
};

struct PendingRows {
    TupleDesc desc;
    int n_child; // columns of the child
    Tuplesortstate *sort;
    TupleTableSlot *input;
    PendingRow head; // the first row, once reading has begun
    PendingRow next; // what the sort gives after it
    // Rows that were narrowed and are not the first any more.
    pairingheap *refined;
    size_t refined_bytes;
    MemoryContext context; // of these
    // Rows that are fetched when their turn comes: sorted are best, worst, TID.
    const RowFetcher *fetcher; // null: the rows are in the sort
    TupleTableSlot *sorted;
};

PendingRows *make_pending_rows(TupleDesc child, Oid key_type, int32 key_typmod, Oid key_collation);
// Forgets all rows and takes new ones: with a fetcher by add_pending_tid(), else by
// add_pending_row().
void start_pending_rows(PendingRows *rows, const RowFetcher *fetcher);
// key: null when it is not computed.
void add_pending_row(PendingRows *rows, TupleTableSlot *child, Place place,
                     const NullableDatum *key);
void add_pending_tid(PendingRows *rows, const ItemPointerData *tid, Place place);
// After the last row was added: `head` is the first.
void read_pending_rows(PendingRows *rows);
// The key of the head, when it is computed.
NullableDatum pending_key(PendingRows *rows);
// Forgets the head; the first of the others takes its place.
void drop_pending_row(PendingRows *rows);
// The best place among the rows but the head; false when there is no other row.
bool best_of_others(const PendingRows *rows, int64 *best);
// Gives the head a narrower place; the row that is the first then becomes the head.
void refine_pending_row(PendingRows *rows, Place place);
void end_pending_rows(PendingRows *rows);

// ---- rows with keys ----

struct SortKeys {
    int n;
    SortSupport support;
    AttrNumber *columns; // in the scan tuple
    Oid *operators, *collations;
    bool *nulls_first;
};

// A row whose sort keys are all computed.
struct ReadyRow {
    pairingheap_node node;                     // first
    MinimalTuple tuple;                        // a scan tuple
    Place place;                               // of its first key
    NullableDatum keys[FLEXIBLE_ARRAY_MEMBER]; // point into the tuple
};

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
void add_ready_row(ReadyRows *rows, TupleTableSlot *scan_tuple, Place place);
// The heaps of both take more than work_mem.
bool is_over_work_mem(const ReadyRows *rows, const PendingRows *pending);
// From now on rows go to a tuplesort; finish_ready_sort() says that it has them all.
void begin_ready_sort(ReadyRows *rows);
void finish_ready_sort(ReadyRows *rows);
// The first row, null when there is none. REQUIRES: no sort has begun.
const ReadyRow *first_ready_row(const ReadyRows *rows);
// Takes the first row out; its slot is valid until the next call. Null when there is none.
TupleTableSlot *take_ready_row(ReadyRows *rows);
void end_ready_rows(ReadyRows *rows);

// ---- the limit ----

// The worst places of the best `limit` rows: a row whose best place is after all of them is not
// among the first `limit`.
struct WorstPlaces {
    int64 *heap; // largest first
    int64 limit; // 0: not known
    int64 used;
};
void start_worst_places(WorstPlaces *w, int64 limit);
void add_worst_place(WorstPlaces *w, int64 worst);
// Can the row be left out? ties: rows of equal place matter.
bool is_out_of_reach(const WorstPlaces *w, int64 best, bool ties);

} // namespace mq
