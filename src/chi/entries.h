// Entries on pages: writing, publishing and reading them.
#pragma once

#include "chi/chi.h"
#include "chi/page.h"

extern "C" {
#include "utils/snapshot.h"
}

namespace mq
{

// All of these REQUIRE: size <= kMaxEntryBytes; the caller holds no buffer lock. size = 0: the row
// is marked as oversized.

// Stores the entry of a heap TID that the index does not know, and publishes it.
// Errors: index_corrupted when the TID has an entry already.
void put_entry(Relation index, const ItemPointerData *tid, const uint8_t *bytes, size_t size,
               bool building);

// Entries are found by heap line pointers, and only so many fit a heap page. Errors:
// ERRCODE_FEATURE_NOT_SUPPORTED for rows of another access method that are numbered further.
void check_line_pointer(const ItemPointerData *tid);

// index_corrupted, because a row that is new to the index has a slot in use.
[[noreturn]] void already_indexed(Relation index, const ItemPointerData *tid);

// Stores and publishes the entry of a TID that is pending. False, when it is not any more: nothing
// has changed then, but for chunks (of an entry of several) that nothing leads to.
bool replace_pending(Relation index, const ItemPointerData *tid, BlockNumber tid_block,
                     const uint8_t *bytes, size_t size);

// The slot of a heap TID; false when there is no tid page for it or its line pointer number is
// beyond any heap page.
bool read_slot(Relation index, const ItemPointerData *tid, Snapshot snapshot,
               ItemPointerData *slot);

// Copies the entry whose first chunk lies at `first`, following the chain. Returns missing when
// what lies there is not the entry of this TID (any more), built else. chunks, when given, receives
// the length of the chain. Errors: index_corrupted.
ChiState read_entry(Relation index, const ItemPointerData *first, const ItemPointerData *tid,
                    Snapshot snapshot, ChiEntryBuffer *buffer, uint32_t *chunks);

} // namespace mq
