#include "chi/am.h"
#include "store/entry/entries.h"
#include "chi/ready_entries.h"
#include "chi/build/summary.h"
#include "store/entry/unsealed.h"
#include "types/mask/recent.h"

extern "C" {
#include "nodes/execnodes.h"
}

namespace mq
{

// The per-call memory context, kept for the statement: creating one for each row would cost more
// than it holds.
static MemoryContext insert_context(IndexInfo *index_info)
{
    if (!index_info->ii_AmCache)
        index_info->ii_AmCache =
            AllocSetContextCreate(index_info->ii_Context, "chi insert", ALLOCSET_DEFAULT_SIZES);
    return (MemoryContext)index_info->ii_AmCache;
}

// The entry of a mask. Of one that has just been made out of numbers it is there already (COPY), or
// the pixels are still at hand.
static uint8_t *entry_of(const ChiIndexInfo &info, Bytes mask, size_t *size)
{
    FlatMask flat;
    if (uint8_t *ready = take_ready_entry(info, mask, size))
        return ready;
    const void *pixels = recall_mask(mask, &flat) ? flat.pixels : nullptr;
    return make_entry(info.grid, info.bins, mask, pixels, size);
}

extern "C" bool chi_insert(Relation index, Datum *values, bool *isnull, ItemPointer heap_tid,
                           Relation heap, IndexUniqueCheck check_unique, bool index_unchanged,
                           IndexInfo *index_info)
{
    // A row without a mask has no entry: cp of it is NULL whatever the bounds.
    if (isnull[0])
        return false;

    MemoryContext context = insert_context(index_info);
    MemoryContext caller = MemoryContextSwitchTo(context);

    // Detoasting may open a relation, so the cached facts are asked for after it.
    struct varlena *mask = PG_DETOAST_DATUM_PACKED(values[0]);
    const ChiIndexInfo *info = chi_index_info(index);
    size_t size;
    uint8_t *entry = entry_of(*info, mask_bytes(mask), &size);
    put_entry(index, heap_tid, entry, size, false);
    note_unsealed(index, heap_tid, entry, size);

    MemoryContextSwitchTo(caller);
    MemoryContextReset(context);
    return false;
}

} // namespace mq
