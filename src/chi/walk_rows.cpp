// Judging rows one by one: those with an entry of their own, and clauses that read several indexes.
#include "chi/walk_state.h"

namespace mq
{

const EdgeSelection &select_site_edges(WalkIndex *w, int clause, const CpCall &call,
                                       const ChiEntry &shape)
{
    WalkSite *site = &w->sites[clause][call.site];
    if (!site->valid || site->format != shape.format || !(site->domain == shape.domain) ||
        site->lv != call.lv || site->uv != call.uv)
        *site = WalkSite{
            true,         shape.format,
            shape.domain, call.lv,
            call.uv,      select_edges(shape.format, shape.domain, w->info.bins, call.lv, call.uv)};
    return site->edges;
}

// Looks for the entry of a row; no entry, one not built yet, and one that VACUUM has just taken
// away all mean that nothing is known.
static bool find_entry(WalkIndex *w, const ItemPointerData *tid)
{
    if (!w->has_page)
        return false;
    ItemPointerData slot = w->page->slot[slot_number(ItemPointerGetBlockNumberNoCheck(tid),
                                                     ItemPointerGetOffsetNumberNoCheck(tid))];
    return chi_lookup_slot(w->relation, &slot, tid, &w->row) == ChiState::built;
}

namespace
{

struct RowOfClause {
    ChiWalk *walk;
    int clause;
    const ItemPointerData *tid;
};

// BoundSource callback.
bool row_bounds(void *context, const CpCall &call, CountBounds *out)
{
    const RowOfClause *at = (const RowOfClause *)context;
    const int index = at->walk->clauses[at->clause].index_of_source[call.source];
    if (index < 0)
        return false;
    WalkIndex *w = &at->walk->indexes[index];
    if (!w->tried) {
        w->tried = true;
        w->known = find_entry(w, at->tid);
    }
    return w->known && chi_row_bounds(&w->row, select_site_edges(w, at->clause, call, w->row.shape),
                                      call.roi, out);
}

} // namespace

uint8_t judge_row(ChiWalk *walk, int clause, const ItemPointerData *tid)
{
    RowOfClause at{walk, clause, tid};
    return evaluate(walk->clauses[clause].program, walk->clauses[clause].inputs,
                    BoundSource{row_bounds, &at});
}

} // namespace mq
