// What a scan keeps of each of its indexes; shared by scan*.cpp.
#pragma once

#include "store/page/page.h"
#include "store/segment/segment_access.h"
#include "facts/scan/scan.h"
#include "facts/segment_leaves.h"

namespace mq
{

// What a number is for the rows of a segment, of Num.
struct SegmentNumbers {
    double lo[kSegmentRows], hi[kSegmentRows];
    uint8_t may[kSegmentRows];
};

// The rows of a sealed segment, evaluated all at once.
struct DecidedSegment {
    BlockNumber first; // of its pages; 0: nothing decided
    uint32_t rows;
    ItemPointerData tids[kSegmentRows];
    uint8_t refuted[kSegmentRows]; // by any clause, and to be left out
    // The outcomes of the clauses that are decided by this index alone; or a SegmentNumbers.
    alignas(double) uint8_t results[FLEXIBLE_ARRAY_MEMBER];

    // Of the i-th such clause, by row.
    uint8_t *outcomes(int i) { return results + size_t(i) * kSegmentRows; }
    const uint8_t *outcomes(int i) const { return results + size_t(i) * kSegmentRows; }
    SegmentNumbers *numbers() { return (SegmentNumbers *)results; }
    const SegmentNumbers *numbers() const { return (const SegmentNumbers *)results; }

    // The slot led to this row. It may have done so before the segment was recycled; the row has
    // another entry then, and a segment decided here has another TID in that place.
    bool has(uint32_t row, const ItemPointerData *tid) const
    {
        return row < rows && same_slot(&tids[row], tid);
    }
};

// When to ask the coarse counts of a segment: `left` segments are decided without them first.
struct CoarseTries {
    uint32_t wait, left;
};

constexpr uint32_t kNoDirectory = UINT32_MAX;

struct ScanIndex {
    Relation relation;
    ChiIndexInfo info;
    bool has_page;    // rows of the page at hand are in the index
    ChiTidPage *page; // used slots only; the others are garbage

    // Clauses that read this index alone, and what is known of segments by them.
    int batch[kMaxScanClauses], n_batch;
    CoarseTries coarse[kMaxScanClauses]; // by place in `batch`
    ChiSegment *segment;                 // the one read last
    DecidedSegment **decided;            // by hash of the first block
    uint32_t n_decided;                  // a power of two
    uint32_t misses;                     // segments decided for the page at hand

    // Block numbers of the tid pages under one directory page.
    uint32_t directory; // its position, kNoDirectory: none
    BlockNumber *tid_blocks;

    // The current row, for clauses that are decided row by row.
    RowEntry entry;
    bool tried; // it was looked for
};

// The slot of a row of the page at hand, which may be empty. REQUIRES: has_page.
inline ItemPointerData slot_of(const ScanIndex *w, const ItemPointerData *tid)
{
    const uint32_t number = slot_number(tid);
    if (number % kSlotsOfBlock >= used_slots(*w->page, number / kSlotsOfBlock))
        return ItemPointerData{};
    return w->page->slot[number];
}

// ---- scan.cpp ----

// Copies the tid pages of all indexes; false when the driving one has none.
bool load_tid_pages(RowScan *scan, uint32_t page);
// Finds the rows of a page and decides none.
void list_page(RowScan *scan, uint32_t page);

// ---- scan_segments.cpp ----

void init_decided(RowScan *scan, ScanIndex *w);
void forget_decided(ScanIndex *w);
// Asks the CPU for what deciding the segments needs that the slots at hand lead to. A hint.
void prefetch_decided(const ScanIndex *w);
// The segment whose first page is `first`, with the results of its rows; null when it is not there
// any more.
const DecidedSegment *decided_segment(RowScan *scan, ScanIndex *w, BlockNumber first);

// ---- scan_rows.cpp ----

void init_leaves(RowScan *scan);
// What is known of the leaves of a clause for one row.
const LeafValue *values_of_row(RowScan *scan, int clause, const ItemPointerData *tid);
// Outcomes of one clause for one row.
uint8_t decide_row(RowScan *scan, int clause, const ItemPointerData *tid);

} // namespace mq
