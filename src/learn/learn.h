// Incremental indexing (paper section 3.6): what a query had to read anyway, the index learns.
//
// A guard that meets a *pending* row (src/chi/README.md) announces it; when cp then reads that very
// mask, its entry is computed from the bytes just fetched, kept in the session, and written to the
// index in batches. README.md has the argument why a kept entry can never be the entry of another
// row.
#pragma once

#include "core/bytes.h"
#include "pg/pg.h"

extern "C" {
#include "storage/itemptr.h"
#include "utils/rel.h"
}

namespace mq
{

// GUCs; called once from _PG_init.
void learn_init();

// The row whose chain starts at `root` is pending, and cp is about to be called on `mask`, its mask
// as it stands in the tuple. Cheap; forgotten when cp does not follow soon.
void learn_announce(Relation index, const ItemPointerData *root, Datum mask);

// Whether the mask that is about to be read was announced; it is then read as a whole.
bool learn_wants(const struct varlena *stored);

// The bytes of an announced mask: computes its entry and keeps it. Errors: those of
// chi_build_entry.
void learn_offer(const struct varlena *stored, Bytes mask);

// An entry that this session has learnt and not (or, on a standby, cannot have) written. The bytes
// live until the next call into this module.
bool learn_lookup(Relation index, const ItemPointerData *root, Bytes *entry);

// Writes what has been learnt. Called at the end of a statement, and when a batch is full.
void learn_flush();

} // namespace mq
