// What a walk keeps of each of its indexes; shared by walk*.cpp.
#pragma once

#include "store/page/page.h"
#include "store/segment/segment_access.h"
#include "facts/walk/walk.h"
#include "facts/segment_leaves.h"

namespace mq
{

// The rows of a sealed segment, judged all at once.
struct JudgedSegment {
    BlockNumber first; // of its pages; 0: nothing judged
    uint32_t rows;
    ItemPointerData tids[kSegmentRows];
    uint8_t refuted[kSegmentRows]; // by any clause, and to be left out
    // outcomes[c][row] of the c-th clause that is judged by this index alone
    uint8_t outcomes[FLEXIBLE_ARRAY_MEMBER][kSegmentRows];

    // The slot led to this row. It may have done so before the segment was recycled; the row has
    // another entry then, and a segment judged here has another TID in that place.
    bool has(uint32_t row, const ItemPointerData *tid) const
    {
        return row < rows && same_slot(&tids[row], tid);
    }
};

// When to ask the coarse counts of a segment: `left` segments are judged without them first.
struct CoarseTries {
    uint32_t wait, left;
};

constexpr uint32_t kNoDirectory = UINT32_MAX;

struct WalkIndex {
    Relation relation;
    ChiIndexInfo info;
    bool has_page;    // rows of the page at hand are in the index
    ChiTidPage *page; // used slots only; the others are garbage

    // Clauses that read this index alone, and what is known of segments by them.
    int batch[kMaxWalkClauses], n_batch;
    CoarseTries coarse[kMaxWalkClauses]; // by place in `batch`
    ChiSegment *segment;                 // the one read last
    JudgedSegment **judged;              // by hash of the first block
    uint32_t n_judged;                   // a power of two
    uint32_t misses;                     // segments judged for the page at hand

    // Block numbers of the tid pages under one directory page.
    uint32_t directory; // its position, kNoDirectory: none
    BlockNumber *tid_blocks;

    // The current row, for clauses that are judged row by row.
    RowEntry entry;
    bool tried; // it was looked for
};

// The slot of a row of the page at hand, which may be empty. REQUIRES: has_page.
inline ItemPointerData slot_of(const WalkIndex *w, const ItemPointerData *tid)
{
    const uint32_t number = slot_number(tid);
    if (number % kSlotsOfBlock >= used_slots(*w->page, number / kSlotsOfBlock))
        return ItemPointerData{};
    return w->page->slot[number];
}

// ---- walk.cpp ----

// Finds the rows of a page and judges none.
void list_page(ChiWalk *walk, uint32_t page);

// ---- walk_segments.cpp ----

void init_judged(ChiWalk *walk, WalkIndex *w);
void forget_judged(WalkIndex *w);
// Asks the CPU for what judging the segments needs that the slots at hand lead to. A hint.
void prefetch_judged(const WalkIndex *w);
// The segment whose first page is `first`, judged; null when it is not there any more.
const JudgedSegment *judged_segment(ChiWalk *walk, WalkIndex *w, BlockNumber first);

// ---- walk_rows.cpp ----

void init_leaves(ChiWalk *walk);
// Outcomes of one clause for one row.
uint8_t judge_row(ChiWalk *walk, int clause, const ItemPointerData *tid);

} // namespace mq
