// CREATE INDEX: masks are collected in batches, summarised on several threads and written by this
// one; or, WITH (build = incremental), no mask is read and every row with one becomes pending.
//
// The pages go through shared buffers without a WAL record each: nobody else can see the index yet.
// When it is finished, its file is logged page by page, as gin and gist do, so a crash before that
// leaves an index that was never committed.
#include "chi/am.h"
#include "chi/build/binning.h"
#include "store/page/cache.h"
#include "store/entry/entries.h"
#include "chi/build/listing.h"
#include "chi/build/mask_batch.h"
#include "chi/options.h"
#include "store/segment/seal.h"
#include "pg/compat.h"
#include "pg/guard.h"

extern "C" {
#include "access/tableam.h"
#include "access/xloginsert.h"
#include "commands/progress.h"
#include "nodes/execnodes.h"
#include "storage/ipc.h"
#include "utils/backend_progress.h"
}

namespace mq
{

// Two batches take turns: while the entries of one are built, the other is filled with what is
// fetched from TOAST.
struct BuildState {
    Relation index;
    ChiIndexInfo info;
    MaskBatch batches[2];
    int filling; // the one that takes rows; the other is at work, or empty
    Sealer sealer;
    double tuples; // entries written
};

extern "C" char *chi_build_phase_name(int64 phase)
{
    switch (phase) {
    case phase_initializing:
        return pstrdup("initializing");
    case phase_sampling:
        return pstrdup("sampling masks");
    case phase_listing:
        return pstrdup("listing masks");
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

// Waits for the entries of a batch at work, writes them and empties it.
static void write_batch(BuildState *state, MaskBatch *batch)
{
    ItemPointerData nothing; // what the slot of a new row holds
    set_slot_empty(&nothing);
    Error err;
    if (!batch->working)
        return;
    if (!finish_entries(batch, err))
        report_error(err);
    for (size_t i = 0; i < batch->count; i++) {
        CHECK_FOR_INTERRUPTS();
        const BatchItem &item = batch->items[i];
        if (!add_to_seal(&state->sealer, &batch->tids[i], &nothing, item.entry, item.size))
            put_entry(state->index, &batch->tids[i], item.entry, item.size, true);
    }
    state->tuples += batch->count;
    pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE, int64(state->tuples));
    empty_mask_batch(batch);
}

// Puts the batch that was filled to work, once the other is written.
static void turn_batches(BuildState *state)
{
    MaskBatch *full = &state->batches[state->filling];
    state->filling = 1 - state->filling;
    write_batch(state, &state->batches[state->filling]);
    start_entries(full, state->info.grid, state->info.bins);
}

static void collect_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive,
                        void *arg)
{
    BuildState *state = (BuildState *)arg;
    if (isnull[0])
        return;
    MaskBatch *batch = &state->batches[state->filling];
    add_mask(batch, tid, values[0]);
    if (mask_batch_is_full(*batch))
        turn_batches(state);
}

// An error, or the end of the process, must not take the memory away from the threads.
static void cancel_build(int code, Datum arg)
{
    BuildState *state = (BuildState *)DatumGetPointer(arg);
    for (MaskBatch &batch : state->batches)
        cancel_entries(&batch);
}

static void summarize_rows(Relation heap, Relation index, IndexInfo *index_info,
                           const ChiIndexInfo &info, IndexBuildResult *result)
{
    BuildState *state = (BuildState *)palloc0(sizeof(BuildState));
    state->index = index;
    state->info = info;
    for (MaskBatch &batch : state->batches)
        batch = make_mask_batch(lengthof(state->batches));
    state->sealer = make_sealer(index, true);
    PG_ENSURE_ERROR_CLEANUP(cancel_build, PointerGetDatum(state));
    {
        result->heap_tuples = table_index_build_scan(heap, index, index_info, false, true,
                                                     collect_row, state, nullptr);
        turn_batches(state);
        write_batch(state, &state->batches[1 - state->filling]);
    }
    PG_END_ENSURE_ERROR_CLEANUP(cancel_build, PointerGetDatum(state));
    finish_sealer(&state->sealer);
    for (MaskBatch &batch : state->batches)
        free_mask_batch(&batch);
    result->index_tuples = state->tuples;
    pfree(state);
}

// An incremental build: the row becomes known, its mask is not looked at.
static void list_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive,
                     void *arg)
{
    if (!isnull[0])
        list_pending((PendingList *)arg, tid);
}

static void list_rows(Relation heap, Relation index, IndexInfo *index_info,
                      IndexBuildResult *result)
{
    PendingList *list = make_pending_list(index);
    result->heap_tuples =
        table_index_build_scan(heap, index, index_info, false, true, list_row, list, nullptr);
    write_pending_list(list);
    result->index_tuples = list->rows;
    pfree(list);
}

static void write_meta_page(Relation index, ForkNumber fork, const ChiIndexInfo &info, bool pending,
                            bool log_page)
{
    Buffer buffer = extend_index(index, fork);
    if (BufferGetBlockNumber(buffer) != 0)
        elog(ERROR, "index \"%s\" already contains data", RelationGetRelationName(index));

    START_CRIT_SECTION();
    init_meta_page(BufferGetPage(buffer), info, pending);
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

    // TRUNCATE of a table made in the same transaction empties the file and builds anew under one
    // relcache entry.
    forget_cache(index);

    report_phase(phase_sampling);
    ChiIndexInfo info = choose_info(heap, index, index_info);
    bool incremental = index_options(index).build == int(ChiBuild::incremental);
    write_meta_page(index, MAIN_FORKNUM, info, incremental, false);
    report_phase(incremental ? phase_listing : phase_summarizing);
    IndexBuildResult *result = (IndexBuildResult *)palloc(sizeof(IndexBuildResult));
    if (incremental)
        list_rows(heap, index, index_info, result);
    else
        summarize_rows(heap, index, index_info, info, result);

    if (RelationNeedsWAL(index)) {
        report_phase(phase_logging);
        log_newpage_range(index, MAIN_FORKNUM, 0, RelationGetNumberOfBlocks(index), true);
    }
    return result;
}

// The init fork of an unlogged index, which replaces the index after a crash.
extern "C" void chi_build_empty(Relation index)
{
    write_meta_page(index, INIT_FORKNUM, choose_info(nullptr, index, nullptr), false, true);
}

} // namespace mq
