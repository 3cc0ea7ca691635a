#include "chi/build/listing.h"

#include "store/page/cache.h"
#include "store/entry/entries.h"
#include "store/page/tid_map.h"

namespace mq
{

PendingList *make_pending_list(Relation index)
{
    PendingList *list = (PendingList *)palloc0(sizeof(PendingList));
    list->index = index;
    return list;
}

static void write_listed(PendingList *list, uint32_t position, const bool *listed)
{
    BlockNumber block = ensure_tid_page(list->index, position, true);
    Buffer buffer = read_locked(list->index, block, BUFFER_LOCK_EXCLUSIVE);
    ChiTidPage *page = checked_tid_page(list->index, buffer, position);

    for (uint32_t i = 0; i < kSlotsPerTidPage; i++) {
        if (!listed[i])
            continue;
        if (!slot_is_empty(&page->slot[i])) {
            ItemPointerData tid = tid_of_slot(position, i);
            already_indexed(list->index, &tid);
        }
        set_slot_mark(slot_to_fill(page, i), kPendingMark);
        list->rows++;
    }
    // Not logged: the build logs the finished file.
    MarkBufferDirty(buffer);
    UnlockReleaseBuffer(buffer);
}

void write_pending_list(PendingList *list)
{
    if (!list->open)
        return;
    for (uint32_t p = 0; p < kTidPagesPerRange; p++)
        if (memchr(list->listed[p], true, sizeof list->listed[p]))
            write_listed(list, list->first + p, list->listed[p]);
    memset(list->listed, 0, sizeof list->listed);
    list->open = false;
}

void list_pending(PendingList *list, const ItemPointerData *tid)
{
    check_line_pointer(tid);
    const uint32_t page = tid_position(tid) % kTidPagesPerRange;
    const uint32_t first = tid_position(tid) - page;
    if (list->open && list->first != first)
        write_pending_list(list);
    list->open = true;
    list->first = first;
    list->listed[page][slot_number(tid)] = true;
}

} // namespace mq
