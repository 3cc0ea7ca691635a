#include "chi/vacuum/vacuum_segments.h"

#include "core/base/bits.h"
#include "store/page/cache.h"
#include "store/entry/entries.h"
#include "pg/compat.h"

namespace mq
{

SegmentPass *begin_segment_pass(Relation index, BufferAccessStrategy strategy, uint64_t finished,
                                BlockNumber blocks)
{
    SegmentPass *pass = (SegmentPass *)palloc0(sizeof(SegmentPass));
    pass->index = index;
    pass->strategy = strategy;
    pass->finished = finished;
    pass->blocks = blocks;
    pass->parts = (uint8_t *)palloc0(blocks / 8 + 1);
    pass->claimed = (uint8_t *)palloc0(blocks / 8 + 1);
    return pass;
}

// The segment of pass->head. A row that its slot does not lead to never will be led to again: the
// seal that made the segment is over, and nobody else points a slot at it.
static void pass_head(SegmentPass *pass)
{
    const SegmentHead &head = pass->head;
    SegmentRow gone[kSegmentRows];
    uint32_t count = 0, kept = 0;

    for (uint32_t i = 0; i < head.rows; i++) {
        if (!ItemPointerIsValid(&head.tids[i]))
            continue;
        if (leads_to(pass->index, head, i))
            kept++;
        else
            gone[count++] = {i, head.tids[i]};
    }
    if (kept > 0) {
        if (count > 0)
            clear_segment_rows(pass->index, head.first, head.id, gone, count, false);
        for (uint32_t i = 0; i < head.parts; i++)
            if (head.blocks[i] < pass->blocks)
                set_bit(pass->claimed, head.blocks[i]);
        return;
    }
    for (uint32_t i = 0; i < head.parts; i++)
        pass->freed += free_segment_page(pass->index, head.blocks[i], head.id, head.id + 1);
}

void pass_segment_page(SegmentPass *pass, BlockNumber block)
{
    uint64_t id;
    uint32_t part;
    if (!read_segment_part(pass->index, block, pass->strategy, &id, &part) || id >= pass->finished)
        return;
    if (part > 0)
        set_bit(pass->parts, block);
    else if (read_segment_head(pass->index, block, nullptr, &pass->head) &&
             pass->head.id < pass->finished)
        pass_head(pass);
}

BlockNumber finish_segment_pass(SegmentPass *pass)
{
    for (BlockNumber block = 0; block < pass->blocks; block++) {
        if (!test_bit(pass->parts, block) || test_bit(pass->claimed, block))
            continue;
        vacuum_delay();
        // Freed already when its segment had no rows, and perhaps part of a new one by now.
        pass->freed += free_segment_page(pass->index, block, 0, pass->finished);
    }
    BlockNumber freed = pass->freed;
    pfree(pass->parts);
    pfree(pass->claimed);
    pfree(pass);
    return freed;
}

} // namespace mq
