// Deciding rows one by one: those with an entry of their own, and clauses that read several
// indexes.
#include "facts/scan/scan_state.h"

namespace mq
{

// Looks for the entry of a row; no entry, one not built yet, and one that VACUUM has just taken
// away all mean that nothing is known.
static bool find_entry(ScanIndex *w, const ItemPointerData *tid)
{
    if (!w->has_page)
        return false;
    ItemPointerData slot = slot_of(w, tid);
    return chi_lookup_slot(w->relation, &slot, tid, &w->entry.own) == ChiState::built;
}

void init_leaves(RowScan *scan)
{
    scan->leaves = (RowLeaves *)palloc0(sizeof(RowLeaves) * Max(scan->n_clauses, 1));
    for (int c = 0; c < scan->n_clauses; c++) {
        const ScanClause &clause = scan->clauses[c];
        scan->leaves[c] = make_row_leaves(&clause.program, scan->context);
        for (int i = 0; i < clause.program.sources; i++)
            if (clause.index_of_source[i] >= 0)
                scan->leaves[c].entries[i] = &scan->indexes[clause.index_of_source[i]].entry;
    }
}

const LeafValue *values_of_row(RowScan *scan, int clause, const ItemPointerData *tid)
{
    const ScanClause &c = scan->clauses[clause];
    RowLeaves *l = &scan->leaves[clause];
    for (int i = 0; i < c.program.sources; i++) {
        ScanIndex *w = c.index_of_source[i] < 0 ? nullptr : &scan->indexes[c.index_of_source[i]];
        // A row is looked for once, when the first clause needs it.
        if (w == nullptr || w->tried)
            continue;
        w->tried = true;
        forget_entry(&w->entry);
        w->entry.known = find_entry(w, tid);
    }
    read_leaf_calls(c.program, c.inputs, l->calls);
    find_values(l, Stage::counts);
    return l->values;
}

uint8_t decide_row(RowScan *scan, int clause, const ItemPointerData *tid)
{
    const ScanClause &c = scan->clauses[clause];
    return evaluate(c.program, c.inputs, values_of_row(scan, clause, tid));
}

// Ranges of heap blocks in equal distances, and rows of the first tid page of each: neighbours are
// often alike. All ranges of a small table are taken, and so more rows of each.
constexpr uint32_t kSampledRanges = 40;
constexpr int kSampledRows = 200;
constexpr size_t kSampledBytes = size_t{8} << 20; // entries of large grids cost more

ScanSample sample_rows(RowScan *scan, BlockNumber heap_blocks)
{
    ScanSample sample{0, 0, 0};
    ScanIndex *w = &scan->indexes[0];
    const uint32_t ranges = scan_pages(heap_blocks) / kTidPagesPerRange;
    const uint32_t taken = std::min(ranges, kSampledRanges);
    size_t bytes = 0;
    for (uint32_t i = 0; i < taken && bytes < kSampledBytes; i++) {
        // The middle of each of `taken` equal parts.
        list_page(scan, uint32_t((2 * uint64_t{i} + 1) * ranges / (2 * taken)) * kTidPagesPerRange);
        const int wanted = std::min(scan->n_rows, int(kSampledRows / taken));
        for (int k = 0; k < wanted && bytes < kSampledBytes; k++) {
            CHECK_FOR_INTERRUPTS();
            w->tried = false;
            uint8_t outcomes = decide_row(scan, 0, &scan->rows[k * scan->n_rows / wanted].tid);
            sample.rows++;
            sample.refuted += is_refuted(outcomes);
            sample.proven += is_proven(outcomes);
            bytes += w->entry.known ? w->entry.own.buffer.size : 0;
        }
    }
    return sample;
}

} // namespace mq
