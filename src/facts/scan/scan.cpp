#include "facts/scan/scan_state.h"

#include "store/page/cache.h"
#include "store/page/tid_map.h"
#include "pg/compat.h"

namespace mq
{

// The index that a segment's rows can be decided by at once, when all masks of a clause are of that
// one; -1 else.
static int only_index(const ScanClause &clause)
{
    if (clause.program.by_row || clause.program.sources == 0)
        return -1;
    int index = clause.index_of_source[0];
    for (int i = 1; i < clause.program.sources; i++)
        if (clause.index_of_source[i] != index)
            return -1;
    return index;
}

RowScan *begin_row_scan(Relation *indexes, int n_indexes, ScanClause *clauses, int n_clauses,
                        Snapshot snapshot)
{
    RowScan *scan = (RowScan *)palloc0(sizeof(RowScan));
    scan->clauses = clauses;
    scan->n_clauses = n_clauses;
    scan->n_indexes = n_indexes;
    scan->snapshot = snapshot;
    scan->context = CurrentMemoryContext;
    scan->rows = (ScanRow *)palloc(sizeof(ScanRow) * kSlotsPerTidPage);
    scan->indexes = (ScanIndex *)palloc0(sizeof(ScanIndex) * n_indexes);
    for (int i = 0; i < n_indexes; i++) {
        ScanIndex *w = &scan->indexes[i];
        w->relation = indexes[i];
        w->info = *chi_index_info(indexes[i]);
        w->page = (ChiTidPage *)palloc(sizeof(ChiTidPage));
        w->tid_blocks = (BlockNumber *)palloc(sizeof(BlockNumber) * kMapFanout);
        w->directory = kNoDirectory;
        w->entry.bins = &w->info.bins;
        w->entry.row = &w->entry.own;
        w->entry.own.context = CurrentMemoryContext;
    }
    size_t memory = 0;
    int sites = 0;
    for (int c = 0; c < n_clauses; c++) {
        int index = only_index(clauses[c]);
        if (index < 0) {
            scan->single[scan->n_single++] = c;
            continue;
        }
        ScanIndex *w = &scan->indexes[index];
        w->batch[w->n_batch++] = c;
        memory = Max(memory, batch_memory_size(clauses[c].program));
        sites = Max(sites, clauses[c].program.sites);
    }
    init_leaves(scan);
    scan->columns = (ColumnRoom *)palloc(sizeof(ColumnRoom));
    *scan->columns = make_column_room(sites, memory, scan->context);
    for (int i = 0; i < n_indexes; i++)
        if (scan->indexes[i].n_batch > 0)
            init_decided(scan, &scan->indexes[i]);
    return scan;
}

void inputs_changed(RowScan *scan)
{
    for (int i = 0; i < scan->n_indexes; i++)
        forget_decided(&scan->indexes[i]);
}

uint32_t scan_pages(BlockNumber heap_blocks)
{
    return positions_of_table(heap_blocks);
}

// Finds and copies the tid page, so that no lock is held while entries are read. Pages that were
// made after the directory page was read hold no row that the snapshot sees.
static void load_tid_page(ScanIndex *w, uint32_t page, Snapshot snapshot)
{
    if (w->directory != page / kMapFanout) {
        w->directory = kNoDirectory;
        copy_tid_blocks(w->relation, page / kMapFanout, w->tid_blocks);
        w->directory = page / kMapFanout;
    }
    BlockNumber block = w->tid_blocks[page % kMapFanout];
    w->has_page = block != 0;
    w->misses = 0;
    if (!w->has_page)
        return;
    copy_tid_page(w->relation, block, page, snapshot, w->page);
}

// Adds what a clause says. False when the row is to be left out.
static bool add_outcomes(const RowScan *scan, int clause, uint8_t outcomes, ScanRow *row)
{
    if (is_proven(outcomes)) {
        row->proven |= uint32_t{1} << clause;
    } else if (is_refuted(outcomes)) {
        row->refuted |= uint32_t{1} << clause;
        return scan->clauses[clause].keep_refuted;
    }
    return true;
}

// Does a clause that reads this index alone have its inputs?
static bool can_decide(const RowScan *scan, const ScanIndex *w)
{
    for (int i = 0; i < w->n_batch; i++)
        if (scan->clauses[w->batch[i]].inputs != nullptr)
            return true;
    return false;
}

// By the clauses that read this index alone.
static bool decide_by_index(RowScan *scan, ScanIndex *w, ScanRow *row)
{
    if (!w->has_page || !can_decide(scan, w))
        return true;
    const ItemPointerData slot = slot_of(w, &row->tid);
    const DecidedSegment *decided = nullptr;
    uint32_t number = 0;
    if (slot_is_segment_row(&slot)) {
        number = slot_segment_row(&slot);
        decided = decided_segment(scan, w, ItemPointerGetBlockNumberNoCheck(&slot));
        if (decided && !decided->has(number, &row->tid))
            decided = nullptr;
    }
    for (int i = 0; i < w->n_batch; i++) {
        int clause = w->batch[i];
        if (scan->clauses[clause].inputs == nullptr)
            continue;
        uint8_t outcomes = decided ? decided->outcomes(i)[number] : uint8_t{kAnyOutcome};
        if (!decided ||
            (scan->clauses[clause].program.by_row && !is_refuted(outcomes) && !is_proven(outcomes)))
            outcomes = decide_row(scan, clause, &row->tid);
        if (!add_outcomes(scan, clause, outcomes, row))
            return false;
    }
    return true;
}

// False when the row is to be left out.
static bool decide(RowScan *scan, ScanRow *row)
{
    row->proven = row->refuted = 0;
    for (int i = 0; i < scan->n_indexes; i++)
        scan->indexes[i].tried = false;
    for (int i = 0; i < scan->n_indexes; i++)
        if (!decide_by_index(scan, &scan->indexes[i], row))
            return false;
    for (int i = 0; i < scan->n_single; i++) {
        int clause = scan->single[i];
        if (scan->clauses[clause].inputs != nullptr &&
            !add_outcomes(scan, clause, decide_row(scan, clause, &row->tid), row))
            return false;
    }
    return true;
}

int decide_rows(RowScan *scan, int from)
{
    int kept = from;
    for (int i = from; i < scan->n_rows; i++) {
        if (decide(scan, &scan->rows[i]))
            scan->rows[kept++] = scan->rows[i];
    }
    int refuted = scan->n_rows - kept;
    scan->n_rows = kept;
    return refuted;
}

bool load_tid_pages(RowScan *scan, uint32_t page)
{
    scan->n_rows = 0;
    for (int i = 0; i < scan->n_indexes; i++) {
        load_tid_page(&scan->indexes[i], page, scan->snapshot);
        if (!scan->indexes[0].has_page)
            return false;
    }
    return true;
}

void list_page(RowScan *scan, uint32_t page)
{
    if (load_tid_pages(scan, page))
        for_each_slot(*scan->indexes[0].page,
                      [&](const ItemPointerData &, const ItemPointerData &tid) {
                          scan->rows[scan->n_rows++].tid = tid;
                      });
}

// 0, 0, 1, 0, 0, 1, ...: how the three numbers of an item pointer differ from those of the one
// before, where line pointers follow one another.
struct StepsOfTids {
    uint16_t step[3 * kSlotsOfBlock];
    constexpr StepsOfTids() : step()
    {
        for (uint32_t i = 2; i < 3 * kSlotsOfBlock; i += 3)
            step[i] = 1;
    }
};
static constexpr StepsOfTids kStepsOfTids;

// Each of n item pointers is the one before with the next line pointer. REQUIRES: 1 <= n <=
// kSlotsOfBlock. A plain loop over their numbers, which compilers turn into vectors.
static bool follow_one_another(const ItemPointerData *tids, uint32_t n)
{
    static_assert(sizeof(ItemPointerData) == 3 * sizeof(uint16_t));
    const uint16_t *numbers = &tids->ip_blkid.bi_hi;
    uint16_t other = 0;
    for (uint32_t i = 0; i < 3 * (n - 1); i++)
        other |= uint16_t(numbers[i + 3] - numbers[i]) ^ kStepsOfTids.step[i];
    return other == 0;
}

// How many rows from `row` on the segment refutes, of n that slots in a row lead to as to rows of
// it: all, up to the segment's end, or 0 when that cannot be said of all of them at once. The slots
// lead to rows one behind the other, and the TIDs of these are one behind the other as well, so
// each is the TID that has the slot when the first one is.
static uint32_t refuted_in_a_row(const DecidedSegment &decided, uint32_t row,
                                 const ItemPointerData &tid, const ItemPointerData *slots,
                                 uint32_t n)
{
    if (!decided.has(row, &tid))
        return 0;
    n = std::min(n, decided.rows - row);
    const bool all = follow_one_another(slots, n) && follow_one_another(&decided.tids[row], n) &&
                     memchr(&decided.refuted[row], 0, n) == nullptr;
    return all ? n : 0;
}

// Most rows of most pages are refuted by the driving index's segments; these go first, without
// becoming rows of the scan at all.
int load_page(RowScan *scan, uint32_t page)
{
    ScanIndex *driver = &scan->indexes[0];
    if (!can_decide(scan, driver)) {
        list_page(scan, page);
        return decide_rows(scan, 0);
    }
    if (!load_tid_pages(scan, page))
        return 0;
    prefetch_decided(driver);
    const DecidedSegment *decided = nullptr;
    BlockNumber decided_block = 0; // no segment begins there
    int refuted = 0;
    for (uint32_t b = 0; b < kHeapBlocksPerTidPage; b++) {
        const ItemPointerData *slot = &driver->page->slot[b * kSlotsOfBlock];
        const ItemPointerData *end = slot + used_slots(*driver->page, b);
        ItemPointerData tid = tid_of_slot(page, b * kSlotsOfBlock);
        bool together = true; // rows may be decided so
        for (; slot < end; slot++, tid.ip_posid++) {
            if (slot_is_empty(slot))
                continue;
            if (slot_is_segment_row(slot)) {
                const BlockNumber block = ItemPointerGetBlockNumberNoCheck(slot);
                const uint32_t row = slot_segment_row(slot);
                if (block != decided_block) {
                    decided = decided_segment(scan, driver, block);
                    decided_block = block;
                    together = true;
                }
                if (decided && together) {
                    const uint32_t n =
                        refuted_in_a_row(*decided, row, tid, slot, uint32_t(end - slot));
                    if (n > 0) {
                        refuted += n;
                        slot += n - 1;
                        tid.ip_posid += n - 1;
                        continue;
                    }
                    together = false;
                }
                if (decided && decided->has(row, &tid) && decided->refuted[row]) {
                    refuted++;
                    continue;
                }
            }
            scan->rows[scan->n_rows++].tid = tid;
        }
    }
    return refuted + decide_rows(scan, 0);
}

} // namespace mq
