// Making rows pending while an incremental index is built.
#pragma once

#include "store/page/page.h"

namespace mq
{

// The pending rows of one range of heap blocks, gathered in memory. The rows of a build come in
// heap order, so each tid page is looked up and changed once, not once a row.
struct PendingList {
    Relation index;
    bool open;      // the list holds rows, all of them of:
    uint32_t first; // position of the range's first tid page
    bool listed[kTidPagesPerRange][kSlotsPerTidPage];
    double rows; // written so far
};

PendingList *make_pending_list(Relation index);

// Notes that the row at a heap TID, which the index does not know yet, is pending. REQUIRES: the
// index is being built. Errors: those of write_pending_list.
void list_pending(PendingList *list, const ItemPointerData *tid);

// Writes what is noted; to be called after the last row. Errors: index_corrupted when a row is in
// the index already.
void write_pending_list(PendingList *list);

} // namespace mq
