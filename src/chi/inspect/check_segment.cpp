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

static void check_coarse(Relation index, ChiSegment *s)
{
    bool agree;
    uint8_t *entry = (uint8_t *)palloc(s->segment.entry_size);
    if (check_coarse_counts(s->segment, segment_reader(index, s), &s->cache, entry, &agree) &&
        !agree)
        index_corrupted(index,
                        "The coarse counts of the segment in block %u differ from its counts.",
                        s->head.first);
    pfree(entry);
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
