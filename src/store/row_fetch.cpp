#include "store/row_fetch.h"

#include "store/page/page.h"

extern "C" {
#include "access/heapam.h"
}

namespace mq
{

RowFetch begin_row_fetch(Relation heap, Relation index)
{
    return RowFetch{table_index_fetch_begin(heap), index, 0};
}

// VACUUM empties the slots of a block before it gives the block back, so only damage leads beyond
// the table's end. Other access methods number blocks as they like.
static void check_block(RowFetch *fetch, const ItemPointerData *root)
{
    const Relation heap = fetch->table->rel;
    const BlockNumber block = ItemPointerGetBlockNumberNoCheck(root);
    if (block < fetch->blocks || heap->rd_tableam != GetHeapamTableAmRoutine())
        return;
    fetch->blocks = RelationGetNumberOfBlocks(heap);
    if (block >= fetch->blocks)
        index_corrupted(fetch->index,
                        "There is an entry for block %u, of %u that table \"%s\" has.", block,
                        fetch->blocks, RelationGetRelationName(heap));
}

bool fetch_row(RowFetch *fetch, const ItemPointerData *root, Snapshot snapshot,
               TupleTableSlot *slot)
{
    ItemPointerData tid = *root; // the fetch moves it along the HOT chain
    bool again = false, all_dead, found;
    Assert(fetch->table);
    check_block(fetch, root);
    do
        found = table_index_fetch_tuple(fetch->table, &tid, snapshot, slot, &again, &all_dead);
    while (!found && again);
    return found;
}

void end_row_fetch(RowFetch *fetch)
{
    if (fetch->table)
        table_index_fetch_end(fetch->table);
    fetch->table = nullptr;
}

} // namespace mq
