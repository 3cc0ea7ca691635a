// Deciding all rows of a segment at once, and remembering the outcomes while rows of it are met.
#include "facts/scan/scan_state.h"

namespace mq
{

static size_t decided_size(const RowScan *scan, const ScanIndex *w)
{
    return offsetof(DecidedSegment, results) +
           (scan->measured ? sizeof(SegmentNumbers) : size_t(w->n_batch) * kSegmentRows);
}

constexpr uint32_t kFirstDecided = 32;

void init_decided(RowScan *scan, ScanIndex *w)
{
    w->n_decided = kFirstDecided;
    w->decided = (DecidedSegment **)palloc0(sizeof(DecidedSegment *) * w->n_decided);
    w->segment = make_chi_segment(scan->context);
}

void forget_decided(ScanIndex *w)
{
    for (uint32_t i = 0; i < w->n_decided; i++)
        if (w->decided[i])
            w->decided[i]->first = 0;
}

static DecidedSegment **find_place(const ScanIndex *w, BlockNumber first)
{
    return &w->decided[(first * 2654435761u >> 8) & (w->n_decided - 1)];
}

// Rows of a segment lie together in the heap as a rule, and a few decided segments at a time do.
// Where they lie scattered, every page of the scan meets many segments that come again on later
// pages: then more are kept, as far as work_mem goes.
static void keep_more(RowScan *scan, ScanIndex *w)
{
    const uint32_t old_count = w->n_decided;
    DecidedSegment **old = w->decided;
    if (2 * old_count * decided_size(scan, w) > size_t(work_mem) * 1024)
        return;
    w->n_decided = 2 * old_count;
    w->decided = (DecidedSegment **)MemoryContextAllocZero(scan->context,
                                                           sizeof(DecidedSegment *) * w->n_decided);
    for (uint32_t i = 0; i < old_count; i++)
        if (old[i] && old[i]->first != 0)
            *find_place(w, old[i]->first) = old[i];
    pfree(old);
}

namespace
{

struct SegmentOfClause {
    ScanIndex *index;
    int clause;
    SegmentRows rows;
};

bool is_undecided(uint8_t outcomes)
{
    return !is_refuted(outcomes) && !is_proven(outcomes);
}

} // namespace

// Decides rows of the open segment, n of them, on one stage. False when the segment went meanwhile.
static bool decide_on_stage(RowScan *scan, SegmentOfClause *at, SegmentStage stage, uint32_t n,
                            uint8_t *outcomes)
{
    const ScanClause &clause = scan->clauses[at->clause];
    ScanIndex *w = at->index;
    at->rows.stage = stage;
    at->rows.n = n;
    return segment_outcomes(w->relation, w->segment, &w->info.bins, &scan->leaves[at->clause],
                            clause.inputs, scan->columns, at->rows, outcomes);
}

// Leaves out what the clause's outcomes refute.
static void leave_out(const ScanClause &clause, const uint8_t *outcomes, DecidedSegment *out)
{
    if (!clause.keep_refuted)
        for (uint32_t row = 0; row < out->rows; row++)
            out->refuted[row] |= is_refuted(outcomes[row]);
}

// The first look at the rows of the open segment by one clause: by its coarse counts, or none,
// where these decided too little the last time.
static bool decide_coarsely(RowScan *scan, SegmentOfClause *at, CoarseTries *tries,
                            uint8_t *outcomes, DecidedSegment *out)
{
    if (tries->left > 0) {
        memset(outcomes, kAnyOutcome, out->rows);
        return true;
    }
    if (!decide_on_stage(scan, at, SegmentStage::coarse, out->rows, outcomes))
        return false;
    leave_out(scan->clauses[at->clause], outcomes, out);
    return true;
}

// The second look: by the cells of the rows that the clause leaves undecided and no clause has
// refuted; by those of all rows where these are many.
static bool decide_closely(RowScan *scan, SegmentOfClause *at, CoarseTries *tries,
                           uint8_t *outcomes, DecidedSegment *out)
{
    constexpr uint32_t kLongestWait = 31;
    // A row by itself takes as long as about so many of all.
    constexpr uint32_t kRowCost = 24;
    for (uint32_t row = 0; row < out->rows; row++)
        at->rows.wanted[row] = is_undecided(outcomes[row]) & !out->refuted[row];
    uint32_t undecided = 0;
    const uint8_t *const end = at->rows.wanted + out->rows, *next = at->rows.wanted;
    while (next < end && (next = (const uint8_t *)memchr(next, 1, end - next)) != nullptr)
        at->rows.rows[undecided++] = uint32_t(next++ - at->rows.wanted);
    const bool few = undecided * kRowCost <= out->rows;

    // Where the coarse counts left many rows undecided, the next segments are decided without them,
    // more and more of them as long as that goes on.
    if (tries->left > 0) {
        tries->left--;
    } else {
        tries->wait = few ? 0 : std::min(2 * tries->wait + 1, kLongestWait);
        tries->left = tries->wait;
    }
    if (!few) {
        if (!decide_on_stage(scan, at, SegmentStage::all, out->rows, outcomes))
            return false;
    } else if (undecided > 0) {
        uint8_t closer[kSegmentRows];
        if (!decide_on_stage(scan, at, SegmentStage::few, undecided, closer))
            return false;
        for (uint32_t k = 0; k < undecided; k++)
            outcomes[at->rows.rows[k]] = closer[k];
    }
    leave_out(scan->clauses[at->clause], outcomes, out);
    return true;
}

// Decides the open segment. False when it went meanwhile. Outcomes of rows that another clause has
// refuted may be wider than they need be.
static bool decide_segment(RowScan *scan, ScanIndex *w, DecidedSegment *out)
{
    memset(out->refuted, 0, out->rows);
    SegmentOfClause at;
    at.index = w;
    for (int i = 0; i < w->n_batch; i++) {
        at.clause = w->batch[i];
        if (scan->clauses[at.clause].inputs == nullptr)
            memset(out->outcomes(i), kAnyOutcome, out->rows);
        else if (!decide_coarsely(scan, &at, &w->coarse[i], out->outcomes(i), out))
            return false;
    }
    for (int i = 0; i < w->n_batch; i++) {
        at.clause = w->batch[i];
        if (scan->clauses[at.clause].inputs != nullptr &&
            !decide_closely(scan, &at, &w->coarse[i], out->outcomes(i), out))
            return false;
    }
    return true;
}

// Computes the number of the rows of the open segment. False when it went meanwhile.
static bool measure_segment(RowScan *scan, ScanIndex *w, DecidedSegment *out)
{
    const ScanClause &clause = scan->clauses[0];
    SegmentRows all;
    all.stage = SegmentStage::all;
    all.n = out->rows;
    SegmentNumbers *numbers = out->numbers();
    return segment_numbers(w->relation, w->segment, &w->info.bins, &scan->leaves[0], clause.inputs,
                           scan->columns, all, numbers->lo, numbers->hi, numbers->may);
}

static bool evaluate_open_segment(RowScan *scan, ScanIndex *w, DecidedSegment *out)
{
    const SegmentHead &head = w->segment->head;
    out->rows = head.rows;
    memcpy(out->tids, head.tids, head.rows * sizeof(ItemPointerData));
    return scan->measured ? measure_segment(scan, w, out) : decide_segment(scan, w, out);
}

void prefetch_decided(const ScanIndex *w)
{
    // Rows of a segment lie together as a rule, so a look at some slots finds nearly all segments.
    constexpr uint32_t kStep = 28;
    constexpr int kMost = 6;
    BlockNumber last = 0;
    int found = 0;
    for (uint32_t b = 0; b < kHeapBlocksPerTidPage && found < kMost; b++) {
        for (uint32_t i = 0; i < used_slots(*w->page, b); i += kStep) {
            const ItemPointerData *slot = &w->page->slot[b * kSlotsOfBlock + i];
            const BlockNumber first = ItemPointerGetBlockNumberNoCheck(slot);
            if (!slot_is_segment_row(slot) || first == last)
                continue;
            last = first;
            const DecidedSegment *decided = *find_place(w, first);
            if (decided && decided->first == first)
                continue;
            prefetch_chi_segment(w->relation, first, *w->segment);
            found++;
        }
    }
}

const DecidedSegment *decided_segment(RowScan *scan, ScanIndex *w, BlockNumber first)
{
    DecidedSegment **place = find_place(w, first);
    if (*place && (*place)->first == first)
        return *place;
    CHECK_FOR_INTERRUPTS();
    if (++w->misses > w->n_decided / 4) {
        keep_more(scan, w);
        w->misses = 0;
        place = find_place(w, first);
    }
    if (*place == nullptr)
        *place = (DecidedSegment *)MemoryContextAlloc(scan->context, decided_size(scan, w));
    DecidedSegment *decided = *place;
    decided->first = 0;
    if (!open_chi_segment(w->relation, first, w->segment) ||
        !evaluate_open_segment(scan, w, decided))
        return nullptr;
    decided->first = first;
    return decided;
}

} // namespace mq
