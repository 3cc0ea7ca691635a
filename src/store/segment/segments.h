// Pages of sealed segments: writing, reading and freeing them. README.md ("Sealed segments") has
// the bytes, and why pages may be used again at once.
//
// Here a segment is a string of bytes, the payload, with the TIDs of the rows it is about;
// core/segment knows what the payload says.
#pragma once

#include "store/page/page.h"
#include "core/segment/segment.h"

extern "C" {
#include "utils/snapshot.h"
}

namespace mq
{

// Bytes of a payload at most; segment_rows() stays well below.
constexpr size_t kMaxPayload = size_t{8} << 20;
// Upper bound of the pages, taking the first for full of TIDs and block numbers.
constexpr uint32_t kMaxSegmentParts = kMaxPayload / (kPageCapacity - sizeof(ChiSegmentPart)) + 2;
static_assert(sizeof(ChiSegmentHead) + kSegmentRows * sizeof(ItemPointerData) +
                      kMaxSegmentParts * sizeof(BlockNumber) <
                  kPageCapacity,
              "TIDs and block numbers fit the first page");

// What the first page says of a segment, copied.
struct SegmentHead {
    BlockNumber first; // block of the first page
    uint64_t id;
    uint32_t size; // bytes of the payload
    uint32_t parts;
    uint32_t rows;
    ItemPointerData tids[kSegmentRows];   // `rows` of them; invalid: no row any more
    BlockNumber blocks[kMaxSegmentParts]; // `parts` of them, the first included
};

// Copies the head of the segment whose first page is `first`. False when that page is not the first
// of a segment (any more). Errors: index_corrupted.
bool read_segment_head(Relation index, BlockNumber first, Snapshot snapshot, SegmentHead *out);

// The same, with as many of the payload's first bytes as the page holds and `capacity` allows;
// *size tells how many.
bool read_segment_start(Relation index, BlockNumber first, Snapshot snapshot, SegmentHead *out,
                        uint8_t *start, size_t capacity, size_t *size);

// True when the slot of row `row` leads to it. REQUIRES: row < head.rows, its TID is valid.
bool leads_to(Relation index, const SegmentHead &head, uint32_t row);

// Row `row` of the segment at `first` belongs to `tid`: then *id is the segment's. Reads no more
// than that, for whoever holds a copy of the rest. Errors: index_corrupted.
bool segment_has_row(Relation index, BlockNumber first, uint32_t row, const ItemPointerData *tid,
                     Snapshot snapshot, uint64_t *id);

// Copies payload bytes [offset, offset + size). False when the segment's pages have been freed
// since its head was read. REQUIRES: offset + size <= head.size. Errors: index_corrupted.
bool read_segment_bytes(Relation index, const SegmentHead &head, Snapshot snapshot, size_t offset,
                        size_t size, uint8_t *out);

// Asks for the pages that these bytes lie on, and does not wait for them. REQUIRES: as above.
void prefetch_segment_bytes(Relation index, const SegmentHead &head, size_t offset, size_t size);

// Bytes of a payload.
struct PayloadRange {
    size_t offset, size;
};
// Asks the CPU for the head of the segment whose first page is `first`, and for these ranges of its
// payload, on the assumption that it is made like the other one, its pages one behind the other in
// the same order. A hint, see prefetch_recent. REQUIRES: the ranges lie in the other's payload.
void prefetch_segment(Relation index, BlockNumber first, const SegmentHead &like,
                      const PayloadRange *ranges, int n);

// Writes a segment that no slot leads to yet; returns its first block. `id` is from
// take_segment_id. REQUIRES: 1 <= rows <= kSegmentRows, 1 <= size <= kMaxPayload; the seal lock is
// held (seal.h) unless building. `unfinished` tells of the pages written so far while an error may
// come in between, and of none after that.
struct UnfinishedSegment {
    uint64_t id;
    uint32_t parts;                       // 0: none is unfinished
    BlockNumber blocks[kMaxSegmentParts]; // InvalidBlockNumber: not written yet
};
BlockNumber write_segment(Relation index, uint64_t id, const ItemPointerData *tids, uint32_t rows,
                          const uint8_t *payload, size_t size, bool building,
                          UnfinishedSegment *unfinished);

// Frees the pages of a segment that an error has cut short, once that has been undone. REQUIRES: no
// buffer lock is held.
void free_unfinished(Relation index, UnfinishedSegment *unfinished);

// Takes rows out of a segment: those of the given numbers whose TIDs are still the given ones.
// Nothing happens when the segment is not there any more.
struct SegmentRow {
    uint32_t row;
    ItemPointerData tid;
};
void clear_segment_rows(Relation index, BlockNumber first, uint64_t id, const SegmentRow *rows,
                        uint32_t count, bool building);

// Frees one page if it belongs to a segment with from <= id < to, and tells the free space map.
// True when it did.
bool free_segment_page(Relation index, BlockNumber block, uint64_t from, uint64_t to);

// The segment that a page belongs to, and which part of it it is; false when it is no page of a
// segment.
bool read_segment_part(Relation index, BlockNumber block, BufferAccessStrategy strategy,
                       uint64_t *id, uint32_t *part);

} // namespace mq
