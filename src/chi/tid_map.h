// The TID map: from a heap line pointer to the slot that says where its entry lies.
#pragma once

#include "chi/page.h"

namespace mq
{

// The tid page that covers a heap block. False when there is none yet: no row of these blocks is in
// the index. Takes one share lock at a time, on map pages. Errors: index_corrupted.
bool find_tid_page(Relation index, BlockNumber heap_block, BlockNumber *tid_page_block);

// The same, after creating the tid page and its ancestors where they are missing.
// REQUIRES: the caller holds no buffer lock.
BlockNumber ensure_tid_page(Relation index, BlockNumber heap_block, bool building);

// The tid page in a locked buffer, checked to be the one that covers heap_block. Errors:
// index_corrupted.
ChiTidPage *checked_tid_page(Relation index, Buffer buffer, BlockNumber heap_block);

// A copy of the tid page in `block` that covers heap_block, taken under a share lock, to walk its
// slots with no lock held. Errors: index_corrupted.
void copy_tid_page(Relation index, BlockNumber block, BlockNumber heap_block, ChiTidPage *copy);

// Copies the block numbers of the tid pages under a directory page, the `directory`th in heap
// order; 0 where there is none yet. REQUIRES: room for kMapFanout. Errors: index_corrupted.
void copy_tid_blocks(Relation index, uint32_t directory, BlockNumber *blocks);

// Calls visit for every map page, parents before children, tid pages in heap order, holding no
// lock. Pages that appear meanwhile may be missed. `position` is the page's place on its level.
struct MapVisitor {
    void (*visit)(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position,
                  void *arg);
    void *arg;
};
void walk_map(Relation index, const MapVisitor &visitor);

} // namespace mq
