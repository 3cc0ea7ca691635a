// The store of entries as what stands above it sees it: looking rows up by TID, and publishing
// entries of rows that are pending. README.md has the pages, the order of locks, and why a reader
// never sees a foreign entry.
#pragma once

#include "core/chi/bounds/bounds.h"
#include "core/chi/entry.h"
#include "pg/pg.h"

extern "C" {
#include "storage/itemptr.h"
#include "utils/rel.h"
}

namespace mq
{

// What every entry of an index shares; read from the metapage once and kept in rd_amcache.
struct ChiIndexInfo {
    ChiGrid grid;
    ChiBins bins;
    bool equi_depth;
};

// Errors: ERRCODE_INDEX_CORRUPTED when the metapage fails its checks (magic, version, ranges).
// The result belongs to the relation cache: copy what is kept across anything that may open a
// relation or take a heavyweight lock (detoasting included).
const ChiIndexInfo *chi_index_info(Relation index);

enum class ChiState : uint8_t {
    missing, // no entry: a row the index does not know (or a HOT tuple; the caller maps to the root
             // and asks again)
    pending, // known, not yet summarised: whoever has the mask may do it (chi_fill_pending)
    oversized, // known, but its entry would be too large to be worth keeping: never summarised
    built,
};

// Bytes that grow as needed in a context.
struct ChiEntryBuffer {
    uint8_t *data = nullptr;
    size_t capacity = 0;
    size_t size = 0;
    MemoryContext context = nullptr; // where data is allocated
};

// What the index knows of one row: an entry of its own, or a row of a sealed segment. The caller
// owns it, and keeps it from row to row: it remembers what it read of the last segment. Its memory
// grows in `context`.
struct ChiSegment;
struct ChiRow {
    MemoryContext context = nullptr; // to be set before the first use
    ChiEntry shape;                  // what the entry is about; data is null in a segment
    ChiSegment *segment = nullptr;   // the last one read
    bool sealed = false;             // the row is one of `segment`,
    uint32_t number = 0;             // this one,
    bool extracted = false;          // and its entry has been put together in `buffer`
    Bytes entry;                     // else its entry,
    ChiEntryBuffer buffer;           // in here when it was read
    ChiEntryBuffer part;             // what chi_row_edges put together last
};

// Looks up the entry of a heap TID; for `built`, *row is about it until the next look-up.
ChiState chi_lookup(Relation index, const ItemPointerData *tid, ChiRow *row);

// The same for whoever has a copy of the slot of `tid` already. REQUIRES: the row is visible to a
// snapshot that has been held since before the copy was taken, or the copy is new.
ChiState chi_lookup_slot(Relation index, const ItemPointerData *slot, const ItemPointerData *tid,
                         ChiRow *row);

// The same for a row as a query sees it: when the TID itself has no entry and is a HOT-updated
// version, asks again for the root of its chain, which is what the index knows. *root, when given,
// receives the TID that the answer is about: the one to give to chi_fill_pending. REQUIRES: the row
// is visible to a snapshot that is still held.
ChiState chi_lookup_row(Relation heap, Relation index, ItemPointer tid, ChiRow *row,
                        ItemPointer root = nullptr);

// Which rows of a heap block are pending: bit i - 1 of `rows`, of so many words, stands for line
// pointer i. Looks at one page of the TID map, or few.
void chi_pending_rows(Relation index, BlockNumber block, uint64_t *rows, int words);

// Makes *row about an entry at hand, which must live as long. Errors: ERRCODE_INDEX_CORRUPTED when
// it is no entry of this index.
void chi_use_entry(Relation index, Bytes entry, ChiRow *row);

// Bounds of cp of a row looked up: what chi_bounds gives for its entry. False when the segment that
// it was found in has gone since: nothing is known then. REQUIRES: the last look-up said `built`;
// `edges` were selected for row->shape; the caller's transaction still holds the lock on the
// index.
bool chi_row_bounds(ChiRow *row, const EdgeSelection &edges, const Roi &roi, CountBounds *out);

// Asks for the pages that hold the row's tile extremes, and does not wait for them. REQUIRES: the
// last look-up said `built`.
void chi_prefetch_extremes(Relation index, const ChiRow *row);

// The same row as an entry with all that is known of it, for bounds that need more than
// chi_row_bounds gives. For a row of a segment that takes several times as long. It lives until
// the next look-up. False and REQUIRES as above.
bool chi_whole_row(ChiRow *row, ChiEntry *entry);

// An entry that is good for these edges and for the extremes, which is all that tile_bounds needs,
// and takes a fraction of the time. It lives until the next call, or look-up. False and REQUIRES as
// above.
bool chi_row_edges(ChiRow *row, const EdgeSelection &edges, ChiEntry *entry);

// The row-shaped entry of a row looked up, byte for byte; it lives until the next look-up. False
// as above.
bool chi_row_entry(Relation index, ChiRow *row, Bytes *entry);

// Publishes the entry that the caller has computed for a pending row, as chi_build_entry made it;
// size = 0 says that it would be larger than kMaxEntryBytes, and the row is not asked about again.
// True when it was published; false when the row was not pending any more: somebody else was first,
// or VACUUM has removed it, and the entry is to be dropped.
//
// root_tid is what chi_lookup_row gave with the answer "pending". It may be published much later,
// by another process and after the row is gone: a slot is pending only for the row that it was
// given to by CREATE INDEX (README.md, "Pending entries"). REQUIRES: the index, still in the file
// (relfilenode) in which the row was looked up, is locked by AccessShareLock or more; the
// transaction that computed the entry was allowed to use the index (indcheckxmin); not
// RecoveryInProgress(); no buffer lock is held. Needs no transaction id: works in read-only
// transactions and in parallel workers. The change is part of no transaction: it stays when the
// caller's is rolled back.
bool chi_fill_pending(Relation index, const ItemPointerData *root_tid, const uint8_t *entry,
                      size_t size);

} // namespace mq
