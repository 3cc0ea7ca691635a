// Publishing entries of rows that CREATE INDEX left pending.
#include "store/entry/entries.h"
#include "store/page/tid_map.h"
#include "store/entry/unsealed.h"

extern "C" {
#include "access/xlog.h"
}

namespace mq
{

bool chi_fill_pending(Relation index, const ItemPointerData *root_tid, const uint8_t *entry,
                      size_t size)
{
    ItemPointerData slot;
    BlockNumber tid_block;
    Assert(!RecoveryInProgress());
    Assert(size <= kMaxEntryBytes);

    // A look under a share lock first: when many sessions learn the same masks, most come too late,
    // and should neither write chunks in vain nor queue for exclusive locks. What counts is the
    // second look, under the lock that publishes.
    if (!read_slot(index, root_tid, nullptr, &slot) || !slot_is_pending(&slot) ||
        !find_tid_page(index, tid_position(root_tid), &tid_block))
        return false;
    if (!replace_pending(index, root_tid, tid_block, entry, size))
        return false;
    note_unsealed(index, root_tid, entry, size);
    return true;
}

} // namespace mq
