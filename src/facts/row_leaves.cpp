#include "facts/row_leaves.h"

#include "core/leaves/mask_leaves.h"

namespace mq
{

RowLeaves make_row_leaves(const Program *program, MemoryContext context)
{
    const size_t sites = size_t(Max(program->sites, 1));
    return RowLeaves{program,
                     {},
                     (LeafCall *)MemoryContextAllocZero(context, sizeof(LeafCall) * sites),
                     (LeafValue *)MemoryContextAllocZero(context, sizeof(LeafValue) * sites),
                     make_edge_cache(program->sites, context)};
}

namespace
{

RowEntry *entry_of(const RowLeaves *l, int site, int mask)
{
    return l->entries[l->calls[site].leaf->sources[mask]];
}

// The edges of a call for one of its masks, whose entry is known.
SelectedEdges *edges_of(RowLeaves *l, int site, int mask)
{
    const LeafCall &call = l->calls[site];
    const RowEntry &e = *entry_of(l, site, mask);
    const bool overlap = call.leaf->kind->sources == 2;
    return select_for(&l->edges, site, mask, e.bins, e.row->shape, call.numbers[0],
                      overlap ? HUGE_VAL : call.numbers[1]);
}

// For leaves that need more than the counts of a few edges; null when the segment has gone.
const ChiEntry *whole_entry(RowEntry *e)
{
    if (!e->has_whole) {
        e->has_whole = true;
        e->is_whole = chi_whole_row(e->row, &e->entry);
    }
    return e->is_whole ? &e->entry : nullptr;
}

bool count_value(RowLeaves *l, int site, Num *out)
{
    CountBounds b;
    if (!chi_row_bounds(entry_of(l, site, 0)->row, edges_of(l, site, 0)->edges, l->calls[site].roi,
                        &b))
        return false;
    *out = count_number(b);
    return true;
}

bool narrow_count(RowLeaves *l, int site, Num *out)
{
    ChiEntry entry;
    SelectedEdges *s = edges_of(l, site, 0);
    if (!chi_row_edges(entry_of(l, site, 0)->row, s->edges, &entry))
        return false;
    *out = count_number(
        tile_bounds(entry, s->edges, selected_facts(&l->edges, s), l->calls[site].roi));
    return true;
}

bool sum_value(RowLeaves *l, int site, Num *out)
{
    const ChiEntry *entry = whole_entry(entry_of(l, site, 0));
    if (entry == nullptr)
        return false;
    const SumEdges &edges = selected_sums(&l->edges, edges_of(l, site, 0));
    *out = sum_number(chi_sum_bounds(*entry, edges, l->calls[site].roi));
    return true;
}

bool overlap_value(RowLeaves *l, int site, Num *out)
{
    const ChiEntry *a = whole_entry(entry_of(l, site, 0)), *b = whole_entry(entry_of(l, site, 1));
    const OverlapKind kind =
        l->calls[site].leaf->kind == &kIouLeaf ? OverlapKind::iou : OverlapKind::iomin;
    RatioBounds bounds;
    if (a == nullptr || b == nullptr ||
        !chi_overlap_bounds(kind, *a, edges_of(l, site, 0)->edges, *b, edges_of(l, site, 1)->edges,
                            &bounds))
        return false;
    *out = overlap_number(bounds);
    return true;
}

bool value_of_usable(RowLeaves *l, int site, Num *out)
{
    const LeafKind *kind = l->calls[site].leaf->kind;
    return kind == &kCpLeaf         ? count_value(l, site, out)
           : kind == &kPixelSumLeaf ? sum_value(l, site, out)
                                    : overlap_value(l, site, out);
}

LeafValue value_of(RowLeaves *l, int site)
{
    const LeafCall &call = l->calls[site];
    bool known = call.state == CallState::usable;
    for (int i = 0; i < call.leaf->kind->sources; i++) {
        const RowEntry *e = entry_of(l, site, i);
        if (e && e->is_null)
            return kNullLeaf;
        known = known && e && e->known;
    }
    Num number;
    if (known && value_of_usable(l, site, &number))
        return number_leaf(number);
    return call.without_masks();
}

// What is known over the rest of a divisor's roi; may = 0 when its part does not lie inside.
Num rest_of(RowLeaves *l, int part, int whole)
{
    const ChiEntry *entry = whole_entry(entry_of(l, whole, 0));
    const Roi &roi = l->calls[whole].roi, &inner = l->calls[part].roi;
    SelectedEdges *s = edges_of(l, whole, 0);
    CountBounds counts;
    SumBounds sums;
    if (entry == nullptr)
        return any_num(0);
    if (l->calls[whole].leaf->kind == &kCpLeaf)
        return chi_bounds_without(*entry, s->edges, roi, inner, &counts) ? count_number(counts)
                                                                         : any_num(0);
    return chi_sum_bounds_without(*entry, selected_sums(&l->edges, s), roi, inner, &sums)
               ? sum_number(sums)
               : any_num(0);
}

// Can anything be known of the quotient of these two?
bool can_divide(const RowLeaves *l, int part, int whole)
{
    const Num &x = l->values[part].number, &z = l->values[whole].number;
    return !is_any(x) && !is_any(z) && (z.lo > 0 || l->calls[part].leaf->null_if);
}

// Turns the counts of cp into what extremes make of them. False when there are none.
bool narrow_counts(RowLeaves *l)
{
    bool any = false;
    for (int site = 0; site < l->program->sites; site++) {
        const LeafCall &call = l->calls[site];
        const RowEntry *e = entry_of(l, site, 0);
        if (call.leaf->kind != &kCpLeaf || call.state != CallState::usable || !e || !e->known ||
            e->is_null || e->row->shape.extremes.tiles() == 0)
            continue;
        any = true;
        Num *number = &l->values[site].number;
        if (!narrow_count(l, site, number))
            *number = call.without_masks().number;
    }
    return any;
}

} // namespace

void find_rests(RowLeaves *l, bool all)
{
    for (int site = 0; site < l->program->sites; site++) {
        const int whole = l->program->leaves[site].divisor;
        if (whole < 0 || l->values[site].rest.may != 0 || !divisor_of(l->calls, site))
            continue;
        const RowEntry *e = entry_of(l, site, 0);
        if (e && e->known && !e->is_null && (all || can_divide(l, site, whole)))
            l->values[site].rest = rest_of(l, site, whole);
    }
}

void find_values(RowLeaves *l, Stage stage)
{
    for (int site = 0; site < l->program->sites; site++)
        l->values[site] = value_of(l, site);
    if (stage == Stage::extremes)
        narrow_counts(l);
    find_rests(l, false);
}

bool narrow_by_extremes(RowLeaves *l)
{
    if (!narrow_counts(l))
        return false;
    find_rests(l, false);
    return true;
}

bool values_are_exact(const RowLeaves &l)
{
    for (int site = 0; site < l.program->sites; site++) {
        const Num &n = l.values[site].number;
        if (n.may != kMayValue || n.lo != n.hi)
            return false;
    }
    return true;
}

} // namespace mq
