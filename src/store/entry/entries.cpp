// Lock order: entries page, then tid page. The TID map's own path is made before either is locked.
#include "store/entry/entries.h"

#include "store/page/cache.h"
#include "store/page/tid_map.h"
#include "pg/compat.h"
#include "pg/locks.h"

extern "C" {
#include "storage/freespace.h"
}

namespace mq
{

// An exclusively locked page that takes an item of `need` bytes (line pointer included): the page
// used last, one that the free space map knows, or a new one. *fresh: the page has to be formatted
// as part of the change.
static Buffer page_with_room(Relation index, size_t need, bool building, bool *fresh)
{
    BlockNumber block = RelationGetTargetBlock(index);
    if (block == InvalidBlockNumber && !building)
        block = GetPageWithFreeSpace(index, need);

    while (block != InvalidBlockNumber) {
        size_t room = 0;
        CHECK_FOR_INTERRUPTS();

        // After a crash the free space map may know pages that the relation lost, or a page that
        // has become part of the TID map since. It is only a hint: such pages are passed over, and
        // forgotten.
        if (block_exists(index, block)) {
            Buffer buffer = ReadBuffer(index, block);
            LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
            Page page = BufferGetPage(buffer);
            ChiPageKind kind;

            // A page of zeros was added by someone who failed before formatting it.
            *fresh = PageIsNew(page);
            if (*fresh)
                return buffer;
            if (!page_is_sound(page, &kind))
                index_corrupted(index, "Block %u is not a page of this index.", block);
            if (kind == ChiPageKind::entries) {
                room = PageGetExactFreeSpace(page);
                if (room >= need)
                    return buffer;
            }
            UnlockReleaseBuffer(buffer);
        }
        if (building)
            break;
        block = RecordAndGetPageWithFreeSpace(index, block, room, need);
    }
    *fresh = true;
    return extend_index(index, MAIN_FORKNUM);
}

void already_indexed(Relation index, const ItemPointerData *tid)
{
    index_corrupted(index, "Tuple (%u,%u) has an entry already.",
                    ItemPointerGetBlockNumberNoCheck(tid), ItemPointerGetOffsetNumberNoCheck(tid));
}

// Where an entry is published: a slot that is empty (a new row) or pending, on a tid page.
struct Target {
    BlockNumber block; // of the tid page
    ItemPointerData tid;
    bool pending;
    bool building;
};

// The target's tid page, locked exclusively; *slot is the number of its slot, checked to be as the
// target says. When a slot is not pending any more the lock is given back and InvalidBuffer
// returned; one that is not empty is an error. `held` is the entries page that the caller has
// locked, if any.
static Buffer lock_slot(Relation index, const Target &target, Buffer held, uint32_t *slot)
{
    // The block was a tid page when the path to it was taken. A page of that number that is free
    // now is damage, and would be waited for without end.
    if (BufferIsValid(held) && BufferGetBlockNumber(held) == target.block)
        index_corrupted(index, "Block %u is in the TID map, but is no page of it.", target.block);
    Buffer buffer = read_locked(index, target.block, BUFFER_LOCK_EXCLUSIVE);
    ChiTidPage *page = checked_tid_page(index, buffer, tid_position(&target.tid));

    *slot = slot_number(&target.tid);
    if (!target.pending) {
        // Vacuum empties a slot before the heap reuses its line pointer, and the index learns of a
        // tuple once.
        if (!slot_is_empty(&page->slot[*slot]))
            already_indexed(index, &target.tid);
    } else if (!slot_is_pending(&page->slot[*slot])) {
        UnlockReleaseBuffer(buffer);
        return InvalidBuffer;
    }
    return buffer;
}

static bool publish_mark(Relation index, const Target &target, OffsetNumber mark)
{
    uint32_t slot;
    PageChange change;
    Buffer buffer = lock_slot(index, target, InvalidBuffer, &slot);
    if (!BufferIsValid(buffer))
        return false;

    begin_change(&change, index, target.building);
    set_slot_mark(slot_to_fill(tid_page(change_page(&change, buffer, false)), slot), mark);
    finish_change(&change);
    UnlockReleaseBuffer(buffer);
    return true;
}

// Stores one chunk, and says where. The first one (offset 0) is stored last: the entry becomes
// visible in the same WAL record. False when the target cannot take it any more; then nothing is
// stored.
static bool store_chunk(Relation index, const ChiChunk &header, const uint8_t *bytes,
                        const Target &target, ItemPointer location)
{
    alignas(MAXIMUM_ALIGNOF) char item[sizeof(ChiChunk) + kMaxChunkBytes];
    size_t size = sizeof header + header.size;
    memcpy(item, &header, sizeof header);
    memcpy(item + sizeof header, bytes, header.size);

    bool fresh;
    uint32_t slot = 0;
    Buffer tids = InvalidBuffer;
    Buffer buffer =
        page_with_room(index, MAXALIGN(size) + sizeof(ItemIdData), target.building, &fresh);
    RelationSetTargetBlock(
        index,
        BufferGetBlockNumber(buffer)); // also when it stays unused, for the next one to take it
    if (header.offset == 0) {
        tids = lock_slot(index, target, buffer, &slot);
        if (!BufferIsValid(tids)) {
            UnlockReleaseBuffer(buffer);
            return false;
        }
    }

    PageChange change;
    begin_change(&change, index, target.building);
    Page page = change_page(&change, buffer, fresh);
    if (fresh)
        init_page(page, ChiPageKind::entries);
    OffsetNumber offset = PageAddItem(page, (Item)item, size, InvalidOffsetNumber, false, false);
    if (offset == InvalidOffsetNumber)
        elog(ERROR, "failed to add an item of %zu bytes to index \"%s\"", size,
             RelationGetRelationName(index));

    ItemPointerSet(location, BufferGetBlockNumber(buffer), offset);
    if (BufferIsValid(tids))
        *slot_to_fill(tid_page(change_page(&change, tids, false)), slot) = *location;
    finish_change(&change);

    if (BufferIsValid(tids))
        UnlockReleaseBuffer(tids);
    UnlockReleaseBuffer(buffer);
    return true;
}

static bool store_entry(Relation index, const Target &target, const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return publish_mark(index, target, kOversizedMark);

    // Last chunk first, so that a chain is complete when its head is published.
    ChiChunk header;
    memset(&header, 0, sizeof header);
    header.tid = target.tid;
    header.total = size;
    ItemPointerData location;
    ItemPointerSetInvalid(&header.next);
    for (size_t i = (size - 1) / kMaxChunkBytes; i > 0; i--) {
        CHECK_FOR_INTERRUPTS();
        header.offset = i * kMaxChunkBytes;
        header.size = std::min(size - header.offset, kMaxChunkBytes);
        store_chunk(index, header, bytes + header.offset, target, &location);
        header.next = location;
    }
    header.offset = 0;
    header.size = std::min(size, kMaxChunkBytes);
    return store_chunk(index, header, bytes, target, &location);
}

void check_line_pointer(const ItemPointerData *tid)
{
    if (ItemPointerGetOffsetNumberNoCheck(tid) > kMaxLinePointer)
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("chi indexes do not support this table's access method"),
                        errdetail("A row has number %u in its block, a heap has at most %u.",
                                  ItemPointerGetOffsetNumberNoCheck(tid), kMaxLinePointer)));
}

static Target new_row(Relation index, const ItemPointerData *tid, bool building)
{
    check_line_pointer(tid);
    return Target{ensure_tid_page(index, tid_position(tid), building), *tid, false, building};
}

void put_entry(Relation index, const ItemPointerData *tid, const uint8_t *bytes, size_t size,
               bool building)
{
    store_entry(index, new_row(index, tid, building), bytes, size);
}

bool replace_pending(Relation index, const ItemPointerData *tid, BlockNumber tid_block,
                     const uint8_t *bytes, size_t size)
{
    return store_entry(index, Target{tid_block, *tid, true, false}, bytes, size);
}

bool read_slot(Relation index, const ItemPointerData *tid, Snapshot snapshot, ItemPointerData *slot)
{
    OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);
    BlockNumber tid_block;

    if (offset == InvalidOffsetNumber || offset > kMaxLinePointer ||
        !find_tid_page(index, tid_position(tid), &tid_block))
        return false;
    Buffer buffer = read_locked(index, tid_block, BUFFER_LOCK_SHARE);
    test_old_snapshot(snapshot, index, BufferGetPage(buffer));
    *slot = checked_tid_page(index, buffer, tid_position(tid))->slot[slot_number(tid)];
    UnlockReleaseBuffer(buffer);
    return true;
}

void reserve_entry(ChiEntryBuffer *buffer, size_t size)
{
    Assert(!holds_buffer_lock());
    if (buffer->capacity >= size)
        return;
    if (buffer->data)
        pfree(buffer->data);
    buffer->data = nullptr;
    buffer->capacity = 0;
    size_t capacity = std::max(size, size_t{2048});
    buffer->data = (uint8_t *)MemoryContextAlloc(buffer->context, capacity);
    buffer->capacity = capacity;
}

void add_block(BlockList *list, BlockNumber block)
{
    Assert(!holds_buffer_lock());
    if (list->count > 0 && list->blocks[list->count - 1] == block)
        return;
    if (list->count == list->capacity) {
        list->capacity = std::max(list->capacity * 2, uint32_t{64});
        size_t bytes = list->capacity * sizeof(BlockNumber);
        list->blocks =
            (BlockNumber *)(list->blocks ? repalloc(list->blocks, bytes) : palloc(bytes));
    }
    list->blocks[list->count++] = block;
}

ChiState read_entry(Relation index, const ItemPointerData *first, const ItemPointerData *tid,
                    Snapshot snapshot, ChiEntryBuffer *buffer, BlockList *visited)
{
    ItemPointerData location = *first;
    uint32_t total = 0, done = 0;

    do {
        // Only corruption can make a slot or a chunk point nowhere.
        if (ItemPointerGetOffsetNumberNoCheck(&location) == InvalidOffsetNumber)
            index_corrupted(index, "The entry of tuple (%u,%u) ends after %u of %u bytes.",
                            ItemPointerGetBlockNumberNoCheck(tid),
                            ItemPointerGetOffsetNumberNoCheck(tid), done, total);
        BlockNumber block = ItemPointerGetBlockNumberNoCheck(&location);
        Buffer locked = read_locked(index, block, BUFFER_LOCK_SHARE);
        Page page = BufferGetPage(locked);
        const ChiChunk *chunk = nullptr;
        if (sound_page_kind(index, block, page) == ChiPageKind::entries) {
            test_old_snapshot(snapshot, index, page);
            chunk = checked_chunk(index, page, ItemPointerGetOffsetNumberNoCheck(&location));
        }

        // The row was vacuumed or sealed between our look at its slot (or at the chunk before) and
        // now.
        if (!chunk || memcmp(&chunk->tid, tid, sizeof *tid) != 0 || chunk->offset != done ||
            (done > 0 && chunk->total != total)) {
            UnlockReleaseBuffer(locked);
            return ChiState::missing;
        }
        total = chunk->total;
        // Up to 64 MB are not asked for under a lock. When the memory is there the first chunk is
        // looked for anew; a later one has the same total.
        if (unlikely(total > buffer->capacity)) {
            UnlockReleaseBuffer(locked);
            reserve_entry(buffer, total);
            continue;
        }
        memcpy(buffer->data + done, chunk + 1, chunk->size);
        done += chunk->size;
        location = chunk->next;
        UnlockReleaseBuffer(locked);
        if (visited)
            add_block(visited, block);
        if (unlikely(done < total))
            CHECK_FOR_INTERRUPTS();
    } while (done < total);

    buffer->size = total;
    return ChiState::built;
}

// Takes out the chunks at `garbage` that still carry the TIDs seen there.
struct SeenChunk {
    OffsetNumber offset;
    ItemPointerData tid;
};
static bool is_there(Relation index, Page page, const SeenChunk &seen)
{
    const ChiChunk *chunk = checked_chunk(index, page, seen.offset);
    return chunk && same_slot(&chunk->tid, &seen.tid);
}

static int count_items(Page page)
{
    int used = 0;
    for (OffsetNumber offset = FirstOffsetNumber; offset <= PageGetMaxOffsetNumber(page); offset++)
        used += ItemIdIsUsed(PageGetItemId(page, offset));
    return used;
}

static void delete_chunks(Relation index, Buffer buffer, SeenChunk *garbage, int seen)
{
    Page page = BufferGetPage(buffer);
    int count = 0;
    for (int i = 0; i < seen; i++)
        if (is_there(index, page, garbage[i]))
            garbage[count++] = garbage[i];
    if (count == 0)
        return;

    // Nothing left is the rule after a seal, and an empty page is logged in no time.
    bool all = count == count_items(page);
    PageChange change;
    begin_change(&change, index, false);
    page = change_page(&change, buffer, all);
    if (all)
        init_page(page, ChiPageKind::entries);
    else {
        // Line pointers keep their numbers, since slots and chains name them; unused ones at the
        // end go, so that a page which has become empty takes a whole-page chunk again.
        for (int i = count - 1; i >= 0; i--)
            PageIndexTupleDeleteNoCompact(page, garbage[i].offset);
        PageSetHasFreeLinePointers(page);
        while (PageGetMaxOffsetNumber(page) > 0 &&
               !ItemIdIsUsed(PageGetItemId(page, PageGetMaxOffsetNumber(page))))
            ((PageHeader)page)->pd_lower -= sizeof(ItemIdData);
    }
    finish_change(&change);
}

void remove_chunks(Relation index, BlockNumber block, const ChunkFilter &filter, bool *empty)
{
    SeenChunk seen[kPageCapacity / (sizeof(ChiChunk) + sizeof(ItemIdData))];
    int items = 0;
    *empty = false;

    if (!block_exists(index, block))
        index_corrupted(index, "Block %u lies beyond the end of the index.", block);
    Buffer buffer = ReadBufferExtended(index, MAIN_FORKNUM, block, RBM_NORMAL, filter.strategy);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    Page page = BufferGetPage(buffer);
    if (sound_page_kind(index, block, page) != ChiPageKind::entries) {
        UnlockReleaseBuffer(buffer);
        return;
    }
    for (OffsetNumber offset = FirstOffsetNumber; offset <= PageGetMaxOffsetNumber(page);
         offset++) {
        const ChiChunk *chunk = checked_chunk(index, page, offset);
        if (!chunk)
            continue;
        if (items == lengthof(seen))
            index_corrupted(index, "Block %u has more items than fit a page.", block);
        seen[items++] = {offset, chunk->tid};
    }
    LockBuffer(buffer, BUFFER_LOCK_UNLOCK);

    int count = 0;
    for (int i = 0; i < items; i++)
        if (filter.is_garbage(index, &seen[i].tid, filter.arg))
            seen[count++] = seen[i];

    // Others may have added and removed chunks meanwhile, or have made the page part of a segment.
    LockBuffer(buffer, count > 0 ? BUFFER_LOCK_EXCLUSIVE : BUFFER_LOCK_SHARE);
    page = BufferGetPage(buffer);
    size_t room = 0;
    if (sound_page_kind(index, block, page) == ChiPageKind::entries) {
        if (count > 0)
            delete_chunks(index, buffer, seen, count);
        room = PageGetExactFreeSpace(page);
        *empty = PageGetMaxOffsetNumber(page) == 0;
    }
    UnlockReleaseBuffer(buffer);
    note_room(index, block, room);
}

} // namespace mq
