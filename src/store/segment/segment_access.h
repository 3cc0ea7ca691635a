// Reading sealed segments: opening one from a slot, and handing its bytes to core/segment.
#pragma once

#include "chi/chi.h"
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
    Segment segment;    // the payload, to be read with segment_reader()
    SegmentCache cache; // of this segment; memory in `context`
    MemoryContext context;
    Relation reading; // set by segment_reader
    Snapshot snapshot;
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

// The reader of an open segment's bytes, for the functions of core/segment. Good while the
// reference to the index is held. Its errors longjmp; it returns false when the segment is gone.
SegmentReader segment_reader(Relation index, ChiSegment *s);

// Asks the CPU for what was read first of the segment opened last, of another one, which is going
// to be read in the same way. A hint.
void prefetch_chi_segment(Relation index, BlockNumber first, const ChiSegment &last);

// The row-shaped entry of a row, byte for byte. False when the segment is gone.
bool extract_chi_entry(Relation index, ChiSegment *s, uint32_t row, ChiEntryBuffer *out);

} // namespace mq
