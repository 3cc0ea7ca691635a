#include "facts/segment_leaves.h"

namespace mq
{

ColumnRoom make_column_room(int most_sites, size_t most_memory, MemoryContext context)
{
    const size_t n = size_t(Max(most_sites, 1));
    LeafColumn *columns = (LeafColumn *)MemoryContextAllocZero(context, sizeof(LeafColumn) * n);
    return ColumnRoom{columns, int(n), MemoryContextAlloc(context, Max(most_memory, size_t{1})),
                      context};
}

namespace
{

// A segment, and what is asked of it.
struct Subject {
    Relation index;
    ChiSegment *segment;
    const ChiBins *bins;
    RowLeaves *l;
    ColumnRoom *room;
    const SegmentRows &rows;
};

void allocate_column(ColumnRoom *room, LeafColumn *c)
{
    if (c->lo != nullptr)
        return;
    const size_t size = kSegmentRows * (2 * sizeof(uint32_t) + sizeof(uint8_t));
    c->lo = (uint32_t *)MemoryContextAlloc(room->context, size);
    c->hi = c->lo + kSegmentRows;
    c->known = (uint8_t *)(c->hi + kSegmentRows);
    memset(c->known, 1, kSegmentRows);
}

// The bounds of some rows, which are row 0, 1, ... of the batch.
bool bounds_of_few(const Subject &s, const EdgeSelection &edges, const Roi &roi, LeafColumn *c)
{
    uint32_t least[kSegmentRows], most[kSegmentRows];
    if (!bound_rows(s.index, s.segment, edges, roi, s.rows.wanted, least, most))
        return false;
    for (uint32_t i = 0; i < s.rows.n; i++) {
        c->lo[i] = least[s.rows.rows[i]];
        c->hi[i] = most[s.rows.rows[i]];
    }
    return true;
}

bool fetch_column(const Subject &s, int site)
{
    const LeafCall &call = s.l->calls[site];
    LeafColumn *c = &s.room->columns[site];
    const EdgeSelection &edges = select_for(&s.l->edges, site, 0, s.bins, s.segment->segment.shape,
                                            call.numbers[0], call.numbers[1])
                                     ->edges;
    allocate_column(s.room, c);
    if (s.rows.stage == SegmentStage::few)
        return bounds_of_few(s, edges, call.roi, c);
    if (s.rows.stage == SegmentStage::coarse)
        return bound_rows_coarsely(s.index, s.segment, edges, call.roi, c->lo, c->hi);
    return bound_rows(s.index, s.segment, edges, call.roi, nullptr, c->lo, c->hi);
}

template <typename Evaluate>
bool evaluate_segment(const Subject &s, const ProgramInput *inputs, Evaluate evaluate)
{
    const Program &program = *s.l->program;
    Assert(program.sites <= s.room->n);
    read_leaf_calls(program, inputs, s.l->calls);
    for (int i = 0; i < program.sites; i++)
        s.room->columns[i].given = false;
    return evaluate_with_columns(program, s.l->calls, s.room->columns, evaluate,
                                 [&](int site) { return fetch_column(s, site); });
}

} // namespace

bool segment_outcomes(Relation index, ChiSegment *s, const ChiBins *bins, RowLeaves *l,
                      const ProgramInput *inputs, ColumnRoom *room, const SegmentRows &rows,
                      uint8_t *outcomes)
{
    return evaluate_segment(Subject{index, s, bins, l, room, rows}, inputs, [&] {
        return evaluate_batch(*l->program, inputs, l->calls, room->columns, rows.n, room->memory,
                              outcomes);
    });
}

bool segment_numbers(Relation index, ChiSegment *s, const ChiBins *bins, RowLeaves *l,
                     const ProgramInput *inputs, ColumnRoom *room, const SegmentRows &rows,
                     double *lo, double *hi, uint8_t *may)
{
    return evaluate_segment(Subject{index, s, bins, l, room, rows}, inputs, [&] {
        return evaluate_number_batch(*l->program, inputs, l->calls, room->columns, rows.n,
                                     room->memory, lo, hi, may);
    });
}

} // namespace mq
