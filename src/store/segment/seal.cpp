// The order of a seal: the pages of the segment, then the slots, tid page by tid page, then the
// row-shaped copies. An error or a crash in between leaves a segment with rows that no slot leads
// to, or row-shaped entries that none does; VACUUM takes both out.
#include "store/segment/seal.h"

#include <algorithm>

#include "store/page/cache.h"
#include "store/segment/segments.h"
#include "store/page/tid_map.h"
#include "pg/guard.h"
#include "pg/optional.h"
#include "pg/pause.h"

extern "C" {
#include "storage/lmgr.h"
}

namespace mq
{

// Fewer rows do not pay for the first page of a segment.
constexpr uint32_t kMinSegmentRows = 32;

// The page lock of a block of the TID map, which has no other use. kWalkLock has block 0.
constexpr BlockNumber kSealLock = 1;

uint32_t segment_rows_for(size_t entry_size)
{
    uint32_t rows = segment_rows(entry_size);
    return rows < kMinSegmentRows ? 0 : rows;
}

void lock_seals(Relation index)
{
    LockPage(index, kSealLock, ShareLock);
}

void unlock_seals(Relation index)
{
    UnlockPage(index, kSealLock, ShareLock);
}

uint64_t wait_for_seals(Relation index)
{
    LockPage(index, kSealLock, ExclusiveLock);
    uint64_t next = segment_marks(index).next;
    UnlockPage(index, kSealLock, ExclusiveLock);
    return next;
}

// ---- the slots ----

// The rows of one segment while it is made, in TID order.
struct SealedRows {
    uint32_t count;
    ItemPointerData tids[kSegmentRows];
    ItemPointerData was[kSegmentRows];
    bool lost[kSegmentRows]; // the slot had changed; it keeps what it had
};

// Points those of the slots [from, to) that lie on the tid page of this position to the segment. A
// slot that is not what it was any more belongs to somebody who was faster: to another sealer or
// learner of the same row, or to VACUUM.
static void repoint_page(Relation index, BlockNumber tid_block, uint32_t position, SealedRows *rows,
                         uint32_t from, uint32_t to, BlockNumber first, bool building)
{
    PageChange change;
    Buffer buffer = read_locked(index, tid_block, BUFFER_LOCK_EXCLUSIVE);
    checked_tid_page(index, buffer, position);

    begin_change(&change, index, building);
    ChiTidPage *page = tid_page(change_page(&change, buffer, false));
    for (uint32_t i = from; i < to; i++) {
        const ItemPointerData *tid = &rows->tids[i];
        if (tid_position(tid) != position)
            continue;
        const uint32_t number = slot_number(tid);
        rows->lost[i] = !same_slot(&page->slot[number], &rows->was[i]);
        if (!rows->lost[i])
            set_slot_segment_row(slot_to_fill(page, number), first, i);
        else if (building)
            already_indexed(index, tid);
    }
    finish_change(&change);
    UnlockReleaseBuffer(buffer);
}

static uint32_t range_of(const ItemPointerData *tid)
{
    return ItemPointerGetBlockNumberNoCheck(tid) / kHeapBlocksPerTidPage;
}

// Slots [from, to), all of one range of heap blocks.
static void repoint_range(Relation index, SealedRows *rows, uint32_t from, uint32_t to,
                          BlockNumber first, bool building)
{
    const uint32_t begin = range_of(&rows->tids[from]) * kTidPagesPerRange;
    bool any[kTidPagesPerRange] = {};
    for (uint32_t i = from; i < to; i++) {
        any[tid_position(&rows->tids[i]) - begin] = true;
        rows->lost[i] = true; // unless there is a page with its slot
    }
    for (uint32_t p = 0; p < kTidPagesPerRange; p++) {
        BlockNumber tid_block;
        if (!any[p])
            continue;
        if (building)
            tid_block = ensure_tid_page(index, begin + p, true);
        else if (!find_tid_page(index, begin + p, &tid_block))
            continue;
        repoint_page(index, tid_block, begin + p, rows, from, to, first, building);
    }
}

static void repoint(Relation index, SealedRows *rows, BlockNumber first, bool building)
{
    for (uint32_t from = 0, to; from < rows->count; from = to) {
        for (to = from + 1;
             to < rows->count && range_of(&rows->tids[to]) == range_of(&rows->tids[from]);)
            to++;
        repoint_range(index, rows, from, to, first, building);
    }
}

// ---- one segment ----

static bool has_sealed_copy(Relation index, const ItemPointerData *tid, void *arg)
{
    ItemPointerData slot;
    return read_slot(index, tid, nullptr, &slot) && slot_is_segment_row(&slot);
}

// Where the row-shaped entries of a group lie, while slots still lead to them.
static BlockList list_copies(Relation index, const SealedRows *rows, size_t entry_size)
{
    BlockList blocks = {};
    ChiEntryBuffer scratch;
    scratch.context = CurrentMemoryContext;
    for (uint32_t i = 0; i < rows->count; i++) {
        if (!slot_is_chunk(&rows->was[i]))
            continue;
        if (entry_size <= kMaxChunkBytes)
            add_block(&blocks, ItemPointerGetBlockNumberNoCheck(&rows->was[i]));
        else
            read_entry(index, &rows->was[i], &rows->tids[i], nullptr, &scratch, &blocks);
    }
    if (scratch.data)
        pfree(scratch.data);
    return blocks;
}

// Removes the row-shaped copies of rows that are in the segment now, and of others that are in
// segments: once a slot leads to a segment, its row never has a row-shaped entry again.
static void remove_copies(Relation index, BlockList *list)
{
    BlockNumber *end = list->blocks + list->count;
    std::sort(list->blocks, end);
    end = std::unique(list->blocks, end);
    for (BlockNumber *block = list->blocks; block < end; block++) {
        bool empty;
        CHECK_FOR_INTERRUPTS();
        remove_chunks(index, *block, ChunkFilter{has_sealed_copy, nullptr, nullptr}, &empty);
    }
    if (list->blocks)
        pfree(list->blocks);
}

static void clear_lost_rows(Relation index, BlockNumber first, uint64_t id, const SealedRows *rows)
{
    SegmentRow lost[kSegmentRows];
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows->count; i++)
        if (rows->lost[i])
            lost[count++] = {i, rows->tids[i]};
    if (count > 0)
        clear_segment_rows(index, first, id, lost, count, false);
}

static void sort_rows(const SealGroup *group, uint32_t *order)
{
    for (uint32_t i = 0; i < group->count; i++)
        order[i] = i;
    std::sort(order, order + group->count, [&](uint32_t a, uint32_t b) {
        return ItemPointerCompare((ItemPointer)&group->tids[a], (ItemPointer)&group->tids[b]) < 0;
    });
}

// Makes a segment of all rows of a group, and empties the group.
static void seal_group(Sealer *sealer, SealGroup *group)
{
    Relation index = sealer->index;
    MemoryContext caller = MemoryContextSwitchTo(sealer->context);
    ChiIndexInfo info = *chi_index_info(index);
    SealedRows *rows = (SealedRows *)palloc(sizeof(SealedRows));
    Bytes *entries = (Bytes *)palloc(sizeof(Bytes) * group->count);
    uint32_t order[kSegmentRows];

    sort_rows(group, order);
    rows->count = group->count;
    for (uint32_t i = 0; i < group->count; i++) {
        rows->tids[i] = group->tids[order[i]];
        rows->was[i] = group->was[order[i]];
        rows->lost[i] = false;
        entries[i] = Bytes{group->entries + order[i] * group->entry_size, group->entry_size};
    }

    size_t capacity, size;
    call_core([&](Error &err) {
        return segment_size_bound(entries[0], group->count, info.grid, info.bins, &capacity, err);
    });
    uint8_t *payload = (uint8_t *)palloc(capacity);
    call_core([&](Error &err) {
        return build_segment(entries, group->count, info.grid, info.bins, payload, capacity, &size,
                             err);
    });

    if (!sealer->building)
        lock_seals(index);
    uint64_t id = take_segment_id(index, sealer->building);
    BlockNumber first = write_segment(index, id, rows->tids, rows->count, payload, size,
                                      sealer->building, &sealer->unfinished);
    BlockList copies = list_copies(index, rows, group->entry_size);
    pause_point(PausePoint::segment_written);
    repoint(index, rows, first, sealer->building);
    if (!sealer->building) {
        clear_lost_rows(index, first, id, rows);
        remove_copies(index, &copies);
        unlock_seals(index);
    }
    sealer->sealed += std::count(rows->lost, rows->lost + rows->count, false);

    pfree(payload);
    pfree(entries);
    pfree(rows);
    MemoryContextSwitchTo(caller);
    group->count = 0;
}

// ---- collecting ----

Sealer make_sealer(Relation index, bool building)
{
    Sealer sealer = {};
    sealer.index = index;
    sealer.building = building;
    sealer.context =
        AllocSetContextCreate(CurrentMemoryContext, "chi seal", ALLOCSET_DEFAULT_SIZES);
    return sealer;
}

// Gives the rows of a group that has too few for a segment what they need: a new row or a pending
// one gets an entry of its own.
static void store_rows(Sealer *sealer, SealGroup *group)
{
    for (uint32_t i = 0; i < group->count; i++) {
        const uint8_t *entry = group->entries + i * group->entry_size;
        if (slot_is_empty(&group->was[i]))
            put_entry(sealer->index, &group->tids[i], entry, group->entry_size, sealer->building);
        else if (slot_is_pending(&group->was[i]) &&
                 chi_fill_pending(sealer->index, &group->tids[i], entry, group->entry_size))
            sealer->sealed++;
    }
    group->count = 0;
}

// Few rows of thin segments are written anew all the same, so that what they leave can be freed.
static bool any_sealed(const SealGroup *group)
{
    for (uint32_t i = 0; i < group->count; i++)
        if (slot_is_segment_row(&group->was[i]))
            return true;
    return false;
}

static void empty_group(Sealer *sealer, SealGroup *group)
{
    if (group->count >= kMinSegmentRows || any_sealed(group))
        seal_group(sealer, group);
    else
        store_rows(sealer, group);
}

// The group of entries with this header: one that has it, though it may have been sealed and be
// empty; or a free one, or the one that was used longest ago.
static SealGroup *find_group(Sealer *sealer, const uint8_t *entry, size_t size)
{
    SealGroup *oldest = &sealer->groups[0];
    for (SealGroup &group : sealer->groups) {
        if (group.room > 0 && group.entry_size == size &&
            memcmp(group.entries, entry, kChiEntryHeaderSize) == 0)
            return &group;
        if (group.used < oldest->used)
            oldest = &group;
    }
    empty_group(sealer, oldest);
    return oldest;
}

static void free_group(Sealer *sealer, SealGroup *group)
{
    if (!group->entries)
        return;
    pfree(group->entries);
    pfree(group->tids);
    pfree(group->was);
    sealer->bytes -= group->room * group->entry_size;
    *group = {};
}

// Makes room for one row more of a group that is not full.
static void grow_group(Sealer *sealer, SealGroup *group)
{
    uint32_t room = std::min(std::max(group->room * 2, uint32_t{8}), group->limit);
    size_t bytes = room * group->entry_size, tid_bytes = room * sizeof(ItemPointerData);
    MemoryContext caller = MemoryContextSwitchTo(sealer->context);
    bool first = group->room == 0;
    group->entries = (uint8_t *)(first ? palloc(bytes) : repalloc(group->entries, bytes));
    group->tids = (ItemPointerData *)(first ? palloc(tid_bytes) : repalloc(group->tids, tid_bytes));
    group->was = (ItemPointerData *)(first ? palloc(tid_bytes) : repalloc(group->was, tid_bytes));
    MemoryContextSwitchTo(caller);
    sealer->bytes += (room - group->room) * group->entry_size;
    group->room = room;
}

static void limit_memory(Sealer *sealer)
{
    while (sealer->bytes > kSealBytes) {
        SealGroup *largest = &sealer->groups[0];
        for (SealGroup &group : sealer->groups)
            if (group.room * group.entry_size > largest->room * largest->entry_size)
                largest = &group;
        empty_group(sealer, largest);
        free_group(sealer, largest);
    }
}

bool add_to_seal(Sealer *sealer, const ItemPointerData *tid, const ItemPointerData *was,
                 const uint8_t *entry, size_t size)
{
    uint32_t limit = size > kChiEntryHeaderSize ? segment_rows_for(size) : 0;
    if (limit == 0)
        return false;

    SealGroup *group = find_group(sealer, entry, size);
    if (group->entry_size != size) {
        free_group(sealer, group);
        group->entry_size = size;
        group->limit = limit;
    }
    if (group->count == group->room)
        grow_group(sealer, group);
    memcpy(group->entries + group->count * size, entry, size);
    group->tids[group->count] = *tid;
    group->was[group->count] = *was;
    group->count++;
    group->used = ++sealer->clock;
    if (group->count == group->limit)
        seal_group(sealer, group);
    limit_memory(sealer);
    return true;
}

void finish_sealer(Sealer *sealer)
{
    for (SealGroup &group : sealer->groups)
        if (group.count > 0)
            empty_group(sealer, &group);
    MemoryContextDelete(sealer->context);
}

void abandon_sealer(Sealer *sealer)
{
    static OptionalWork work = {"free the pages of an unfinished segment of a chi index"};
    try_optional(&work, [&] { free_unfinished(sealer->index, &sealer->unfinished); });
}

} // namespace mq
