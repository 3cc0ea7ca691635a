// Judging rows one by one: those with an entry of their own, and clauses that read several indexes.
#include "facts/walk/walk_state.h"

namespace mq
{

// Looks for the entry of a row; no entry, one not built yet, and one that VACUUM has just taken
// away all mean that nothing is known.
static bool find_entry(WalkIndex *w, const ItemPointerData *tid)
{
    if (!w->has_page)
        return false;
    ItemPointerData slot = slot_of(w, tid);
    return chi_lookup_slot(w->relation, &slot, tid, &w->entry.row) == ChiState::built;
}

void init_leaves(ChiWalk *walk)
{
    walk->leaves = (RowLeaves *)palloc0(sizeof(RowLeaves) * Max(walk->n_clauses, 1));
    for (int c = 0; c < walk->n_clauses; c++) {
        const WalkClause &clause = walk->clauses[c];
        walk->leaves[c] = make_row_leaves(&clause.program, walk->context);
        for (int i = 0; i < clause.program.sources; i++)
            if (clause.index_of_source[i] >= 0)
                walk->leaves[c].entries[i] = &walk->indexes[clause.index_of_source[i]].entry;
    }
}

uint8_t judge_row(ChiWalk *walk, int clause, const ItemPointerData *tid)
{
    const WalkClause &c = walk->clauses[clause];
    RowLeaves *l = &walk->leaves[clause];
    for (int i = 0; i < c.program.sources; i++) {
        WalkIndex *w = c.index_of_source[i] < 0 ? nullptr : &walk->indexes[c.index_of_source[i]];
        // A row is looked for once, when the first clause needs it.
        if (w == nullptr || w->tried)
            continue;
        w->tried = true;
        forget_entry(&w->entry);
        w->entry.known = find_entry(w, tid);
    }
    read_leaf_calls(c.program, c.inputs, l->calls);
    find_values(l, Stage::counts);
    return evaluate(c.program, c.inputs, l->values);
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
            bytes += w->entry.known ? w->entry.row.buffer.size : 0;
        }
    }
    return sample;
}

} // namespace mq
