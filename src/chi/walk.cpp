#include "chi/walk.h"

#include "chi/cache.h"
#include "chi/entries.h"
#include "chi/tid_map.h"
#include "pg/compat.h"
#include "pg/guard.h"

namespace mq
{

// One cp of a clause: thresholds are the same for all rows, so the edges selected for them last
// until a mask of another format or domain comes.
struct WalkSite {
    bool valid;
    PixelFormat format;
    Domain domain;
    double lv, uv;
    EdgeSelection edges;
};

struct WalkIndex {
    Relation relation;
    ChiIndexInfo info;
    bool has_page; // rows of the page at hand are in the index
    ChiTidPage *page;
    ChiRow row;
    bool tried, known; // of the current row: the entry was looked for, was found
    WalkSite *sites[kMaxWalkClauses];
};

ChiWalk *begin_walk(Relation *indexes, int n_indexes, WalkClause *clauses, int n_clauses,
                    Snapshot snapshot)
{
    ChiWalk *walk = (ChiWalk *)palloc0(sizeof(ChiWalk));
    walk->clauses = clauses;
    walk->n_clauses = n_clauses;
    walk->n_indexes = n_indexes;
    walk->snapshot = snapshot;
    walk->rows = (WalkRow *)palloc(sizeof(WalkRow) * kSlotsPerTidPage);
    walk->indexes = (WalkIndex *)palloc0(sizeof(WalkIndex) * n_indexes);
    for (int i = 0; i < n_indexes; i++) {
        WalkIndex *w = &walk->indexes[i];
        w->relation = indexes[i];
        w->info = *chi_index_info(indexes[i]);
        w->page = (ChiTidPage *)palloc(sizeof(ChiTidPage));
        w->row.context = CurrentMemoryContext;
        for (int c = 0; c < n_clauses; c++)
            w->sites[c] = (WalkSite *)palloc0(sizeof(WalkSite) * Max(clauses[c].program.sites, 1));
    }
    return walk;
}

uint32_t walk_pages(BlockNumber heap_blocks)
{
    return (uint64_t{heap_blocks} + kHeapBlocksPerTidPage - 1) / kHeapBlocksPerTidPage;
}

// A copy of the tid page, so that no lock is held while entries are read.
static void load_tid_page(WalkIndex *w, BlockNumber heap_block, Snapshot snapshot)
{
    BlockNumber block;
    w->has_page = find_tid_page(w->relation, heap_block, &block);
    if (!w->has_page)
        return;
    Buffer buffer = read_locked(w->relation, block, BUFFER_LOCK_SHARE);
    test_old_snapshot(snapshot, w->relation, BufferGetPage(buffer));
    *w->page = *checked_tid_page(w->relation, buffer, heap_block);
    UnlockReleaseBuffer(buffer);
}

void load_page(ChiWalk *walk, uint32_t page)
{
    const BlockNumber heap_block = page * kHeapBlocksPerTidPage;
    walk->n_rows = 0;
    for (int i = 0; i < walk->n_indexes; i++) {
        load_tid_page(&walk->indexes[i], heap_block, walk->snapshot);
        if (!walk->indexes[0].has_page)
            return;
    }
    const ItemPointerData *slot = walk->indexes[0].page->slot;
    for (uint32_t b = 0; b < kHeapBlocksPerTidPage; b++) {
        for (uint32_t i = 0; i < kSlotsPerHeapBlock; i++, slot++) {
            if (slot_is_empty(slot))
                continue;
            WalkRow *row = &walk->rows[walk->n_rows++];
            ItemPointerSet(&row->tid, heap_block + b, i + 1);
            row->proven = row->refuted = 0;
        }
    }
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

} // namespace

// BoundSource callback.
static bool row_bounds(void *context, const CpCall &call, CountBounds *out)
{
    const RowOfClause *at = (const RowOfClause *)context;
    const WalkClause &clause = at->walk->clauses[at->clause];
    const int index = clause.index_of_source[call.source];
    if (index < 0)
        return false;
    WalkIndex *w = &at->walk->indexes[index];
    if (!w->tried) {
        w->tried = true;
        w->known = find_entry(w, at->tid);
    }
    if (!w->known)
        return false;
    const ChiEntry &shape = w->row.shape;
    WalkSite *site = &w->sites[at->clause][call.site];
    if (!site->valid || site->format != shape.format || !(site->domain == shape.domain) ||
        site->lv != call.lv || site->uv != call.uv)
        *site = WalkSite{
            true,         shape.format,
            shape.domain, call.lv,
            call.uv,      select_edges(shape.format, shape.domain, w->info.bins, call.lv, call.uv)};
    return chi_row_bounds(&w->row, site->edges, call.roi, out);
}

// False when the row is to be left out.
static bool judge_row(ChiWalk *walk, WalkRow *row)
{
    for (int i = 0; i < walk->n_indexes; i++)
        walk->indexes[i].tried = false;
    row->proven = row->refuted = 0;
    for (int c = 0; c < walk->n_clauses; c++) {
        const WalkClause &clause = walk->clauses[c];
        if (clause.inputs == nullptr)
            continue;
        RowOfClause at{walk, c, &row->tid};
        uint8_t outcomes = evaluate(clause.program, clause.inputs, BoundSource{row_bounds, &at});
        if (is_proven(outcomes)) {
            row->proven |= uint32_t{1} << c;
        } else if (is_refuted(outcomes)) {
            if (!clause.keep_refuted)
                return false;
            row->refuted |= uint32_t{1} << c;
        }
    }
    return true;
}

int judge_rows(ChiWalk *walk, int from)
{
    int kept = from;
    for (int i = from; i < walk->n_rows; i++) {
        CHECK_FOR_INTERRUPTS();
        if (judge_row(walk, &walk->rows[i]))
            walk->rows[kept++] = walk->rows[i];
    }
    int refuted = walk->n_rows - kept;
    walk->n_rows = kept;
    return refuted;
}

} // namespace mq
