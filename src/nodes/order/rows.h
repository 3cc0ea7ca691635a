// The rows that CHI Top-K holds: those with bounds, in the order in which they are looked at, and
// those whose keys are known, in the order of the output.
#pragma once

#include "nodes/order/ties.h"

extern "C" {
#include "executor/executor.h"
#include "lib/pairingheap.h"
#include "utils/tuplesort.h"
}

namespace mq
{

// ---- rows with bounds ----

// Rows sorted by their best rank, then by their ties, then by their worst rank, on disk where
// work_mem asks for it. A row has the columns of the child; `computed` says that its first key is
// known too.
struct PendingRow {
    TupleTableSlot *slot; // child's columns, key, best, worst, computed, ties that are no columns
    Rank rank;
    NullableDatum *ties; // in the slot
    bool computed;
    bool refined; // rank is narrower than what is in the slot
    bool awaited; // not fetched yet: only its best rank is known
    bool empty;   // there is no row
};
inline Position best_of(const PendingRow &row)
{
    return Position{row.rank.best, row.awaited ? nullptr : row.ties};
}
// REQUIRES: the row is not awaited.
inline Position worst_of(const PendingRow &row)
{
    return Position{row.rank.worst, row.ties};
}

// Gives the columns of the row with this TID, for a table's rows that only the index has been asked
// about. False when the snapshot sees no such row.
struct RowFetcher {
    bool (*fetch)(void *context, const ItemPointerData *tid, Datum *values, bool *nulls);
    // The ties of a row whose columns are in the slot.
    void (*ties)(void *context, TupleTableSlot *slot, NullableDatum *ties);
    void *context;
};

struct PendingRows {
    TupleDesc desc;
    int n_child; // columns of the child
    const TieKeys *ties;
    AttrNumber *tie_columns; // in desc
    NullableDatum *fetched_ties;
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
    // With ties, a *run* is fetched at once, all rows of one best rank, and sorted by these.
    Tuplesortstate *run; // null until a run of several rows was met
    bool in_run;         // it has rows left, perhaps
    bool ahead;          // `sorted` holds the first TID of the next run
};

// The first key's type names its column. ties is kept.
PendingRows *make_pending_rows(TupleDesc child, Oid key_type, int32 key_typmod, Oid key_collation,
                               const TieKeys *ties);
// Forgets all rows and takes new ones: with a fetcher by add_pending_tid(), else by
// add_pending_row().
void start_pending_rows(PendingRows *rows, const RowFetcher *fetcher);
// key: null when it is not computed.
void add_pending_row(PendingRows *rows, TupleTableSlot *child, Rank rank, const NullableDatum *key,
                     const NullableDatum *ties);
void add_pending_tid(PendingRows *rows, const ItemPointerData *tid, Rank rank);
// After the last row was added: `head` is the first.
void read_pending_rows(PendingRows *rows);
// The key of the head, when it is computed.
NullableDatum pending_key(PendingRows *rows);
// Forgets the head; the first of the others takes its place.
void drop_pending_row(PendingRows *rows);
// The best position among the rows but the head; false when there is no other row.
bool best_of_others(const PendingRows *rows, Position *best);
// Gives the head a narrower rank; the row that is the first then becomes the head.
void refine_pending_row(PendingRows *rows, Rank rank);
void end_pending_rows(PendingRows *rows);

// ---- rows with keys ----

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
// From now on rows go to a tuplesort; finish_ready_sort() says that it has them all.
void begin_ready_sort(ReadyRows *rows);
void finish_ready_sort(ReadyRows *rows);
// The first row, null when there is none. REQUIRES: no sort has begun.
const ReadyRow *first_ready_row(const ReadyRows *rows);
// Takes the first row out; its slot is valid until the next call. Null when there is none.
TupleTableSlot *take_ready_row(ReadyRows *rows);
void end_ready_rows(ReadyRows *rows);

// ---- the limit ----

// The worst positions of the best `limit` rows: a row whose best position is after all of them is
// not among the first `limit`.
struct WorstRanks {
    Position *heap; // last first
    int64 limit;    // 0: not known
    int64 used;
    const TieKeys *ties; // null: the rows' ties are not known, or there are none
    MemoryContext context;
};
// LIMIT + OFFSET, 0 when not known; either may be null.
int64 read_limit(ExprState *limit, ExprState *offset, ExprContext *context);
void start_worst_ranks(WorstRanks *w, int64 limit, const TieKeys *ties);
// Takes a copy of the ties.
void add_worst_rank(WorstRanks *w, const Position &worst);
// Can the row be left out? ties: rows that tie with it matter.
bool is_out_of_reach(const WorstRanks *w, const Position &best, bool ties);

} // namespace mq
