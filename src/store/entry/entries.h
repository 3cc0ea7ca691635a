// Entries on pages: writing, publishing and reading them.
#pragma once

#include "store/store.h"
#include "store/page/page.h"

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

// Makes room for an entry of `size` bytes; what the buffer holds is lost when it grows.
void reserve_entry(ChiEntryBuffer *buffer, size_t size);

// Blocks in the order met, each once in a row. The array is palloc'd and grows; all zeros is empty.
struct BlockList {
    BlockNumber *blocks;
    uint32_t count, capacity;
};
void add_block(BlockList *list, BlockNumber block);

// Copies the entry whose first chunk lies at `first`, following the chain. Returns missing when
// what lies there is not the entry of this TID (any more), built else. `visited`, when given, gets
// the blocks of the chain. Errors: index_corrupted.
ChiState read_entry(Relation index, const ItemPointerData *first, const ItemPointerData *tid,
                    Snapshot snapshot, ChiEntryBuffer *buffer, BlockList *visited = nullptr);

// Removes chunks from an entries page: those that is_garbage is true of, asked about each chunk's
// TID while no lock is held. The answer must hold for as long as the caller keeps the TID's line
// pointer from being used again. Tells the free space map what room is left; *empty: the page holds
// no chunk. Nothing happens to pages of other kinds. Errors: index_corrupted.
struct ChunkFilter {
    bool (*is_garbage)(Relation index, const ItemPointerData *tid, void *arg);
    void *arg;
    BufferAccessStrategy strategy;
};
void remove_chunks(Relation index, BlockNumber block, const ChunkFilter &filter, bool *empty);

} // namespace mq
