// A scan that computes a number for each row, where others decide clauses.
#include "facts/scan/scan_state.h"
#include "store/page/tid_map.h"

namespace mq
{

RowScan *begin_number_scan(Relation index, const Program &program, const ProgramInput *inputs,
                           Snapshot snapshot)
{
    ScanClause *clause = (ScanClause *)palloc0(sizeof(ScanClause));
    clause->program = program;
    clause->inputs = inputs;
    RowScan *scan = begin_row_scan(&index, 1, clause, 1, snapshot);
    scan->measured = (MeasuredRow *)palloc(sizeof(MeasuredRow) * kSlotsPerTidPage);
    return scan;
}

// By the other rows of its segment. False when the row has an entry of its own, or the program is
// evaluated row by row.
static bool measure_with_segment(RowScan *scan, const ItemPointerData &slot, MeasuredRow *row)
{
    ScanIndex *w = &scan->indexes[0];
    if (!slot_is_segment_row(&slot) || w->n_batch == 0)
        return false;
    const uint32_t number = slot_segment_row(&slot);
    const DecidedSegment *s = decided_segment(scan, w, ItemPointerGetBlockNumberNoCheck(&slot));
    // The segment may have gone since the slot was copied: the row has another entry then.
    if (s == nullptr || !s->has(number, &row->tid))
        return false;
    const SegmentNumbers *numbers = s->numbers();
    row->lo = numbers->lo[number];
    row->hi = numbers->hi[number];
    row->may = numbers->may[number];
    return true;
}

static void measure_row(RowScan *scan, MeasuredRow *row)
{
    const ScanClause &clause = scan->clauses[0];
    scan->indexes[0].tried = false;
    const LeafValue *values = values_of_row(scan, 0, &row->tid);
    const Num n = evaluate_number(clause.program, clause.inputs, values);
    row->lo = n.lo;
    row->hi = n.hi;
    row->may = n.may;
}

uint32_t measure_page(RowScan *scan, uint32_t page, const MeasuredRow **rows)
{
    uint32_t n = 0;
    *rows = scan->measured;
    if (!load_tid_pages(scan, page))
        return 0;
    if (scan->indexes[0].n_batch > 0)
        prefetch_decided(&scan->indexes[0]);
    for_each_slot(*scan->indexes[0].page,
                  [&](const ItemPointerData &slot, const ItemPointerData &tid) {
                      MeasuredRow *row = &scan->measured[n++];
                      row->tid = tid;
                      if (!measure_with_segment(scan, slot, row))
                          measure_row(scan, row);
                  });
    return n;
}

} // namespace mq
