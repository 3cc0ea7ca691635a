#include "chi/build/mask_batch.h"

#include <new>

#include "chi/build/summary.h"
#include "chi/build/threads.h"
#include "pg/guard.h"

namespace mq
{

constexpr size_t kBatchItems = 1024;
constexpr size_t kBatchBytes = size_t{32} << 20;

MaskBatch make_mask_batch(int batches)
{
    MaskBatch batch = {};
    batch.context =
        AllocSetContextCreate(CurrentMemoryContext, "chi batch", ALLOCSET_DEFAULT_SIZES);
    batch.max_bytes = std::min(kBatchBytes, size_t(maintenance_work_mem) * 1024 / batches);
    batch.items = (BatchItem *)palloc(sizeof(BatchItem) * kBatchItems);
    batch.tids = (ItemPointerData *)palloc(sizeof(ItemPointerData) * kBatchItems);
    batch.work = new (palloc(sizeof(BatchWork))) BatchWork;
    return batch;
}

bool mask_batch_is_full(const MaskBatch &batch)
{
    return batch.count == kBatchItems || batch.bytes >= batch.max_bytes;
}

void add_mask(MaskBatch *batch, const ItemPointerData *tid, Datum value)
{
    MemoryContext caller = MemoryContextSwitchTo(batch->context);
    struct varlena *mask = PG_DETOAST_DATUM_PACKED(value);
    if (PointerGetDatum(mask) == value) {
        // Still in the scan's buffer or per-tuple memory, which the batch outlives.
        mask = (struct varlena *)palloc(VARSIZE_ANY(value));
        memcpy(mask, DatumGetPointer(value), VARSIZE_ANY(value));
    }
    MemoryContextSwitchTo(caller);

    batch->tids[batch->count] = *tid;
    batch->items[batch->count].mask = mask_bytes(mask);
    batch->bytes += VARSIZE_ANY(mask);
    batch->count++;
}

void start_entries(MaskBatch *batch, const ChiGrid &grid, const ChiBins &bins)
{
    MemoryContext caller = MemoryContextSwitchTo(batch->context);
    for (size_t i = 0; i < batch->count; i++) {
        BatchItem *item = &batch->items[i];
        // A mask that cannot be measured gets room that is too small for anything, and fails below.
        Error ignored;
        if (!try_core(ignored, [&](Error &e) {
                return measure_entry(grid, bins, item->mask, &item->capacity, e);
            }))
            item->capacity = 1;
        item->size = 0;
        item->entry = item->capacity > 0 ? (uint8_t *)palloc(item->capacity) : nullptr;
    }
    MemoryContextSwitchTo(caller);

    start_batch(batch->work, batch->items, batch->count, grid, bins, thread_count());
    batch->working = true;
}

bool finish_entries(MaskBatch *batch, Error &err)
{
    batch->working = false;
    return finish_batch(batch->work, err);
}

void cancel_entries(MaskBatch *batch)
{
    if (batch->working)
        cancel_batch(batch->work);
    batch->working = false;
}

bool build_entries(MaskBatch *batch, const ChiGrid &grid, const ChiBins &bins, Error &err)
{
    start_entries(batch, grid, bins);
    return finish_entries(batch, err);
}

void empty_mask_batch(MaskBatch *batch)
{
    batch->count = 0;
    batch->bytes = 0;
    MemoryContextReset(batch->context);
}

void free_mask_batch(MaskBatch *batch)
{
    MemoryContextDelete(batch->context);
    pfree(batch->items);
    pfree(batch->tids);
    pfree(batch->work);
}

} // namespace mq
