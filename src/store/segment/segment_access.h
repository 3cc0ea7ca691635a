// Reading sealed segments: opening one from a slot, and handing its bytes to core/segment.
#pragma once

#include "store/store.h"
#include "store/segment/segments.h"
#include "core/segment/segment.h"
#include "pg/compat.h"

extern "C" {
#include "utils/snapshot.h"
}

namespace mq
{

// A segment as one reader sees it, with the memory to read it. It stays what it is for as long as
// its pages are not freed; then reads fail, and whoever needs the row looks at its slot again.
//
// What head.tids says is what it said when the segment was opened: row r is about the row with TID
// t if head.tids[r] is t and t's slot, read while a snapshot is held that was taken before the
// segment was opened and sees the row, leads to row r of head.first (README.md, "Why a reader
// never sees a foreign entry").
struct ChiSegment {
    bool open;
    Oid index;          // the relation,
    RelFileNumber file; // and its file
    SegmentHead head;
    Segment segment;    // what the payload is
    SegmentCache cache; // of this segment; memory in `context`
    MemoryContext context;
    SegmentReads planned; // what core/segment wants to be read next
    // The first ranges of the payload that were read since it was opened.
    PayloadRange reads[4];
    int n_reads;
};

// A closed one. It grows in `context`, which must live as long.
ChiSegment *make_chi_segment(MemoryContext context);

// Opens the segment whose first page is `first`. False, and closed, when there is none (any more).
// Errors: index_corrupted.
bool open_chi_segment(Relation index, BlockNumber first, ChiSegment *s);

// True when `s` is what lies at `first` now, without opening it again, and row `row` of it is
// about `tid`. Locks the first page.
bool still_has_row(Relation index, const ChiSegment &s, BlockNumber first, uint32_t row,
                   const ItemPointerData *tid);

// Asks the CPU for what was read first of the segment opened last, of another one, which is going
// to be read in the same way. A hint.
void prefetch_chi_segment(Relation index, BlockNumber first, const ChiSegment &last);

// What follows reads from an open segment; false when it is gone. Errors: index_corrupted.

// Bounds of the segment's rows, see segment_bounds() and segment_coarse_bounds().
bool bound_rows(Relation index, ChiSegment *s, const EdgeSelection &edges, const Roi &roi,
                const uint8_t *wanted, uint32_t *lo, uint32_t *hi);
bool bound_rows_coarsely(Relation index, ChiSegment *s, const EdgeSelection &edges, const Roi &roi,
                         uint32_t *lo, uint32_t *hi);

// Bounds of one row.
bool bound_row(Relation index, ChiSegment *s, uint32_t row, const EdgeSelection &edges,
               const Roi &roi, CountBounds *out);

// The row-shaped entry of a row, byte for byte.
bool extract_chi_entry(Relation index, ChiSegment *s, uint32_t row, ChiEntryBuffer *out);

// An entry of a row that is good for these edges and for the extremes alone. It points into `out`,
// which has room for s->segment.entry_size bytes.
bool extract_chi_edges(Relation index, ChiSegment *s, uint32_t row, const EdgeSelection &edges,
                       uint8_t *out, ChiEntry *entry);

// The coarse counts of an edge, one a row, into room for kSegmentRows bytes.
bool read_coarse_counts(Relation index, ChiSegment *s, int32_t edge, uint8_t *out);

} // namespace mq
