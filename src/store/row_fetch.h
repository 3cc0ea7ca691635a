// From a TID that an index knows to the row that a snapshot sees.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "access/tableam.h"
#include "utils/rel.h"
}

namespace mq
{

struct RowFetch {
    IndexFetchTableData *table; // null: closed
    Relation index;
    BlockNumber blocks; // the table has at least so many
};

// REQUIRES: both stay open and locked by AccessShareLock or more until end_row_fetch.
RowFetch begin_row_fetch(Relation heap, Relation index);

// Puts the version that the snapshot sees, of the row whose HOT chain begins at `root`, into the
// slot; false when it sees none. Errors: index_corrupted when the table has no such block.
// REQUIRES: not closed.
bool fetch_row(RowFetch *fetch, const ItemPointerData *root, Snapshot snapshot,
               TupleTableSlot *slot);

// Does nothing when closed.
void end_row_fetch(RowFetch *fetch);

} // namespace mq
