// Masks of many rows in memory, whose entries are built together on several threads.
#pragma once

#include "chi/batch.h"
#include "chi/chi.h"

namespace mq
{

struct MaskBatch {
    MemoryContext context;   // masks and entries; the batch's own arrays live in the caller's
    size_t bytes, max_bytes; // of the masks
    size_t count;
    BatchItem *items;
    ItemPointerData *tids;
};

// An empty batch. It is bounded by the number of masks, and by their bytes within
// maintenance_work_mem.
MaskBatch make_mask_batch();
bool mask_batch_is_full(const MaskBatch &batch);

// Adds the mask of a row. `mask` may point into a buffer or into the memory of a scan: it is
// copied. Detoasts. REQUIRES: the batch is not full.
void add_mask(MaskBatch *batch, const ItemPointerData *tid, Datum mask);

// Builds the entries; items[i].size is 0 where one would be too large. Errors: corrupted; the items
// that failed are marked, all others are finished.
bool build_entries(MaskBatch *batch, const ChiGrid &grid, const ChiBins &bins, Error &err);

// Forgets masks and entries.
void empty_mask_batch(MaskBatch *batch);
void free_mask_batch(MaskBatch *batch);

} // namespace mq
