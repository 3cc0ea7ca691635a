// The TID map: from a heap line pointer to the slot that says where its entry lies.
#pragma once

#include "store/page/page.h"

extern "C" {
#include "utils/snapshot.h"
}

namespace mq
{

// The tid page of a position (page.h), checked to be it; it stays so, since pages of the map never
// change their kind or place. False when there is none yet: no row of it is in the index. Takes one
// share lock at a time, on map pages. Errors: index_corrupted.
bool find_tid_page(Relation index, uint32_t position, BlockNumber *tid_page_block);

// The same, after creating the tid page and its ancestors where they are missing.
// REQUIRES: the caller holds no buffer lock.
BlockNumber ensure_tid_page(Relation index, uint32_t position, bool building);

// The tid page in a locked buffer, checked to be the one of this position. Errors: index_corrupted.
ChiTidPage *checked_tid_page(Relation index, Buffer buffer, uint32_t position);

// A copy of the tid page in `block`, taken under a share lock, to walk its slots with no lock held.
// Slots beyond those in use become garbage. With a snapshot, "snapshot too old" is an error.
// Errors: index_corrupted.
void copy_tid_page(Relation index, BlockNumber block, uint32_t position, Snapshot snapshot,
                   ChiTidPage *copy);

// Copies the block numbers of the tid pages under a directory page, the `directory`th of the
// map; 0 where there is none yet. REQUIRES: room for kMapFanout. Errors: index_corrupted.
void copy_tid_blocks(Relation index, uint32_t directory, BlockNumber *blocks);

// Calls visit for every map page, parents before children, tid pages in the order of positions,
// holding no lock, until it returns false. Pages that appear meanwhile may be missed. `position` is
// the page's place on its level.
struct MapVisitor {
    bool (*visit)(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position,
                  void *arg);
    void *arg;
};
void walk_map(Relation index, const MapVisitor &visitor);

} // namespace mq
