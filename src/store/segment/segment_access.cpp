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

static bool read_bytes(void *context, uint64_t offset, size_t length, uint8_t *out)
{
    ChiSegment *s = (ChiSegment *)context;
    pause_point(PausePoint::segment_opened);
    if (s->n_reads < int(lengthof(s->reads)))
        s->reads[s->n_reads++] = PayloadRange{size_t(offset), length};
    return read_segment_bytes(s->reading, s->head, s->snapshot, offset, length, out);
}

SegmentReader segment_reader(Relation index, ChiSegment *s)
{
    s->reading = index;
    s->snapshot = current_snapshot();
    return SegmentReader{read_bytes, s};
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
    SegmentReader reader = segment_reader(index, s);
    const size_t all = std::min<size_t>(wanted, s->head.size);
    if (start_size < all &&
        !reader.read(reader.context, start_size, all - start_size, start + start_size))
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

bool extract_chi_entry(Relation index, ChiSegment *s, uint32_t row, ChiEntryBuffer *out)
{
    reserve_entry(out, s->segment.entry_size);
    out->size = s->segment.entry_size;
    return extract_entry(s->segment, segment_reader(index, s), row, &s->cache, out->data);
}

} // namespace mq
