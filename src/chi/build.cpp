// CREATE INDEX: masks are collected in batches, summarised on several threads and written by this one.
//
// The pages go through shared buffers without a WAL record each: nobody else can see the index yet. When it is finished,
// its file is logged page by page, as gin and gist do, so a crash before that leaves an index that was never committed.
#include "chi/am.h"
#include "chi/batch.h"
#include "chi/binning.h"
#include "chi/cache.h"
#include "chi/entries.h"
#include "chi/summary.h"
#include "chi/threads.h"
#include "pg/compat.h"
#include "pg/guard.h"

extern "C" {
#include "access/tableam.h"
#include "access/xloginsert.h"
#include "commands/progress.h"
#include "nodes/execnodes.h"
#include "utils/backend_progress.h"
}

namespace mq
{

// A batch is bounded by the number of masks, and by their bytes within maintenance_work_mem.
constexpr size_t kBatchItems = 1024;
constexpr size_t kBatchBytes = size_t{32} << 20;

// Reported in pg_stat_progress_create_index; the first is the server's own number.
enum BuildPhase : int64 {
    phase_initializing = PROGRESS_CREATEIDX_SUBPHASE_INITIALIZE,
    phase_sampling,
    phase_summarizing,
    phase_logging,
};

struct BuildState {
    Relation index;
    ChiIndexInfo info;
    MemoryContext batch_context; // masks and entries of the batch
    size_t bytes, max_bytes;     // of the batch's masks
    size_t count;
    BatchItem *items;
    ItemPointerData *tids;
    double tuples; // entries written
};

extern "C" char *chi_build_phase_name(int64 phase)
{
    switch (phase) {
    case phase_initializing:
        return pstrdup("initializing");
    case phase_sampling:
        return pstrdup("sampling masks");
    case phase_summarizing:
        return pstrdup("summarizing masks");
    case phase_logging:
        return pstrdup("logging finished pages");
    }
    return nullptr;
}

static void report_phase(BuildPhase phase)
{
    pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, phase);
}

static void flush_batch(BuildState *state)
{
    const ChiGrid &grid = state->info.grid;
    const ChiBins &bins = state->info.bins;
    MemoryContext caller = MemoryContextSwitchTo(state->batch_context);

    for (size_t i = 0; i < state->count; i++) {
        BatchItem *item = &state->items[i];
        call_core([&](Error &err) { return measure_entry(grid, bins, item->mask, &item->capacity, err); });
        item->size = 0;
        item->entry = item->capacity > 0 ? (uint8_t *)palloc(item->capacity) : nullptr;
    }
    int threads = thread_count();
    call_core([&](Error &err) { return build_batch(state->items, state->count, grid, bins, threads, err); });

    for (size_t i = 0; i < state->count; i++) {
        CHECK_FOR_INTERRUPTS();
        put_entry(state->index, &state->tids[i], state->items[i].entry, state->items[i].size, true);
    }
    state->tuples += state->count;
    state->count = 0;
    state->bytes = 0;
    pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE, int64(state->tuples));

    MemoryContextSwitchTo(caller);
    MemoryContextReset(state->batch_context);
}

static void collect_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive, void *arg)
{
    BuildState *state = (BuildState *)arg;
    if (isnull[0])
        return;

    MemoryContext caller = MemoryContextSwitchTo(state->batch_context);
    struct varlena *mask = PG_DETOAST_DATUM_PACKED(values[0]);
    if (PointerGetDatum(mask) == values[0]) {
        // Still in the scan's buffer or per-tuple memory, which the batch outlives.
        mask = (struct varlena *)palloc(VARSIZE_ANY(values[0]));
        memcpy(mask, DatumGetPointer(values[0]), VARSIZE_ANY(values[0]));
    }
    MemoryContextSwitchTo(caller);

    state->tids[state->count] = *tid;
    state->items[state->count].mask = mask_bytes(mask);
    state->bytes += VARSIZE_ANY(mask);
    state->count++;
    if (state->count == kBatchItems || state->bytes >= state->max_bytes)
        flush_batch(state);
}

static void write_meta_page(Relation index, ForkNumber fork, const ChiIndexInfo &info, bool log_page)
{
    Buffer buffer = extend_index(index, fork);
    if (BufferGetBlockNumber(buffer) != 0)
        elog(ERROR, "index \"%s\" already contains data", RelationGetRelationName(index));

    START_CRIT_SECTION();
    init_meta_page(BufferGetPage(buffer), info);
    MarkBufferDirty(buffer);
    if (log_page)
        log_newpage_buffer(buffer, true);
    END_CRIT_SECTION();
    UnlockReleaseBuffer(buffer);
}

extern "C" IndexBuildResult *chi_build(Relation heap, Relation index, IndexInfo *index_info)
{
    if (RelationGetNumberOfBlocks(index) != 0)
        elog(ERROR, "index \"%s\" already contains data", RelationGetRelationName(index));
    if (!is_mask_type(index->rd_opcintype[0]))
        ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                        errmsg("chi indexes are for columns of type mask, not %s",
                               format_type_be(index->rd_opcintype[0]))));

    // TRUNCATE of a table made in the same transaction empties the file and builds anew under one relcache entry.
    forget_cache(index);

    BuildState state = {};
    report_phase(phase_sampling);
    state.index = index;
    state.info = choose_info(heap, index, index_info);
    state.batch_context = AllocSetContextCreate(CurrentMemoryContext, "chi build", ALLOCSET_DEFAULT_SIZES);
    state.max_bytes = std::min(kBatchBytes, size_t(maintenance_work_mem) * 1024);
    state.items = (BatchItem *)palloc(sizeof(BatchItem) * kBatchItems);
    state.tids = (ItemPointerData *)palloc(sizeof(ItemPointerData) * kBatchItems);

    write_meta_page(index, MAIN_FORKNUM, state.info, false);
    report_phase(phase_summarizing);
    double heap_tuples =
        table_index_build_scan(heap, index, index_info, false, true, collect_row, &state, nullptr);
    flush_batch(&state);
    MemoryContextDelete(state.batch_context);

    if (RelationNeedsWAL(index)) {
        report_phase(phase_logging);
        log_newpage_range(index, MAIN_FORKNUM, 0, RelationGetNumberOfBlocks(index), true);
    }

    IndexBuildResult *result = (IndexBuildResult *)palloc(sizeof(IndexBuildResult));
    result->heap_tuples = heap_tuples;
    result->index_tuples = state.tuples;
    return result;
}

// The init fork of an unlogged index, which replaces the index after a crash.
extern "C" void chi_build_empty(Relation index)
{
    write_meta_page(index, INIT_FORKNUM, choose_info(nullptr, index, nullptr), true);
}

} // namespace mq
