// VACUUM, in two passes. The first walks the TID map and empties the slots of dead rows: from then
// on their entries cannot be found. The second walks all pages and takes out chunks that belong to
// dead rows.
//
// The heap frees a line pointer for reuse only after both are done. So a crash in between leaves
// chunks without a slot, whose rows the next VACUUM reports dead again; likewise chunks that an
// inserter wrote before it failed to publish them. Chunks of a pending row that were written, but
// came too late to be published, go when the row of their TID does.
//
// No cleanup locks: readers copy what they need under a share lock, and never look at a page by a
// remembered address.
#include "chi/am.h"
#include "chi/cache.h"
#include "chi/entries.h"
#include "chi/summarize.h"
#include "chi/tid_map.h"
#include "pg/compat.h"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/index.h"
#include "storage/freespace.h"
#include "storage/indexfsm.h"
}

namespace mq
{

struct VacuumState {
    IndexVacuumInfo *info;
    IndexBulkDeleteResult *stats;
    IndexBulkDeleteCallback is_dead;
    void *is_dead_arg;
};

static void empty_slots(Relation index, BlockNumber block, BlockNumber first_heap_block,
                        const uint32_t *dead, uint32_t count)
{
    PageChange change;
    Buffer buffer = read_locked(index, block, BUFFER_LOCK_EXCLUSIVE);
    checked_tid_page(index, buffer, first_heap_block);

    // The slot of a dead row is emptied by the one VACUUM that runs. At most it was filled since we
    // looked at it, by who computed the entry of a pending row; that entry goes with the rest in
    // the second pass.
    begin_change(&change, index, false);
    ChiTidPage *page = tid_page(change_page(&change, buffer, false));
    for (uint32_t i = 0; i < count; i++)
        set_slot_empty(&page->slot[dead[i]]);
    finish_change(&change);
    UnlockReleaseBuffer(buffer);
}

static void vacuum_tid_page(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position,
                            void *arg)
{
    VacuumState *state = (VacuumState *)arg;
    if (kind != ChiPageKind::tids)
        return;
    vacuum_delay();

    BlockNumber first_heap_block = position * kHeapBlocksPerTidPage;
    ChiTidPage copy;
    copy_tid_page(index, block, first_heap_block, &copy);

    uint32_t dead[kSlotsPerTidPage], count = 0;
    for (uint32_t i = 0; i < kSlotsPerTidPage; i++) {
        if (slot_is_empty(&copy.slot[i]))
            continue;
        ItemPointerData tid;
        ItemPointerSet(&tid, first_heap_block + i / kSlotsPerHeapBlock, i % kSlotsPerHeapBlock + 1);
        if (state->is_dead(&tid, state->is_dead_arg))
            dead[count++] = i;
        else
            state->stats->num_index_tuples++;
    }
    if (count > 0)
        empty_slots(index, block, first_heap_block, dead, count);
    state->stats->tuples_removed += count;
}

// True when the chunk belongs to a dead row. Rows with a slot are alive, the first pass saw to
// that; they are not asked about twice, because CREATE INDEX CONCURRENTLY uses these calls to
// gather TIDs.
static bool chunk_is_dead(VacuumState *state, Relation index, ItemPointer tid)
{
    ItemPointerData slot;
    if (read_slot(index, tid, nullptr, &slot) && !slot_is_empty(&slot))
        return false;
    return state->is_dead(tid, state->is_dead_arg);
}

static void remove_chunks(Relation index, Buffer buffer, const OffsetNumber *dead, int count)
{
    PageChange change;
    begin_change(&change, index, false);
    Page page = change_page(&change, buffer, false);

    // Line pointers keep their numbers, since slots and chains name them; unused ones at the end
    // go, so that a page which has become empty takes a whole-page chunk again.
    for (int i = count - 1; i >= 0; i--)
        PageIndexTupleDeleteNoCompact(page, dead[i]);
    PageSetHasFreeLinePointers(page);
    while (PageGetMaxOffsetNumber(page) > 0 &&
           !ItemIdIsUsed(PageGetItemId(page, PageGetMaxOffsetNumber(page))))
        ((PageHeader)page)->pd_lower -= sizeof(ItemIdData);
    finish_change(&change);
}

static void vacuum_entries_page(VacuumState *state, BlockNumber block)
{
    Relation index = state->info->index;
    struct {
        OffsetNumber offset;
        ItemPointerData tid;
    } found[kPageCapacity / (sizeof(ChiChunk) + sizeof(ItemIdData))];
    int items = 0;

    Buffer buffer =
        ReadBufferExtended(index, MAIN_FORKNUM, block, RBM_NORMAL, state->info->strategy);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    Page page = BufferGetPage(buffer);
    ChiPageKind kind;
    if (PageIsNew(page)) {
        // Left by someone who failed between adding and formatting it; whoever takes it from the
        // free space map does.
        UnlockReleaseBuffer(buffer);
        RecordPageWithFreeSpace(index, block, kPageCapacity);
        state->stats->pages_free++;
        return;
    }
    if (!page_is_sound(page, &kind))
        index_corrupted(index, "Block %u is not a page of this index.", block);
    if (kind != ChiPageKind::entries) {
        UnlockReleaseBuffer(buffer);
        return;
    }
    for (OffsetNumber offset = FirstOffsetNumber; offset <= PageGetMaxOffsetNumber(page);
         offset++) {
        const ChiChunk *chunk = checked_chunk(index, page, offset);
        if (!chunk)
            continue;
        if (items == lengthof(found))
            index_corrupted(index, "Block %u has more items than fit a page.", block);
        found[items++] = {offset, chunk->tid};
    }
    LockBuffer(buffer, BUFFER_LOCK_UNLOCK);

    OffsetNumber dead[lengthof(found)];
    int count = 0;
    for (int i = 0; i < items; i++)
        if (chunk_is_dead(state, index, &found[i].tid))
            dead[count++] = found[i].offset;

    // Others may have added chunks meanwhile, but nobody else removes any, so the offsets still
    // name the dead.
    LockBuffer(buffer, count > 0 ? BUFFER_LOCK_EXCLUSIVE : BUFFER_LOCK_SHARE);
    if (count > 0)
        remove_chunks(index, buffer, dead, count);
    page = BufferGetPage(buffer);
    size_t room = PageGetExactFreeSpace(page);
    if (PageGetMaxOffsetNumber(page) == 0)
        state->stats->pages_free++;
    UnlockReleaseBuffer(buffer);
    RecordPageWithFreeSpace(index, block, room);
}

extern "C" IndexBulkDeleteResult *chi_bulk_delete(IndexVacuumInfo *info,
                                                  IndexBulkDeleteResult *stats,
                                                  IndexBulkDeleteCallback callback,
                                                  void *callback_state)
{
    Relation index = info->index;
    if (!stats)
        stats = (IndexBulkDeleteResult *)palloc0(sizeof(IndexBulkDeleteResult));

    // A VACUUM short of memory calls more than once; the counts are those of the last pass, but
    // removals add up.
    stats->num_index_tuples = 0;
    stats->pages_free = 0;

    VacuumState state = {info, stats, callback, callback_state};
    walk_map(index, MapVisitor{vacuum_tid_page, &state});

    // Pages added from here on hold only chunks of rows that are too young to be dead, or that are
    // never published, since the slots are empty now. The extension lock makes sure that every page
    // counted has been locked by whoever added it.
    if (!RELATION_IS_LOCAL(index))
        LockRelationForExtension(index, ExclusiveLock);
    BlockNumber blocks = RelationGetNumberOfBlocks(index);
    if (!RELATION_IS_LOCAL(index))
        UnlockRelationForExtension(index, ExclusiveLock);
    for (BlockNumber block = 1; block < blocks; block++) {
        vacuum_delay();
        vacuum_entries_page(&state, block);
    }
    stats->pages_deleted = stats->pages_free;
    return stats;
}

extern "C" IndexBulkDeleteResult *chi_vacuum_cleanup(IndexVacuumInfo *info,
                                                     IndexBulkDeleteResult *stats)
{
    if (info->analyze_only)
        return stats;

    // Without dead rows there is nothing to clean, and reading the whole index only to count its
    // entries would be waste.
    if (!stats) {
        stats = (IndexBulkDeleteResult *)palloc0(sizeof(IndexBulkDeleteResult));
        stats->num_index_tuples = info->num_heap_tuples;
        stats->estimated_count = true;
    } else {
        IndexFreeSpaceMapVacuum(info->index);
    }

    // PostgreSQL 15 does not pass the table on.
    Relation heap =
        table_open(IndexGetRelation(RelationGetRelid(info->index), false), AccessShareLock);
    vacuum_summarize(heap, info->index);
    table_close(heap, AccessShareLock);

    stats->num_pages = RelationGetNumberOfBlocks(info->index);
    return stats;
}

} // namespace mq
