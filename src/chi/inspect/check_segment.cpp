#include "chi/inspect/check_segment.h"

namespace mq
{

// True when a slot leads to some row. Once none does, none will: VACUUM may free the pages then.
static bool in_use(Relation index, const SegmentHead &head)
{
    for (uint32_t i = 0; i < head.rows; i++)
        if (ItemPointerIsValid(&head.tids[i]) && leads_to(index, head, i))
            return true;
    return false;
}

static void check_tids(Relation index, const SegmentHead &head)
{
    for (uint32_t i = 0; i < head.rows; i++) {
        const ItemPointerData *tid = &head.tids[i];
        OffsetNumber number = ItemPointerGetOffsetNumberNoCheck(tid);
        if (number > kMaxLinePointer)
            index_corrupted(index,
                            "Row %u of the segment in block %u belongs to an impossible line "
                            "pointer, %u.",
                            i, head.first, number);
        if (i > 0 && number != InvalidOffsetNumber && same_slot(tid, &head.tids[i - 1]))
            index_corrupted(index, "Tuple (%u,%u) has two rows in the segment in block %u.",
                            ItemPointerGetBlockNumberNoCheck(tid), number, head.first);
    }
}

// Compares the stored coarse counts of an edge with those that the rows' entries have. False when
// the segment is gone.
static bool check_coarse_edge(Relation index, ChiSegment *s, int32_t edge, uint8_t *bytes)
{
    const EdgeSelection edges{edge, s->segment.shape.bins, edge, s->segment.shape.bins};
    uint8_t stored[kSegmentRows];
    ChiEntry entry;
    if (!read_coarse_counts(index, s, edge, stored))
        return false;
    for (uint32_t row = 0; row < s->segment.rows; row++) {
        if (!extract_chi_edges(index, s, row, edges, bytes, &entry))
            return false;
        if (stored[row] != coarse_count_of(s->segment, entry, edge))
            index_corrupted(index,
                            "The coarse counts of the segment in block %u differ from its counts.",
                            s->head.first);
    }
    return true;
}

static void check_coarse(Relation index, ChiSegment *s)
{
    uint8_t *bytes = (uint8_t *)palloc(s->segment.entry_size);
    for (int32_t edge = 1; edge < s->segment.shape.bins; edge++) {
        CHECK_FOR_INTERRUPTS();
        if (!check_coarse_edge(index, s, edge, bytes))
            break;
    }
    pfree(bytes);
}

void check_segment(Relation index, BlockNumber block, ChiSegment *s)
{
    uint64_t id;
    uint32_t part;
    if (!read_segment_part(index, block, nullptr, &id, &part) || part > 0 ||
        !open_chi_segment(index, block, s))
        return;
    check_tids(index, s->head);
    check_coarse(index, s);
    for (uint32_t i = 0; i < s->head.parts; i++) {
        CHECK_FOR_INTERRUPTS();
        bool ours = read_segment_part(index, s->head.blocks[i], nullptr, &id, &part) &&
                    id == s->head.id && part == i;
        // A look at the slots after that: a segment that one leads to is whole.
        if (!ours && in_use(index, s->head))
            index_corrupted(index, "Block %u is not part %u of the segment in block %u.",
                            s->head.blocks[i], i, block);
    }
}

} // namespace mq
