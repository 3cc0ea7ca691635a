// VACUUM's work on sealed segments.
#pragma once

#include "store/segment/segments.h"

namespace mq
{

// A pass over all pages of an index that takes rows that no slot leads to out of their segments,
// and frees segments without rows and pages without a segment. REQUIRES: no other VACUUM runs.
struct SegmentPass {
    Relation index;
    BufferAccessStrategy strategy;
    uint64_t finished;  // segments before this one are finished, or were given up
    BlockNumber blocks; // counted after `finished` was
    uint8_t *parts;     // bitmap over blocks: pages of segments, but for the first ones
    uint8_t *claimed;   // bitmap over blocks: listed by the first page of a segment that is kept
    BlockNumber freed;
    SegmentHead head; // of the segment at hand
};

// `finished` is what wait_for_seals returned.
SegmentPass *begin_segment_pass(Relation index, BufferAccessStrategy strategy, uint64_t finished,
                                BlockNumber blocks);
// Visits a page of a segment; does nothing to other pages. Errors: index_corrupted.
void pass_segment_page(SegmentPass *pass, BlockNumber block);
// Frees pages whose segment has no first page. To be called after all blocks were visited. Frees
// the pass, and returns how many pages were freed.
BlockNumber finish_segment_pass(SegmentPass *pass);

} // namespace mq
