#include "store/segment/segment_access.h"

#include "store/page/cache.h"
#include "store/entry/entries.h"
#include "pg/compat.h"
#include "pg/guard.h"
#include "pg/pause.h"

extern "C" {
#include "utils/snapmgr.h"
}

namespace mq
{

static Snapshot current_snapshot()
{
    return ActiveSnapshotSet() ? GetActiveSnapshot() : nullptr;
}

ChiSegment *make_chi_segment(MemoryContext context)
{
    ChiSegment *s = (ChiSegment *)MemoryContextAllocZero(context, sizeof(ChiSegment));
    s->context = context;
    return s;
}

static bool read_bytes(Relation index, ChiSegment *s, uint64_t offset, size_t length, uint8_t *out)
{
    pause_point(PausePoint::segment_opened);
    if (s->n_reads < int(lengthof(s->reads)))
        s->reads[s->n_reads++] = PayloadRange{size_t(offset), length};
    return read_segment_bytes(index, s->head, current_snapshot(), offset, length, out);
}

// Carries out what was planned.
static bool read_planned(Relation index, ChiSegment *s, uint8_t *memory)
{
    const SegmentReads &planned = s->planned;
    for (int i = 0; i < planned.n; i++) {
        const SegmentRead &read = planned.list[i];
        if (!read_bytes(index, s, read.offset, read.length, memory + read.at))
            return false;
    }
    return true;
}

static void reserve_cache(ChiSegment *s)
{
    size_t size = segment_cache_size(s->segment);
    uint8_t *memory = s->cache.memory;
    if (s->cache.capacity < size) {
        if (memory)
            pfree(memory);
        s->cache.use(nullptr, 0);
        memory = (uint8_t *)MemoryContextAlloc(s->context, size);
        s->cache.use(memory, size);
    } else
        s->cache.forget();
}

bool open_chi_segment(Relation index, BlockNumber first, ChiSegment *s)
{
    uint8_t start[kMaxBins + 64]; // what open_segment needs is less
    const ChiIndexInfo *info = chi_index_info(index);
    const size_t wanted = segment_head_size(info->bins);
    size_t start_size;

    s->open = false;
    s->n_reads = 0;
    if (!read_segment_start(index, first, current_snapshot(), &s->head, start, wanted, &start_size))
        return false;
    // The rest, when lists fill the first page.
    const size_t all = std::min<size_t>(wanted, s->head.size);
    if (start_size < all && !read_bytes(index, s, start_size, all - start_size, start + start_size))
        return false;
    start_size = all;
    call_core([&](Error &err) {
        return open_segment(Bytes{start, start_size}, s->head.size, info->grid, info->bins,
                            &s->segment, err);
    });
    if (s->segment.rows != s->head.rows)
        index_corrupted(index, "The segment in block %u has %u rows, and TIDs for %u.", first,
                        s->segment.rows, s->head.rows);
    reserve_cache(s);
    s->index = RelationGetRelid(index);
    s->file = relation_file_number(index);
    s->open = true;
    return true;
}

bool still_has_row(Relation index, const ChiSegment &s, BlockNumber first, uint32_t row,
                   const ItemPointerData *tid)
{
    uint64_t id;
    return s.open && s.head.first == first && s.index == RelationGetRelid(index) &&
           s.file == relation_file_number(index) &&
           segment_has_row(index, first, row, tid, current_snapshot(), &id) && id == s.head.id;
}

void prefetch_chi_segment(Relation index, BlockNumber first, const ChiSegment &last)
{
    if (last.open)
        prefetch_segment(index, first, last.head, last.reads, last.n_reads);
}

bool bound_rows(Relation index, ChiSegment *s, const EdgeSelection &edges, const Roi &roi,
                const uint8_t *wanted, uint32_t *lo, uint32_t *hi)
{
    s->planned.n = 0;
    plan_segment_bounds(s->segment, edges, roi, wanted, &s->cache, &s->planned);
    if (!read_planned(index, s, s->cache.memory))
        return false;
    segment_bounds(s->segment, edges, roi, wanted, s->cache, lo, hi);
    return true;
}

bool bound_rows_coarsely(Relation index, ChiSegment *s, const EdgeSelection &edges, const Roi &roi,
                         uint32_t *lo, uint32_t *hi)
{
    uint8_t counts[kCoarseBytes];
    s->planned.n = 0;
    plan_coarse_bounds(s->segment, edges, roi, &s->planned);
    if (!read_planned(index, s, counts))
        return false;
    segment_coarse_bounds(s->segment, edges, roi, counts, lo, hi);
    return true;
}

bool bound_row(Relation index, ChiSegment *s, uint32_t row, const EdgeSelection &edges,
               const Roi &roi, CountBounds *out)
{
    RowPlanes planes;
    s->planned.n = 0;
    plan_row_bounds(s->segment, row, edges, roi, &s->cache, &s->planned, &planes);
    if (!read_planned(index, s, s->cache.memory))
        return false;
    *out = segment_row_bounds(s->segment, edges, roi, planes);
    return true;
}

static bool extract_edge(Relation index, ChiSegment *s, uint32_t row, int32_t edge, uint8_t *out)
{
    RowPlane plane;
    s->planned.n = 0;
    plan_row_edge(s->segment, row, edge, &s->cache, &s->planned, &plane);
    if (!read_planned(index, s, s->cache.memory))
        return false;
    put_row_edge(s->segment, edge, plane, out);
    return true;
}

static bool extract_tail(Relation index, ChiSegment *s, uint32_t row, uint8_t *out)
{
    const Segment &segment = s->segment;
    return segment.tail_size == 0 ||
           read_bytes(index, s, segment.tail_start + uint64_t{row} * segment.tail_size,
                      segment.tail_size, tail_of(segment, out));
}

bool extract_chi_entry(Relation index, ChiSegment *s, uint32_t row, ChiEntryBuffer *out)
{
    reserve_entry(out, s->segment.entry_size);
    out->size = s->segment.entry_size;
    begin_row_entry(s->segment, out->data);
    for (int32_t edge = 1; edge < s->segment.shape.bins; edge++)
        if (!extract_edge(index, s, row, edge, out->data))
            return false;
    return extract_tail(index, s, row, out->data);
}

bool extract_chi_edges(Relation index, ChiSegment *s, uint32_t row, const EdgeSelection &edges,
                       uint8_t *out, ChiEntry *entry)
{
    int32_t wanted[4];
    const int n = inner_edges(s->segment, edges, wanted);
    *entry = begin_row_entry(s->segment, out);
    for (int i = 0; i < n; i++)
        if (!extract_edge(index, s, row, wanted[i], out))
            return false;
    return extract_tail(index, s, row, out);
}

bool read_coarse_counts(Relation index, ChiSegment *s, int32_t edge, uint8_t *out)
{
    return read_bytes(index, s, coarse_counts_offset(s->segment, edge), s->segment.rows, out);
}

} // namespace mq
