#include "chi/listing.h"

#include "chi/cache.h"
#include "chi/entries.h"
#include "chi/tid_map.h"

namespace mq
{

PendingList *make_pending_list(Relation index)
{
    PendingList *list = (PendingList *)palloc0(sizeof(PendingList));
    list->index = index;
    return list;
}

void write_pending_list(PendingList *list)
{
    if (!list->open)
        return;
    BlockNumber heap_block = list->tids * kHeapBlocksPerTidPage;
    BlockNumber block = ensure_tid_page(list->index, heap_block, true);
    Buffer buffer = read_locked(list->index, block, BUFFER_LOCK_EXCLUSIVE);
    ChiTidPage *page = checked_tid_page(list->index, buffer, heap_block);

    for (uint32_t i = 0; i < kSlotsPerTidPage; i++) {
        if (!list->listed[i])
            continue;
        if (!slot_is_empty(&page->slot[i])) {
            ItemPointerData tid;
            ItemPointerSet(&tid, heap_block + i / kSlotsPerHeapBlock, i % kSlotsPerHeapBlock + 1);
            already_indexed(list->index, &tid);
        }
        set_slot_mark(&page->slot[i], kPendingMark);
        list->rows++;
    }
    // Not logged: the build logs the finished file.
    MarkBufferDirty(buffer);
    UnlockReleaseBuffer(buffer);
    memset(list->listed, 0, sizeof list->listed);
    list->open = false;
}

void list_pending(PendingList *list, const ItemPointerData *tid)
{
    BlockNumber heap_block = ItemPointerGetBlockNumberNoCheck(tid);
    check_line_pointer(tid);
    if (list->open && list->tids != heap_block / kHeapBlocksPerTidPage)
        write_pending_list(list);
    list->open = true;
    list->tids = heap_block / kHeapBlocksPerTidPage;
    list->listed[slot_number(heap_block, ItemPointerGetOffsetNumberNoCheck(tid))] = true;
}

} // namespace mq
