// chi_index_info() and cp_bounds(): what an index knows, shown to its users.
#include "store/page/cache.h"
#include "store/entry/entries.h"
#include "chi/open.h"
#include "store/segment/segments.h"
#include "store/page/tid_map.h"
#include "core/chi/bounds/bounds.h"
#include "pg/guard.h"
#include "pg/result_row.h"
#include "types/roi/roi.h"

extern "C" {
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/snapmgr.h"
}

namespace mq
{

struct IndexCounts {
    int64_t sealed, delta;      // entries built: in segments, and row-shaped
    int64_t pending, oversized; // entries
    int64_t dead;               // chunks and rows of segments that no slot leads to
    int64_t segments;
    int64_t meta, map, tids, entries, segment_pages, free; // pages
};

static bool count_slots(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position,
                        void *arg)
{
    IndexCounts *counts = (IndexCounts *)arg;
    if (kind != ChiPageKind::tids)
        return true;
    CHECK_FOR_INTERRUPTS();

    Buffer buffer = read_locked(index, block, BUFFER_LOCK_SHARE);
    const ChiTidPage *page = checked_tid_page(index, buffer, position);
    for_each_slot(*page, [&](const ItemPointerData &slot, const ItemPointerData &) {
        if (slot_is_pending(&slot))
            counts->pending++;
        else if (slot_is_oversized(&slot))
            counts->oversized++;
        else if (slot_is_segment_row(&slot))
            counts->sealed++;
        else
            counts->delta++;
    });
    UnlockReleaseBuffer(buffer);
    return true;
}

// Chunks that no slot leads to, as VACUUM looks for them. REQUIRES: no lock is held; `page` is a
// copy.
static void count_dead_chunks(Relation index, Page page, IndexCounts *counts)
{
    for (OffsetNumber offset = FirstOffsetNumber; offset <= PageGetMaxOffsetNumber(page);
         offset++) {
        const ChiChunk *chunk = checked_chunk(index, page, offset);
        ItemPointerData slot;
        if (chunk && (!read_slot(index, &chunk->tid, nullptr, &slot) || slot_is_empty(&slot) ||
                      slot_is_segment_row(&slot)))
            counts->dead++;
    }
}

// The segment whose first page is `block`, if it is one.
static void count_segment(Relation index, BlockNumber block, SegmentHead *head, IndexCounts *counts)
{
    uint64_t id;
    uint32_t part;
    if (!read_segment_part(index, block, nullptr, &id, &part) || part > 0 ||
        !read_segment_head(index, block, nullptr, head))
        return;
    counts->segments++;
    for (uint32_t i = 0; i < head->rows; i++)
        if (ItemPointerIsValid(&head->tids[i]) && !leads_to(index, *head, i))
            counts->dead++;
}

static void count_pages(Relation index, IndexCounts *counts)
{
    PGAlignedBlock copy;
    Page page = copy.data;
    SegmentHead *head = (SegmentHead *)palloc(sizeof(SegmentHead));
    BlockNumber blocks = RelationGetNumberOfBlocks(index);

    for (BlockNumber block = 0; block < blocks; block++) {
        CHECK_FOR_INTERRUPTS();
        Buffer buffer = read_locked(index, block, BUFFER_LOCK_SHARE);
        memcpy(page, BufferGetPage(buffer), BLCKSZ);
        UnlockReleaseBuffer(buffer);

        ChiPageKind kind;
        if (PageIsNew(page))
            counts->free++;
        else if (!page_is_sound(page, &kind))
            index_corrupted(index, "Block %u is not a page of this index.", block);
        else if (kind == ChiPageKind::meta)
            counts->meta++;
        else if (kind == ChiPageKind::tids)
            counts->tids++;
        else if (kind == ChiPageKind::segment) {
            counts->segment_pages++;
            count_segment(index, block, head, counts);
        } else if (kind != ChiPageKind::entries)
            counts->map++;
        else if (PageGetMaxOffsetNumber(page) == 0)
            counts->free++;
        else {
            counts->entries++;
            count_dead_chunks(index, page, counts);
        }
    }
    pfree(head);
}

static Datum edges_array(const ChiBins &bins)
{
    Datum edges[kMaxBins - 1];
    for (int i = 0; i < bins.bins - 1; i++)
        edges[i] = Float8GetDatum(bins.inner[i]);
    return PointerGetDatum(construct_array(edges, bins.bins - 1, FLOAT8OID, sizeof(float8),
                                           FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

static void check_value_range(double lv, double uv)
{
    if (!(lv <= uv)) // also for NaN
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("cp_bounds needs a value range with lv <= uv, without NaN"),
                        errdetail("lv is %g, uv is %g.", lv, uv),
                        errhint("An end is left open with -infinity or infinity.")));
}

} // namespace mq

MQ_FUNCTION(chi_describe_index)
{
    using namespace mq;
    constexpr int kColumns = 24;
    TupleDesc row = result_row(fcinfo, kColumns);
    OpenedIndex opened = open_chi_index(PG_GETARG_OID(0));
    Relation index = opened.index;
    require_select(opened);

    ChiIndexInfo info = *chi_index_info(index);
    IndexCounts counts = {};
    walk_map(index, MapVisitor{count_slots, &counts});
    count_pages(index, &counts);

    bool nulls[kColumns] = {};
    Datum values[kColumns] = {
        Int64GetDatum(counts.sealed + counts.delta + counts.pending + counts.oversized),
        Int64GetDatum(counts.sealed + counts.delta),
        Int64GetDatum(counts.pending),
        Int64GetDatum(counts.oversized),
        Int64GetDatum(counts.dead),
        Int64GetDatum(counts.segments),
        Int64GetDatum(counts.delta),
        Int64GetDatum(counts.meta),
        Int64GetDatum(counts.map),
        Int64GetDatum(counts.tids),
        Int64GetDatum(counts.entries),
        Int64GetDatum(counts.segment_pages),
        Int64GetDatum(counts.free),
        Int64GetDatum(int64_t{RelationGetNumberOfBlocks(index)} * BLCKSZ),
        Int32GetDatum(info.grid.cell_width),
        Int32GetDatum(info.grid.cell_height),
        Int32GetDatum(info.grid.grid_x),
        Int32GetDatum(info.grid.grid_y),
        Int32GetDatum(info.bins.bins),
        CStringGetTextDatum(info.equi_depth ? "equi_depth" : "equi_width"),
        Float8GetDatum(info.bins.lo),
        Float8GetDatum(info.bins.hi),
        edges_array(info.bins),
        Int32GetDatum(info.grid.extremes),
    };
    nulls[14] = nulls[15] = info.grid.cell_width == 0;
    nulls[16] = nulls[17] = info.grid.grid_x == 0;

    close_chi_index(opened);
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(row, values, nulls)));
}

MQ_FUNCTION(cp_bounds)
{
    using namespace mq;
    TupleDesc row = result_row(fcinfo, 2);
    ItemPointer tid = (ItemPointer)PG_GETARG_POINTER(1);
    Roi roi = datum_get_roi(PG_GETARG_DATUM(2));
    double lv = PG_GETARG_FLOAT8(3), uv = PG_GETARG_FLOAT8(4);
    check_value_range(lv, uv);

    OpenedIndex opened = open_chi_index(PG_GETARG_OID(0));
    require_select(opened);

    Datum values[2] = {};
    bool nulls[2] = {true, true};
    ChiRow found;
    found.context = CurrentMemoryContext;
    bool exists = ItemPointerGetBlockNumberNoCheck(tid) < RelationGetNumberOfBlocks(opened.heap);
    ChiEntry entry;
    if (exists && chi_lookup_row(opened.heap, opened.index, tid, &found) == ChiState::built &&
        chi_whole_row(&found, &entry)) {
        CountBounds bounds = tile_bounds(entry, chi_index_info(opened.index)->bins, roi, lv, uv);
        values[0] = Float8GetDatum(double(bounds.lo));
        values[1] = Float8GetDatum(double(bounds.hi));
        nulls[0] = nulls[1] = false;
    }
    close_chi_index(opened);
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(row, values, nulls)));
}
