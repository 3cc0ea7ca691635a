// The rows with bounds of a node that sorts, in the order in which they are looked at.
#pragma once

#include "nodes/order/ties.h"

extern "C" {
#include "executor/executor.h"
#include "lib/pairingheap.h"
#include "utils/tuplesort.h"
}

namespace mq
{

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
    Assert(!row.awaited);
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

// ties is kept.
PendingRows *make_pending_rows(TupleDesc child, const TieKeys *ties);
// Forgets all rows and takes new ones: with a fetcher by add_pending_tid(), else by
// add_pending_row().
void start_pending_rows(PendingRows *rows, const RowFetcher *fetcher);
// key: null when it is not computed. REQUIRES: without a fetcher, respectively with one.
void add_pending_row(PendingRows *rows, TupleTableSlot *child, Rank rank, const NullableDatum *key,
                     const NullableDatum *ties);
void add_pending_tid(PendingRows *rows, const ItemPointerData *tid, Rank rank);
// After the last row was added: `head` is the first.
void read_pending_rows(PendingRows *rows);
// The key of the head. REQUIRES: it is computed.
NullableDatum pending_key(PendingRows *rows);
// Forgets the head; the first of the others takes its place. REQUIRES: there is a head.
void drop_pending_row(PendingRows *rows);
// The best position among the rows but the head; false when there is no other row.
bool best_of_others(const PendingRows *rows, Position *best);
// Gives the head a narrower rank; the row that is the first then becomes the head. REQUIRES: there
// is a head.
void refine_pending_row(PendingRows *rows, Rank rank);
void end_pending_rows(PendingRows *rows);

} // namespace mq
