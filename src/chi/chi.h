// The chi access method as the rest of the extension sees it.
#pragma once

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
    double value_lo, value_hi; // binned range
    bool equi_depth;
};

// Errors: ERRCODE_INDEX_CORRUPTED when the metapage fails its checks (magic, version, ranges).
// The result belongs to the relation cache: copy what is kept across anything that may open a relation or take a
// heavyweight lock (detoasting included).
const ChiIndexInfo *chi_index_info(Relation index);

// Registers the index options and maskquery.threads; called once, when the library is loaded.
void chi_init();

// OID of the access method, InvalidOid when the extension is not installed in this database.
Oid chi_am_oid();

enum class ChiState : uint8_t {
    missing, // no entry: a row the index does not know (or a HOT tuple; the caller maps to the root and asks again)
    pending, // known, not yet summarised
    built,
};

// Looks up the entry of a heap TID. For `built`, *entry is a palloc'd (or buffer-reused) copy of the entry's bytes.
// The buffer grows as needed and is owned by the caller.
struct ChiEntryBuffer {
    uint8_t *data = nullptr;
    size_t capacity = 0;
    size_t size = 0;
    MemoryContext context = nullptr; // where data is allocated
};
ChiState chi_lookup(Relation index, ItemPointer tid, ChiEntryBuffer *buffer);

// The same for a row as a query sees it: when the TID itself has no entry and is a HOT-updated version, asks again for
// the root of its chain, which is what the index knows. REQUIRES: the row is visible to a snapshot that is still held.
ChiState chi_lookup_row(Relation heap, Relation index, ItemPointer tid, ChiEntryBuffer *buffer);

// Calls visit(bytes, size, arg) for about `want` built entries taken from random pages; for row estimates. Returns how
// many were visited. `visit` must not touch the index.
int chi_sample_entries(Relation index, int want, void (*visit)(const uint8_t *entry, size_t size, void *arg),
                       void *arg);

} // namespace mq
