// Judging rows one by one: those with an entry of their own, and clauses that read several indexes.
#include "facts/walk/walk_state.h"

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
    ItemPointerData slot = slot_of(w, tid);
    return chi_lookup_slot(w->relation, &slot, tid, &w->row) == ChiState::built;
}

static ChiRow *row_of_source(void *context, int source)
{
    const ClauseCalls *calls = (const ClauseCalls *)context;
    return &calls->walk->indexes[calls->clause->index_of_source[source]].row;
}

// The callbacks of EntryBounds. A row is looked for once, when the first clause asks for it.
static bool find_source(void *context, int source, SourceEntry *out)
{
    const ClauseCalls *calls = (const ClauseCalls *)context;
    const int index = calls->clause->index_of_source[source];
    if (index < 0)
        return false;
    WalkIndex *w = &calls->walk->indexes[index];
    if (!w->tried) {
        w->tried = true;
        w->known = find_entry(w, calls->walk->judged);
    }
    *out = SourceEntry{&w->row.shape, &w->info.bins};
    return w->known;
}

static bool source_count(void *context, const CpCall &call, const EdgeSelection &edges,
                         CountBounds *out)
{
    return chi_row_bounds(row_of_source(context, call.source), edges, call.roi, out);
}

static bool source_entry(void *context, int source, ChiEntry *out)
{
    return chi_whole_row(row_of_source(context, source), out);
}

static void *allocate(void *context, size_t size)
{
    return MemoryContextAlloc(((const ClauseCalls *)context)->walk->context, size);
}

void init_calls(ChiWalk *walk)
{
    walk->calls = (ClauseCalls *)palloc0(sizeof(ClauseCalls) * Max(walk->n_clauses, 1));
    for (int c = 0; c < walk->n_clauses; c++) {
        ClauseCalls *calls = &walk->calls[c];
        const size_t sites = Max(walk->clauses[c].program.sites, 1);
        calls->walk = walk;
        calls->clause = &walk->clauses[c];
        calls->bounds = EntryBounds{
            find_source,  source_count,
            source_entry, allocate,
            calls,        (SiteEdges *)palloc0(sizeof(SiteEdges) * kMasksOfSite * sites)};
    }
}

uint8_t judge_row(ChiWalk *walk, int clause, const ItemPointerData *tid)
{
    walk->judged = tid;
    return evaluate(walk->clauses[clause].program, walk->clauses[clause].inputs,
                    entry_bound_source(&walk->calls[clause].bounds));
}

// Ranges of heap blocks in equal distances, and rows of the first tid page of each: neighbours are
// often alike. All ranges of a small table are taken, and so more rows of each.
constexpr uint32_t kSampledRanges = 40;
constexpr int kSampledRows = 200;
constexpr size_t kSampledBytes = size_t{8} << 20; // entries of large grids cost more

WalkSample sample_walk(ChiWalk *walk, BlockNumber heap_blocks)
{
    WalkSample sample{0, 0, 0};
    WalkIndex *w = &walk->indexes[0];
    const uint32_t ranges = walk_pages(heap_blocks) / kTidPagesPerRange;
    const uint32_t taken = std::min(ranges, kSampledRanges);
    size_t bytes = 0;
    for (uint32_t i = 0; i < taken && bytes < kSampledBytes; i++) {
        // The middle of each of `taken` equal parts.
        list_page(walk, uint32_t((2 * uint64_t{i} + 1) * ranges / (2 * taken)) * kTidPagesPerRange);
        const int wanted = std::min(walk->n_rows, int(kSampledRows / taken));
        for (int k = 0; k < wanted && bytes < kSampledBytes; k++) {
            CHECK_FOR_INTERRUPTS();
            w->tried = false;
            uint8_t outcomes = judge_row(walk, 0, &walk->rows[k * walk->n_rows / wanted].tid);
            sample.rows++;
            sample.refuted += is_refuted(outcomes);
            sample.proven += is_proven(outcomes);
            bytes += w->known ? w->row.buffer.size : 0;
        }
    }
    return sample;
}

} // namespace mq
