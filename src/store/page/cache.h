// What a backend keeps of an index between calls, in rd_amcache.
#pragma once

#include "store/store.h"
#include "store/page/page.h"

namespace mq
{

// Everything here holds for as long as the relation's file does: the metapage's facts never change
// after the build, and pages of the TID map are never moved nor freed. The relation cache frees it
// on any invalidation of the index, so a pointer to it must not be kept across anything that may
// open a relation or take a heavyweight lock.
struct ChiCache {
    ChiIndexInfo info;
    BlockNumber root[kMapRoots]; // 0: did not exist when the metapage was read
    BlockNumber blocks;          // the relation had at least this many

    // The last path taken through the TID map. A block of 0 marks an unused level.
    uint32_t directory_position, tids_position;
    BlockNumber directory_block, tids_block;
};

// Reads and checks the metapage on first use. Errors: index_corrupted.
ChiCache *chi_cache(Relation index);

// Reads and checks the metapage, cached or not. Errors: index_corrupted.
void read_meta_page(Relation index, ChiCache *out);

// Throws the cache away, for whoever rewrites the index under the same relation cache entry.
void forget_cache(Relation index);

// True when the relation has the block.
bool block_exists(Relation index, BlockNumber block);

// Reads and locks a block whose number was found on a page. Errors: index_corrupted when it lies
// beyond the end.
Buffer read_locked(Relation index, BlockNumber block, int lock);

// The content of a metapage for a new index; `pending`: it will have pending entries.
void init_meta_page(Page page, const ChiIndexInfo &info, bool pending);

// False when no entry of the index is pending. Saves a walk through the TID map; asks the metapage,
// not the cache.
bool may_have_pending(Relation index);
// For whoever has walked the whole TID map and found no pending slot: CREATE INDEX alone makes
// them, so that stays true.
void forget_pending(Relation index);

// The number that the next segment gets, counted on. Locks the metapage.
uint64_t take_segment_id(Relation index, bool building);

// Segments before `next` have been begun. Those before `cleaned` had been finished or given up when
// VACUUM went through all pages.
struct SegmentMarks {
    uint64_t next, cleaned;
};
SegmentMarks segment_marks(Relation index);
void note_cleaned(Relation index, uint64_t cleaned);

} // namespace mq
