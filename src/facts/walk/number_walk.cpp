#include "facts/walk/number_walk.h"

#include "store/page/cache.h"
#include "store/segment/segment_access.h"
#include "store/page/tid_map.h"
#include "core/program/batch.h"
#include "core/leaves/entry_bounds.h"
#include "pg/compat.h"

namespace mq
{

namespace
{

// One cp of the program: the edges selected for it last until a mask of another format or domain
// comes.
struct Site {
    bool valid;
    PixelFormat format;
    Domain domain;
    EdgeSelection edges;
};

// A segment with all its rows computed.
struct MeasuredSegment {
    BlockNumber first; // of its pages; 0: none
    uint32_t rows;
    ItemPointerData tids[kSegmentRows];
    double lo[kSegmentRows], hi[kSegmentRows];
    uint8_t may[kSegmentRows];
};
// Rows of a segment lie together in the heap more often than not; where they do not, a segment is
// computed again when it has been forgotten.
constexpr uint32_t kMeasuredSegments = 64;

static_assert(kSegmentRows <= kBatchRows, "a segment is computed in one call");

} // namespace

struct NumberWalk {
    Relation index;
    ChiIndexInfo info;
    Program program;
    const ProgramInput *inputs;
    Snapshot snapshot;
    ChiTidPage *page;
    Site *sites;
    void *batch_memory;
    ChiSegment *segment;
    bool gone; // the segment was recycled while it was read
    MeasuredSegment *measured;
    MeasuredSegment *last;
    ChiRow row;
    bool known; // the row has an entry
    EntryBounds row_calls;
    MemoryContext context;
    MeasuredRow *rows;
};

// The callbacks of EntryBounds, for the current row. All masks are of the one index.
static bool find_row(void *context, int, SourceEntry *out)
{
    NumberWalk *w = (NumberWalk *)context;
    *out = SourceEntry{&w->row.shape, &w->info.bins};
    return w->known;
}

static bool row_count(void *context, const CpCall &call, const EdgeSelection &edges,
                      CountBounds *out)
{
    return chi_row_bounds(&((NumberWalk *)context)->row, edges, call.roi, out);
}

static bool row_entry(void *context, int, ChiEntry *out)
{
    return chi_whole_row(&((NumberWalk *)context)->row, out);
}

static void *allocate(void *context, size_t size)
{
    return MemoryContextAlloc(((NumberWalk *)context)->context, size);
}

NumberWalk *begin_number_walk(Relation index, const Program &program, const ProgramInput *inputs,
                              Snapshot snapshot)
{
    NumberWalk *w = (NumberWalk *)palloc0(sizeof(NumberWalk));
    w->index = index;
    w->info = *chi_index_info(index);
    w->program = program;
    w->inputs = inputs;
    w->snapshot = snapshot;
    w->page = (ChiTidPage *)palloc(sizeof(ChiTidPage));
    w->sites = (Site *)palloc0(sizeof(Site) * Max(program.sites, 1));
    w->batch_memory = palloc(batch_memory_size(program));
    w->segment = make_chi_segment(CurrentMemoryContext);
    w->measured = (MeasuredSegment *)palloc(sizeof(MeasuredSegment) * kMeasuredSegments);
    for (uint32_t i = 0; i < kMeasuredSegments; i++)
        w->measured[i].first = 0;
    w->row.context = CurrentMemoryContext;
    w->context = CurrentMemoryContext;
    w->row_calls = EntryBounds{
        find_row,  row_count,
        row_entry, allocate,
        w,         (SiteEdges *)palloc0(sizeof(SiteEdges) * kMasksOfSite * Max(program.sites, 1))};
    w->rows = (MeasuredRow *)palloc(sizeof(MeasuredRow) * kSlotsPerTidPage);
    return w;
}

uint32_t number_walk_pages(BlockNumber heap_blocks)
{
    return positions_of_table(heap_blocks);
}

namespace
{

const EdgeSelection &select_edges_of(NumberWalk *w, const CpCall &call, const ChiEntry &shape)
{
    Site *site = &w->sites[call.site];
    if (!site->valid || site->format != shape.format || !(site->domain == shape.domain))
        *site = Site{true, shape.format, shape.domain,
                     select_edges(shape.format, shape.domain, w->info.bins, call.lv, call.uv)};
    return site->edges;
}

// BatchSource callback, for the open segment.
void segment_counts(void *context, const CpCall &call, uint32_t n, uint32_t *lo, uint32_t *hi,
                    uint8_t *known)
{
    NumberWalk *w = (NumberWalk *)context;
    ChiSegment *s = w->segment;
    bool read = !w->gone && bound_rows(w->index, s, select_edges_of(w, call, s->segment.shape),
                                       call.roi, nullptr, lo, hi);
    w->gone = !read;
    memset(known, read, n);
}

// The segment whose first page is `first`; null when it is not there any more.
const MeasuredSegment *measured_segment(NumberWalk *w, BlockNumber first)
{
    if (w->last && w->last->first == first)
        return w->last;
    MeasuredSegment *m = &w->measured[(first * 2654435761u >> 16) % kMeasuredSegments];
    if (m->first != first) {
        CHECK_FOR_INTERRUPTS();
        m->first = 0;
        w->gone = !open_chi_segment(w->index, first, w->segment);
        if (w->gone)
            return nullptr;
        const SegmentHead &head = w->segment->head;
        m->rows = head.rows;
        memcpy(m->tids, head.tids, head.rows * sizeof(ItemPointerData));
        evaluate_number_batch(w->program, w->inputs, BatchSource{segment_counts, w}, m->rows,
                              w->batch_memory, m->lo, m->hi, m->may);
        if (w->gone)
            return nullptr;
        m->first = first;
    }
    w->last = m;
    return m;
}

void measure_row(NumberWalk *w, const ItemPointerData *slot, MeasuredRow *row)
{
    if (slot_is_segment_row(slot) && !w->program.by_row) {
        const uint32_t number = slot_segment_row(slot);
        const MeasuredSegment *m = measured_segment(w, ItemPointerGetBlockNumberNoCheck(slot));
        // The segment may have gone since the slot was copied: the row has another entry then.
        if (m && number < m->rows && same_slot(&m->tids[number], &row->tid)) {
            row->lo = m->lo[number];
            row->hi = m->hi[number];
            row->may = m->may[number];
            return;
        }
    }
    w->known = chi_lookup_slot(w->index, slot, &row->tid, &w->row) == ChiState::built;
    Num n = evaluate_number(w->program, w->inputs, entry_bound_source(&w->row_calls));
    row->lo = n.lo;
    row->hi = n.hi;
    row->may = n.may;
}

} // namespace

uint32_t measure_page(NumberWalk *w, uint32_t page, const MeasuredRow **rows)
{
    BlockNumber block;
    uint32_t n = 0;
    *rows = w->rows;
    if (!find_tid_page(w->index, page, &block))
        return 0;
    // A copy, so that no lock is held while entries are read.
    copy_tid_page(w->index, block, page, w->snapshot, w->page);
    for_each_slot(*w->page, [&](const ItemPointerData &slot, const ItemPointerData &tid) {
        MeasuredRow *row = &w->rows[n++];
        row->tid = tid;
        measure_row(w, &slot, row);
    });
    return n;
}

} // namespace mq
