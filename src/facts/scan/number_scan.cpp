#include "facts/scan/number_scan.h"

#include "store/page/cache.h"
#include "store/segment/segment_access.h"
#include "store/page/tid_map.h"
#include "facts/segment_leaves.h"
#include "pg/compat.h"

namespace mq
{

namespace
{

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

} // namespace

struct NumberScan {
    Relation index;
    ChiIndexInfo info;
    Program program;
    const ProgramInput *inputs;
    Snapshot snapshot;
    ChiTidPage *page;
    ChiSegment *segment;
    MeasuredSegment *measured;
    MeasuredSegment *last;
    RowEntry entry; // of the row; all masks are of the one index
    RowLeaves leaves;
    ColumnRoom columns;
    SegmentRows all_rows;
    MeasuredRow *rows;
};

NumberScan *begin_number_scan(Relation index, const Program &program, const ProgramInput *inputs,
                              Snapshot snapshot)
{
    NumberScan *w = (NumberScan *)palloc0(sizeof(NumberScan));
    w->index = index;
    w->info = *chi_index_info(index);
    w->program = program;
    w->inputs = inputs;
    w->snapshot = snapshot;
    w->page = (ChiTidPage *)palloc(sizeof(ChiTidPage));
    w->segment = make_chi_segment(CurrentMemoryContext);
    w->measured = (MeasuredSegment *)palloc(sizeof(MeasuredSegment) * kMeasuredSegments);
    for (uint32_t i = 0; i < kMeasuredSegments; i++)
        w->measured[i].first = 0;
    w->entry.bins = &w->info.bins;
    w->entry.row.context = CurrentMemoryContext;
    w->leaves = make_row_leaves(&w->program, CurrentMemoryContext);
    for (int i = 0; i < program.sources; i++)
        w->leaves.entries[i] = &w->entry;
    w->columns = make_column_room(program.sites, batch_memory_size(program), CurrentMemoryContext);
    w->all_rows.stage = SegmentStage::all;
    w->rows = (MeasuredRow *)palloc(sizeof(MeasuredRow) * kSlotsPerTidPage);
    return w;
}

uint32_t number_scan_pages(BlockNumber heap_blocks)
{
    return positions_of_table(heap_blocks);
}

namespace
{

// The segment whose first page is `first`; null when it is not there any more.
const MeasuredSegment *measured_segment(NumberScan *w, BlockNumber first)
{
    if (w->last && w->last->first == first)
        return w->last;
    MeasuredSegment *m = &w->measured[(first * 2654435761u >> 16) % kMeasuredSegments];
    if (m->first != first) {
        CHECK_FOR_INTERRUPTS();
        m->first = 0;
        if (!open_chi_segment(w->index, first, w->segment))
            return nullptr;
        const SegmentHead &head = w->segment->head;
        m->rows = w->all_rows.n = head.rows;
        memcpy(m->tids, head.tids, head.rows * sizeof(ItemPointerData));
        if (!segment_numbers(w->index, w->segment, &w->info.bins, &w->leaves, w->inputs,
                             &w->columns, w->all_rows, m->lo, m->hi, m->may))
            return nullptr;
        m->first = first;
    }
    w->last = m;
    return m;
}

void measure_row(NumberScan *w, const ItemPointerData *slot, MeasuredRow *row)
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
    forget_entry(&w->entry);
    w->entry.known = chi_lookup_slot(w->index, slot, &row->tid, &w->entry.row) == ChiState::built;
    read_leaf_calls(w->program, w->inputs, w->leaves.calls);
    find_values(&w->leaves, Stage::counts);
    Num n = evaluate_number(w->program, w->inputs, w->leaves.values);
    row->lo = n.lo;
    row->hi = n.hi;
    row->may = n.may;
}

} // namespace

uint32_t measure_page(NumberScan *w, uint32_t page, const MeasuredRow **rows)
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
