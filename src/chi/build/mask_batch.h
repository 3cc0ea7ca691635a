// Masks of many rows in memory, whose entries are built together on several threads.
#pragma once

#include "chi/build/batch.h"
#include "chi/chi.h"

namespace mq
{

struct MaskBatch {
    MemoryContext context;   // masks and entries; the batch's own arrays live in the caller's
    size_t bytes, max_bytes; // of the masks
    size_t count;
    BatchItem *items;
    ItemPointerData *tids;
    BatchWork *work;
    bool working; // between start_entries and finish_entries
};

// An empty batch. It is bounded by the number of masks, and by their bytes, so that `batches` of
// them stay within maintenance_work_mem.
MaskBatch make_mask_batch(int batches = 1);
bool mask_batch_is_full(const MaskBatch &batch);

// Adds the mask of a row. `mask` may point into a buffer or into the memory of a scan: it is
// copied. Detoasts. REQUIRES: the batch is not full, and not at work.
void add_mask(MaskBatch *batch, const ItemPointerData *tid, Datum mask);

// Builds the entries on maskquery.threads threads, of which the caller is one: it may do other
// things between the two calls, with everything but the batch. items[i].size is 0 where an entry
// would be too large. Errors: corrupted; the items that failed are marked, all others are
// finished.
void start_entries(MaskBatch *batch, const ChiGrid &grid, const ChiBins &bins);
bool finish_entries(MaskBatch *batch, Error &err);
// For whoever leaves with an error between the two: ends the work. Does nothing else.
void cancel_entries(MaskBatch *batch);

// Both at once.
bool build_entries(MaskBatch *batch, const ChiGrid &grid, const ChiBins &bins, Error &err);

// Forgets masks and entries.
void empty_mask_batch(MaskBatch *batch);
void free_mask_batch(MaskBatch *batch);

} // namespace mq
