// Looking up entries by heap TID. README.md ("Why a reader never sees a foreign entry") has the
// argument that no lock needs to be held between the slot and the entry.
#include "store/page/cache.h"
#include "store/entry/entries.h"
#include "store/segment/segment_access.h"
#include "store/page/tid_map.h"
#include "pg/compat.h"
#include "pg/guard.h"
#include "pg/pause.h"

extern "C" {
#include "access/heapam.h"
#include "access/tableam.h"
#include "utils/snapmgr.h"
}

namespace mq
{

// How often a slot is looked at again when what it led to has gone. It may be sealed, and the
// segment written anew, while we look, but hardly more than once.
constexpr int kLooks = 4;

void chi_use_entry(Relation index, Bytes entry, ChiRow *row)
{
    const ChiIndexInfo *info = chi_index_info(index);
    row->sealed = false;
    row->entry = entry;
    call_core([&](Error &err) {
        return chi_open_entry(entry, info->grid, info->bins, &row->shape, err);
    });
}

// Finds the row of a segment that a slot leads to. False when it is not there any more.
static bool find_segment_row(Relation index, const ItemPointerData *slot,
                             const ItemPointerData *tid, ChiRow *row)
{
    BlockNumber first = ItemPointerGetBlockNumberNoCheck(slot);
    uint32_t number = slot_segment_row(slot);
    if (!row->segment)
        row->segment = make_chi_segment(row->context);
    ChiSegment *s = row->segment;
    if (!still_has_row(index, *s, first, number, tid) &&
        !(open_chi_segment(index, first, s) && number < s->head.rows &&
          same_slot(&s->head.tids[number], tid)))
        return false;
    row->sealed = true;
    row->extracted = false;
    row->number = number;
    row->shape = s->segment.shape;
    return true;
}

ChiState chi_lookup_slot(Relation index, const ItemPointerData *known, const ItemPointerData *tid,
                         ChiRow *row)
{
    Snapshot snapshot = ActiveSnapshotSet() ? GetActiveSnapshot() : nullptr;
    ItemPointerData slot = *known;

    row->buffer.context = row->context;
    row->extracted = false;
    for (int look = 0; look < kLooks; look++) {
        if (look > 0 && !read_slot(index, tid, snapshot, &slot))
            break;
        if (slot_is_empty(&slot))
            break;
        if (slot_is_pending(&slot))
            return ChiState::pending;
        if (slot_is_oversized(&slot))
            return ChiState::oversized;
        pause_point(PausePoint::slot_read);
        if (slot_is_segment_row(&slot)) {
            if (find_segment_row(index, &slot, tid, row))
                return ChiState::built;
        } else if (read_entry(index, &slot, tid, snapshot, &row->buffer) == ChiState::built) {
            chi_use_entry(index, Bytes{row->buffer.data, row->buffer.size}, row);
            return ChiState::built;
        }
    }
    return ChiState::missing;
}

ChiState chi_lookup(Relation index, const ItemPointerData *tid, ChiRow *row)
{
    Snapshot snapshot = ActiveSnapshotSet() ? GetActiveSnapshot() : nullptr;
    ItemPointerData slot;
    return read_slot(index, tid, snapshot, &slot) ? chi_lookup_slot(index, &slot, tid, row)
                                                  : ChiState::missing;
}

void chi_pending_rows(Relation index, BlockNumber block, uint64_t *rows, int words)
{
    memset(rows, 0, sizeof *rows * words);
    const uint32_t end = std::min(kMaxLinePointer, uint32_t(words) * 64);
    for (uint32_t i = 0; i < end; i += kSlotsOfBlock) {
        ItemPointerData tid;
        BlockNumber tid_block;
        ItemPointerSet(&tid, block, OffsetNumber(i + 1));
        if (!find_tid_page(index, tid_position(&tid), &tid_block))
            continue;
        Buffer buffer = read_locked(index, tid_block, BUFFER_LOCK_SHARE);
        const ChiTidPage *page = checked_tid_page(index, buffer, tid_position(&tid));
        const ItemPointerData *slot = &page->slot[slot_number(&tid)];
        const uint32_t n = std::min(end - i, used_slots(*page, block % kHeapBlocksPerTidPage));
        for (uint32_t k = 0; k < n; k++)
            rows[(i + k) / 64] |= uint64_t{slot_is_pending(&slot[k])} << (i + k) % 64;
        UnlockReleaseBuffer(buffer);
    }
}

// The index of a segment that was found, while the caller holds a lock on it: the relcache alone is
// needed then. Null when it has another file by now.
static Relation refer_to_index(const ChiSegment *s)
{
    Relation index = RelationIdGetRelation(s->index);
    if (RelationIsValid(index) && relation_file_number(index) != s->file) {
        RelationClose(index);
        return nullptr;
    }
    return index;
}

bool chi_row_bounds(ChiRow *row, const EdgeSelection &edges, const Roi &roi, CountBounds *out)
{
    if (!row->sealed) {
        *out = chi_bounds(row->shape, edges, roi);
        return true;
    }
    ChiSegment *s = row->segment;
    Relation index = refer_to_index(s);
    if (!RelationIsValid(index))
        return false;
    bool known = bound_row(index, s, row->number, edges, roi, out);
    RelationClose(index);
    return known;
}

void chi_prefetch_extremes(Relation index, const ChiRow *row)
{
    if (row->sealed)
        prefetch_segment_bytes(index, row->segment->head,
                               row->segment->segment.tail_start +
                                   size_t{row->number} * row->segment->segment.tail_size,
                               row->segment->segment.tail_size);
}

bool chi_row_entry(Relation index, ChiRow *row, Bytes *entry)
{
    *entry = row->entry;
    if (!row->sealed)
        return true;
    if (!row->extracted)
        row->extracted = extract_chi_entry(index, row->segment, row->number, &row->buffer);
    *entry = Bytes{row->buffer.data, row->buffer.size};
    return row->extracted;
}

bool chi_whole_row(ChiRow *row, ChiEntry *entry)
{
    if (!row->sealed) {
        *entry = row->shape;
        return true;
    }
    Relation index = refer_to_index(row->segment);
    if (!RelationIsValid(index))
        return false;
    Bytes bytes;
    bool known = chi_row_entry(index, row, &bytes);
    if (known) {
        const ChiIndexInfo *info = chi_index_info(index);
        call_core(
            [&](Error &err) { return chi_open_entry(bytes, info->grid, info->bins, entry, err); });
    }
    RelationClose(index);
    return known;
}

bool chi_row_edges(ChiRow *row, const EdgeSelection &edges, ChiEntry *entry)
{
    if (!row->sealed) {
        *entry = row->shape;
        return true;
    }
    ChiSegment *s = row->segment;
    Relation index = refer_to_index(s);
    if (!RelationIsValid(index))
        return false;
    row->part.context = row->context;
    reserve_entry(&row->part, s->segment.entry_size);
    bool known = extract_chi_edges(index, s, row->number, edges, row->part.data, entry);
    RelationClose(index);
    return known;
}

// The root of the HOT chain that a heap-only tuple belongs to; false when the TID is not one.
static bool hot_root(Relation heap, ItemPointer tid, ItemPointer root)
{
    BlockNumber block = ItemPointerGetBlockNumberNoCheck(tid);
    OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);
    OffsetNumber roots[MaxHeapTuplesPerPage];
    bool found = false;

    Buffer buffer = ReadBuffer(heap, block);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    Page page = BufferGetPage(buffer);
    if (offset >= FirstOffsetNumber && offset <= PageGetMaxOffsetNumber(page)) {
        ItemId item = PageGetItemId(page, offset);
        if (ItemIdIsNormal(item) &&
            HeapTupleHeaderIsHeapOnly((HeapTupleHeader)PageGetItem(page, item))) {
            heap_get_root_tuples(page, roots);
            found = roots[offset - 1] != InvalidOffsetNumber;
            if (found)
                ItemPointerSet(root, block, roots[offset - 1]);
        }
    }
    UnlockReleaseBuffer(buffer);
    return found;
}

ChiState chi_lookup_row(Relation heap, Relation index, ItemPointer tid, ChiRow *row,
                        ItemPointer root)
{
    ItemPointerData known = *tid;
    ChiState state = chi_lookup(index, &known, row);

    if (state == ChiState::missing && heap->rd_tableam == GetHeapamTableAmRoutine() &&
        hot_root(heap, tid, &known))
        state = chi_lookup(index, &known, row);
    if (root)
        *root = known;
    return state;
}

} // namespace mq
