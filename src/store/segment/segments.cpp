// Lock order: the metapage for the id, alone; then one page of a segment at a time.
#include "store/segment/segments.h"

#include "store/page/cache.h"
#include "store/entry/entries.h"
#include "store/page/recent.h"
#include "pg/compat.h"
#include "pg/prefetch.h"

extern "C" {
#include "executor/instrument.h"
#include "storage/freespace.h"
}

namespace mq
{

// Where things lie on the pages of a segment.
struct SegmentLayout {
    size_t blocks_offset;  // of the block list, from the content's start
    size_t payload_offset; // of the payload on the first page
    size_t first_payload;  // payload bytes of the first page
};
constexpr size_t kPartPayload = kPageCapacity - sizeof(ChiSegmentPart);

// False when the first page has no room for the lists.
static bool lay_out(uint32_t rows, uint32_t parts, SegmentLayout *out)
{
    size_t tids_end = sizeof(ChiSegmentHead) + size_t{rows} * sizeof(ItemPointerData);
    out->blocks_offset = (tids_end + 3) / 4 * 4;
    out->payload_offset = out->blocks_offset + size_t{parts - 1} * sizeof(BlockNumber);
    if (out->payload_offset > kPageCapacity)
        return false;
    out->first_payload = kPageCapacity - out->payload_offset;
    return true;
}

// Payload bytes before part `part`.
static size_t part_begin(const SegmentLayout &layout, uint32_t part)
{
    return part == 0 ? 0 : layout.first_payload + size_t{part - 1} * kPartPayload;
}

// Payload bytes on part `part` of a segment of `size`; 0 when there are too many parts.
static size_t part_size(const SegmentLayout &layout, uint32_t part, size_t size)
{
    size_t begin = part_begin(layout, part);
    size_t room = part == 0 ? layout.first_payload : kPartPayload;
    return begin >= size ? 0 : std::min(size - begin, room);
}

static const uint8_t *content(Page page)
{
    return (const uint8_t *)PageGetContents(page);
}

// The part on a sound segment page, after its size has been checked. Errors: index_corrupted.
static const ChiSegmentPart *checked_part(Relation index, BlockNumber block, Page page)
{
    const ChiSegmentPart *part = (const ChiSegmentPart *)content(page);
    size_t used = ((PageHeader)page)->pd_lower;
    size_t header = part->part == 0 ? sizeof(ChiSegmentHead) : sizeof(ChiSegmentPart);
    if (used < kPageHeader + header || part->size > used - kPageHeader - header)
        index_corrupted(index, "Block %u holds fewer bytes of its segment than it says.", block);
    return part;
}

// The part on a locked page; null when it is no page of a segment. Errors: index_corrupted.
static const ChiSegmentPart *segment_part(Relation index, Buffer buffer, Snapshot snapshot)
{
    Page page = BufferGetPage(buffer);
    BlockNumber block = BufferGetBlockNumber(buffer);
    if (PageIsNew(page) || sound_page_kind(index, block, page) != ChiPageKind::segment)
        return nullptr;
    test_old_snapshot(snapshot, index, page);
    return checked_part(index, block, page);
}

// The head on a locked page; null when it is not the first page of a segment. Errors:
// index_corrupted.
static const ChiSegmentHead *segment_head(Relation index, Buffer buffer, Snapshot snapshot,
                                          SegmentLayout *layout)
{
    const ChiSegmentPart *part = segment_part(index, buffer, snapshot);
    if (!part || part->part != 0)
        return nullptr;
    const ChiSegmentHead *head = (const ChiSegmentHead *)part;
    if (head->rows == 0 || head->rows > kSegmentRows || head->size == 0 ||
        head->size > kMaxPayload || head->parts == 0 || head->parts > kMaxSegmentParts ||
        !lay_out(head->rows, head->parts, layout) ||
        part_size(*layout, head->parts - 1, head->size) == 0 ||
        part_begin(*layout, head->parts) < head->size ||
        head->part.size != part_size(*layout, 0, head->size) ||
        ((PageHeader)BufferGetPage(buffer))->pd_lower !=
            kPageHeader + layout->payload_offset + head->part.size)
        index_corrupted(index, "The head of the segment in block %u contradicts itself.",
                        BufferGetBlockNumber(buffer));
    return head;
}

static const ItemPointerData *head_tids(const ChiSegmentHead *head)
{
    return (const ItemPointerData *)(head + 1);
}

bool read_segment_start(Relation index, BlockNumber first, Snapshot snapshot, SegmentHead *out,
                        uint8_t *start, size_t capacity, size_t *size)
{
    SegmentLayout layout;
    Buffer buffer = read_locked(index, first, BUFFER_LOCK_SHARE);
    const ChiSegmentHead *head = segment_head(index, buffer, snapshot, &layout);
    if (head) {
        out->first = first;
        out->id = head->part.id;
        out->size = head->size;
        out->parts = head->parts;
        out->rows = head->rows;
        memcpy(out->tids, head_tids(head), out->rows * sizeof(ItemPointerData));
        out->blocks[0] = first;
        memcpy(out->blocks + 1, (const uint8_t *)head + layout.blocks_offset,
               (out->parts - 1) * sizeof(BlockNumber));
        *size = std::min<size_t>(capacity, head->part.size);
        memcpy(start, (const uint8_t *)head + layout.payload_offset, *size);
    }
    UnlockReleaseBuffer(buffer);
    return head != nullptr;
}

bool read_segment_head(Relation index, BlockNumber first, Snapshot snapshot, SegmentHead *out)
{
    size_t size;
    uint8_t none;
    return read_segment_start(index, first, snapshot, out, &none, 0, &size);
}

bool leads_to(Relation index, const SegmentHead &head, uint32_t row)
{
    ItemPointerData slot, here;
    set_slot_segment_row(&here, head.first, row);
    return read_slot(index, &head.tids[row], nullptr, &slot) && same_slot(&slot, &here);
}

bool segment_has_row(Relation index, BlockNumber first, uint32_t row, const ItemPointerData *tid,
                     Snapshot snapshot, uint64_t *id)
{
    SegmentLayout layout;
    Buffer buffer = read_locked(index, first, BUFFER_LOCK_SHARE);
    const ChiSegmentHead *head = segment_head(index, buffer, snapshot, &layout);
    bool has = head && row < head->rows && same_slot(&head_tids(head)[row], tid);
    if (has)
        *id = head->part.id;
    UnlockReleaseBuffer(buffer);
    return has;
}

// The part that holds a byte of the payload.
static uint32_t part_of(const SegmentLayout &layout, size_t offset)
{
    return offset < layout.first_payload
               ? 0
               : uint32_t((offset - layout.first_payload) / kPartPayload) + 1;
}

static void prefetch_parts(Relation index, const SegmentHead &head, uint32_t first, uint32_t last)
{
    for (uint32_t number = first; number <= last; number++)
        prefetch_block(index, head.blocks[number]);
}

void prefetch_segment_bytes(Relation index, const SegmentHead &head, size_t offset, size_t size)
{
    SegmentLayout layout;
    if (size > 0 && lay_out(head.rows, head.parts, &layout))
        prefetch_parts(index, head, part_of(layout, offset), part_of(layout, offset + size - 1));
}

bool read_segment_bytes(Relation index, const SegmentHead &head, Snapshot snapshot, size_t offset,
                        size_t size, uint8_t *out)
{
    SegmentLayout layout;
    if (!lay_out(head.rows, head.parts, &layout))
        return false;
    uint32_t number = part_of(layout, offset);
    const uint32_t last = size > 0 ? part_of(layout, offset + size - 1) : number;
    bool asked = false;
    while (size > 0) {
        const int64 reads = pgBufferUsage.shared_blks_read;
        size_t begin = part_begin(layout, number), there = part_size(layout, number, head.size);
        size_t skip = offset - begin, count = std::min(size, there - skip);
        Buffer buffer = read_locked(index, head.blocks[number], BUFFER_LOCK_SHARE);
        // Where one page was not in memory the others hardly are: no more waiting one by one.
        if (!asked && pgBufferUsage.shared_blks_read != reads) {
            prefetch_parts(index, head, number + 1, last);
            asked = true;
        }
        const ChiSegmentPart *part = segment_part(index, buffer, snapshot);
        bool same = part && part->id == head.id;
        if (same) {
            if (part->part != number || part->size != there)
                index_corrupted(index, "Block %u is not part %u of its segment.",
                                head.blocks[number], number);
            size_t payload = number == 0 ? layout.payload_offset : sizeof(ChiSegmentPart);
            memcpy(out, (const uint8_t *)part + payload + skip, count);
        }
        UnlockReleaseBuffer(buffer);
        if (!same)
            return false;
        out += count;
        offset += count;
        size -= count;
        number++;
    }
    return true;
}

void prefetch_segment(Relation index, BlockNumber first, const SegmentHead &like,
                      const PayloadRange *ranges, int n)
{
    SegmentLayout layout;
    prefetch_recent(index, first, kPageHeader, sizeof(ChiSegmentHead));
    if (!lay_out(like.rows, like.parts, &layout))
        return;
    for (int i = 0; i < n; i++) {
        const size_t end = ranges[i].offset + ranges[i].size;
        for (size_t at = ranges[i].offset; at < end;) {
            const uint32_t number = at < layout.first_payload
                                        ? 0
                                        : uint32_t((at - layout.first_payload) / kPartPayload) + 1;
            const size_t begin = part_begin(layout, number);
            const size_t size =
                std::min(end - at, part_size(layout, number, like.size) - (at - begin));
            const size_t payload = number == 0 ? layout.payload_offset : sizeof(ChiSegmentPart);
            prefetch_recent(index, first + (like.blocks[number] - like.first),
                            kPageHeader + payload + at - begin, size);
            at += size;
        }
    }
}

// A page for a part of a segment, locked exclusively: a free one, or a new one at the end.
static Buffer take_page(Relation index, bool building)
{
    BlockNumber block = building ? InvalidBlockNumber : GetPageWithFreeSpace(index, kPageCapacity);
    while (block != InvalidBlockNumber) {
        size_t room = 0;
        CHECK_FOR_INTERRUPTS();
        if (block_exists(index, block)) { // the map may know pages that were lost in a crash
            Buffer buffer = ReadBuffer(index, block);
            LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
            Page page = BufferGetPage(buffer);
            if (PageIsNew(page))
                return buffer;
            if (sound_page_kind(index, block, page) == ChiPageKind::entries) {
                if (PageGetMaxOffsetNumber(page) == 0)
                    return buffer;
                room = PageGetExactFreeSpace(page);
            }
            UnlockReleaseBuffer(buffer);
        }
        block = RecordAndGetPageWithFreeSpace(index, block, room, kPageCapacity);
    }
    return extend_index(index, MAIN_FORKNUM);
}

// Fills the page of part `number`, the first one with the lists of TIDs and blocks.
static void fill_part(Page page, const SegmentLayout &layout, const ChiSegmentHead &head,
                      const ItemPointerData *tids, const BlockNumber *blocks, uint32_t number,
                      const uint8_t *payload)
{
    init_page(page, ChiPageKind::segment);
    uint8_t *bytes = (uint8_t *)PageGetContents(page);
    const ChiSegmentPart part = {head.part.id, number,
                                 uint32_t(part_size(layout, number, head.size))};
    size_t payload_offset = sizeof part;
    if (number == 0) {
        memcpy(bytes, &head, sizeof head);
        memcpy(bytes + sizeof head, tids, head.rows * sizeof *tids);
        memcpy(bytes + layout.blocks_offset, blocks + 1, (head.parts - 1) * sizeof *blocks);
        payload_offset = layout.payload_offset;
    }
    memcpy(bytes, &part, sizeof part);
    memcpy(bytes + payload_offset, payload + part_begin(layout, number), part.size);
    ((PageHeader)page)->pd_lower = kPageHeader + payload_offset + part.size;
}

BlockNumber write_segment(Relation index, uint64_t id, const ItemPointerData *tids, uint32_t rows,
                          const uint8_t *payload, size_t size, bool building,
                          UnfinishedSegment *unfinished)
{
    SegmentLayout layout;
    uint32_t parts = 1;
    if (size > kMaxPayload)
        elog(ERROR, "a segment of %zu bytes is too large", size);
    while (!lay_out(rows, parts, &layout) || part_begin(layout, parts) < size)
        parts++;
    const ChiSegmentHead head = {{id, 0, 0}, uint32_t(size), parts, uint16_t(rows), {}};
    unfinished->id = id;
    unfinished->parts = parts;
    std::fill_n(unfinished->blocks, parts, InvalidBlockNumber);

    // The first page last: what it lists is there then.
    for (uint32_t number = parts; number-- > 0;) {
        CHECK_FOR_INTERRUPTS();
        Buffer buffer = take_page(index, building);
        unfinished->blocks[number] = BufferGetBlockNumber(buffer);

        PageChange change;
        begin_change(&change, index, building);
        fill_part(change_page(&change, buffer, true), layout, head, tids, unfinished->blocks,
                  number, payload);
        finish_change(&change);
        UnlockReleaseBuffer(buffer);
        if (!building)
            note_room(index, unfinished->blocks[number], 0);
    }
    unfinished->parts = 0;
    return unfinished->blocks[0];
}

void free_unfinished(Relation index, UnfinishedSegment *unfinished)
{
    for (uint32_t i = 0; i < unfinished->parts; i++)
        if (unfinished->blocks[i] != InvalidBlockNumber)
            free_segment_page(index, unfinished->blocks[i], unfinished->id, unfinished->id + 1);
    unfinished->parts = 0;
}

void clear_segment_rows(Relation index, BlockNumber first, uint64_t id, const SegmentRow *rows,
                        uint32_t count, bool building)
{
    SegmentLayout layout;
    Buffer buffer = read_locked(index, first, BUFFER_LOCK_EXCLUSIVE);
    const ChiSegmentHead *head = segment_head(index, buffer, nullptr, &layout);
    if (head && head->part.id == id) {
        PageChange change;
        begin_change(&change, index, building);
        uint8_t *bytes = (uint8_t *)PageGetContents(change_page(&change, buffer, false));
        ItemPointerData *tids = (ItemPointerData *)(bytes + sizeof(ChiSegmentHead));
        for (uint32_t i = 0; i < count; i++)
            if (rows[i].row < head->rows && same_slot(&tids[rows[i].row], &rows[i].tid))
                memset(&tids[rows[i].row], 0, sizeof *tids);
        finish_change(&change);
    }
    UnlockReleaseBuffer(buffer);
}

bool free_segment_page(Relation index, BlockNumber block, uint64_t from, uint64_t to)
{
    Buffer buffer = read_locked(index, block, BUFFER_LOCK_EXCLUSIVE);
    const ChiSegmentPart *part = segment_part(index, buffer, nullptr);
    bool ours = part && part->id >= from && part->id < to;
    if (ours) {
        // Without chunks it is an entries page that anybody may take.
        PageChange change;
        begin_change(&change, index, false);
        init_page(change_page(&change, buffer, true), ChiPageKind::entries);
        finish_change(&change);
    }
    UnlockReleaseBuffer(buffer);
    if (ours)
        note_room(index, block, kPageCapacity);
    return ours;
}

bool read_segment_part(Relation index, BlockNumber block, BufferAccessStrategy strategy,
                       uint64_t *id, uint32_t *part)
{
    if (!block_exists(index, block))
        return false;
    Buffer buffer = ReadBufferExtended(index, MAIN_FORKNUM, block, RBM_NORMAL, strategy);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    const ChiSegmentPart *found = segment_part(index, buffer, nullptr);
    if (found) {
        *id = found->id;
        *part = found->part;
    }
    UnlockReleaseBuffer(buffer);
    return found != nullptr;
}

} // namespace mq
