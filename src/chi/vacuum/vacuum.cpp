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
#include "store/page/cache.h"
#include "store/entry/entries.h"
#include "store/segment/seal.h"
#include "chi/pending/summarize.h"
#include "store/page/tid_map.h"
#include "chi/vacuum/vacuum_seal.h"
#include "chi/vacuum/vacuum_segments.h"
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
    SegmentPass *segments;
};

static void empty_slots(Relation index, BlockNumber block, uint32_t position, const uint32_t *dead,
                        uint32_t count)
{
    PageChange change;
    Buffer buffer = read_locked(index, block, BUFFER_LOCK_EXCLUSIVE);
    checked_tid_page(index, buffer, position);

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

static bool vacuum_tid_page(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position,
                            void *arg)
{
    VacuumState *state = (VacuumState *)arg;
    if (kind != ChiPageKind::tids)
        return true;
    vacuum_delay();

    ChiTidPage copy;
    copy_tid_page(index, block, position, nullptr, &copy);

    uint32_t dead[kSlotsPerTidPage], count = 0;
    for_each_slot(copy, [&](const ItemPointerData &, ItemPointerData tid) {
        if (state->is_dead(&tid, state->is_dead_arg))
            dead[count++] = slot_number(&tid);
        else
            state->stats->num_index_tuples++;
    });
    if (count > 0)
        empty_slots(index, block, position, dead, count);
    state->stats->tuples_removed += count;
    return true;
}

// True when the chunk belongs to a dead row, or is the copy of an entry that has been sealed. Rows
// with a slot are alive, the first pass saw to that; they are not asked about twice, because CREATE
// INDEX CONCURRENTLY uses these calls to gather TIDs.
static bool chunk_is_garbage(Relation index, const ItemPointerData *tid, void *arg)
{
    VacuumState *state = (VacuumState *)arg;
    ItemPointerData slot, row = *tid;
    if (read_slot(index, tid, nullptr, &slot) && !slot_is_empty(&slot))
        return slot_is_segment_row(&slot);
    return state->is_dead && state->is_dead(&row, state->is_dead_arg);
}

static void vacuum_page(VacuumState *state, BlockNumber block)
{
    Relation index = state->info->index;
    Buffer buffer =
        ReadBufferExtended(index, MAIN_FORKNUM, block, RBM_NORMAL, state->info->strategy);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    Page page = BufferGetPage(buffer);
    bool is_new = PageIsNew(page);
    ChiPageKind kind = ChiPageKind::entries;
    if (!is_new)
        kind = sound_page_kind(index, block, page);
    UnlockReleaseBuffer(buffer);

    if (is_new) {
        // Left by someone who failed between adding and formatting it; whoever takes it from the
        // free space map does.
        note_room(index, block, kPageCapacity);
        state->stats->pages_free++;
    } else if (kind == ChiPageKind::entries) {
        bool empty;
        remove_chunks(index, block, ChunkFilter{chunk_is_garbage, state, state->info->strategy},
                      &empty);
        state->stats->pages_free += empty;
    } else if (kind == ChiPageKind::segment)
        pass_segment_page(state->segments, block);
}

// The second pass. REQUIRES: the slots of dead rows are empty.
static void visit_pages(VacuumState *state)
{
    Relation index = state->info->index;

    // A seal that read the entry of a dead row before its slot was emptied must be over before the
    // heap gives the line pointer away.
    uint64_t finished = wait_for_seals(index);

    // Pages added from here on hold only chunks of rows that are too young to be dead, or that are
    // never published, since the slots are empty now. The extension lock makes sure that every page
    // counted has been locked by whoever added it.
    if (!RELATION_IS_LOCAL(index))
        LockRelationForExtension(index, ExclusiveLock);
    BlockNumber blocks = RelationGetNumberOfBlocks(index);
    if (!RELATION_IS_LOCAL(index))
        UnlockRelationForExtension(index, ExclusiveLock);
    state->segments = begin_segment_pass(index, state->info->strategy, finished, blocks);
    for (BlockNumber block = 1; block < blocks; block++) {
        vacuum_delay();
        vacuum_page(state, block);
    }
    state->stats->pages_free += finish_segment_pass(state->segments);
    note_cleaned(index, finished);
}

extern "C" IndexBulkDeleteResult *chi_bulk_delete(IndexVacuumInfo *info,
                                                  IndexBulkDeleteResult *stats,
                                                  IndexBulkDeleteCallback callback,
                                                  void *callback_state)
{
    if (!stats)
        stats = (IndexBulkDeleteResult *)palloc0(sizeof(IndexBulkDeleteResult));

    // A VACUUM short of memory calls more than once; the counts are those of the last pass, but
    // removals add up.
    stats->num_index_tuples = 0;
    stats->pages_free = 0;

    VacuumState state = {info, stats, callback, callback_state, nullptr};
    walk_map(info->index, MapVisitor{vacuum_tid_page, &state});
    visit_pages(&state);
    stats->pages_deleted = stats->pages_free;
    return stats;
}

extern "C" IndexBulkDeleteResult *chi_vacuum_cleanup(IndexVacuumInfo *info,
                                                     IndexBulkDeleteResult *stats)
{
    Relation index = info->index;
    if (info->analyze_only)
        return stats;

    if (!stats) {
        // Without dead rows there is nothing to clean but what a seal left that was cut short, and
        // there is none of that when nothing was sealed since all pages were seen last.
        stats = (IndexBulkDeleteResult *)palloc0(sizeof(IndexBulkDeleteResult));
        SegmentMarks marks = segment_marks(index);
        if (marks.next != marks.cleaned) {
            VacuumState state = {info, stats, nullptr, nullptr, nullptr};
            visit_pages(&state);
        }
        stats->num_index_tuples = info->num_heap_tuples;
        stats->estimated_count = true;
    }

    // PostgreSQL 15 does not pass the table on.
    Relation heap = table_open(IndexGetRelation(RelationGetRelid(index), false), AccessShareLock);
    vacuum_summarize(heap, index);
    table_close(heap, AccessShareLock);

    stats->pages_free += vacuum_seal(index, info->strategy);
    stats->pages_deleted = stats->pages_free;
    IndexFreeSpaceMapVacuum(index);
    stats->num_pages = RelationGetNumberOfBlocks(index);
    return stats;
}

} // namespace mq
