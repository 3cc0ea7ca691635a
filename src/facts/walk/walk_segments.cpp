// Judging all rows of a segment at once, and remembering the outcomes while rows of it are met.
#include "facts/walk/walk_state.h"

namespace mq
{

static size_t judged_size(const WalkIndex *w)
{
    return offsetof(JudgedSegment, outcomes) + w->n_batch * sizeof(uint8_t[kSegmentRows]);
}

constexpr uint32_t kFirstJudged = 32;

void init_judged(ChiWalk *walk, WalkIndex *w)
{
    w->n_judged = kFirstJudged;
    w->judged = (JudgedSegment **)palloc0(sizeof(JudgedSegment *) * w->n_judged);
    w->segment = make_chi_segment(walk->context);
}

void forget_judged(WalkIndex *w)
{
    for (uint32_t i = 0; i < w->n_judged; i++)
        if (w->judged[i])
            w->judged[i]->first = 0;
}

static JudgedSegment **find_place(const WalkIndex *w, BlockNumber first)
{
    return &w->judged[(first * 2654435761u >> 8) & (w->n_judged - 1)];
}

// Rows of a segment lie together in the heap as a rule, and a few judged segments at a time do.
// Where they lie scattered, every page of the walk meets many segments that come again on later
// pages: then more are kept, as far as work_mem goes.
static void keep_more(ChiWalk *walk, WalkIndex *w)
{
    const uint32_t old_count = w->n_judged;
    JudgedSegment **old = w->judged;
    if (2 * old_count * judged_size(w) > size_t(work_mem) * 1024)
        return;
    w->n_judged = 2 * old_count;
    w->judged = (JudgedSegment **)MemoryContextAllocZero(walk->context,
                                                         sizeof(JudgedSegment *) * w->n_judged);
    for (uint32_t i = 0; i < old_count; i++)
        if (old[i] && old[i]->first != 0)
            *find_place(w, old[i]->first) = old[i];
    pfree(old);
}

namespace
{

struct SegmentOfClause {
    WalkIndex *index;
    int clause;
    SegmentRows rows;
};

bool is_open(uint8_t outcomes)
{
    return !is_refuted(outcomes) && !is_proven(outcomes);
}

} // namespace

// Judges rows of the open segment, n of them, on one stage. False when the segment went meanwhile.
static bool judge_on_stage(ChiWalk *walk, SegmentOfClause *at, SegmentStage stage, uint32_t n,
                           uint8_t *outcomes)
{
    const WalkClause &clause = walk->clauses[at->clause];
    WalkIndex *w = at->index;
    at->rows.stage = stage;
    at->rows.n = n;
    return segment_outcomes(w->relation, w->segment, &w->info.bins, &walk->leaves[at->clause],
                            clause.inputs, walk->columns, at->rows, outcomes);
}

// Leaves out what the clause's outcomes refute.
static void leave_out(const WalkClause &clause, const uint8_t *outcomes, JudgedSegment *out)
{
    if (!clause.keep_refuted)
        for (uint32_t row = 0; row < out->rows; row++)
            out->refuted[row] |= is_refuted(outcomes[row]);
}

// The first look at the rows of the open segment by one clause: by its coarse counts, or none,
// where these decided too little the last time.
static bool judge_coarsely(ChiWalk *walk, SegmentOfClause *at, CoarseTries *tries,
                           uint8_t *outcomes, JudgedSegment *out)
{
    if (tries->left > 0) {
        memset(outcomes, kAnyOutcome, out->rows);
        return true;
    }
    if (!judge_on_stage(walk, at, SegmentStage::coarse, out->rows, outcomes))
        return false;
    leave_out(walk->clauses[at->clause], outcomes, out);
    return true;
}

// The second look: by the cells of the rows that the clause leaves open and no clause has refuted;
// by those of all rows where these are many.
static bool judge_closely(ChiWalk *walk, SegmentOfClause *at, CoarseTries *tries, uint8_t *outcomes,
                          JudgedSegment *out)
{
    constexpr uint32_t kLongestWait = 31;
    // A row by itself takes as long as about so many of all.
    constexpr uint32_t kRowCost = 24;
    for (uint32_t row = 0; row < out->rows; row++)
        at->rows.wanted[row] = is_open(outcomes[row]) & !out->refuted[row];
    uint32_t open = 0;
    const uint8_t *const end = at->rows.wanted + out->rows, *next = at->rows.wanted;
    while (next < end && (next = (const uint8_t *)memchr(next, 1, end - next)) != nullptr)
        at->rows.rows[open++] = uint32_t(next++ - at->rows.wanted);
    const bool few = open * kRowCost <= out->rows;

    // Where the coarse counts left many rows open, the next segments are judged without them, more
    // and more of them as long as that goes on.
    if (tries->left > 0) {
        tries->left--;
    } else {
        tries->wait = few ? 0 : std::min(2 * tries->wait + 1, kLongestWait);
        tries->left = tries->wait;
    }
    if (!few) {
        if (!judge_on_stage(walk, at, SegmentStage::all, out->rows, outcomes))
            return false;
    } else if (open > 0) {
        uint8_t closer[kSegmentRows];
        if (!judge_on_stage(walk, at, SegmentStage::few, open, closer))
            return false;
        for (uint32_t k = 0; k < open; k++)
            outcomes[at->rows.rows[k]] = closer[k];
    }
    leave_out(walk->clauses[at->clause], outcomes, out);
    return true;
}

// Judges the open segment. False when it went meanwhile. Outcomes of rows that another clause has
// refuted may be wider than they need be.
static bool judge_segment(ChiWalk *walk, WalkIndex *w, JudgedSegment *out)
{
    const ChiSegment *s = w->segment;
    out->rows = s->head.rows;
    memcpy(out->tids, s->head.tids, out->rows * sizeof(ItemPointerData));
    memset(out->refuted, 0, out->rows);
    SegmentOfClause at;
    at.index = w;
    for (int i = 0; i < w->n_batch; i++) {
        at.clause = w->batch[i];
        if (walk->clauses[at.clause].inputs == nullptr)
            memset(out->outcomes[i], kAnyOutcome, out->rows);
        else if (!judge_coarsely(walk, &at, &w->coarse[i], out->outcomes[i], out))
            return false;
    }
    for (int i = 0; i < w->n_batch; i++) {
        at.clause = w->batch[i];
        if (walk->clauses[at.clause].inputs != nullptr &&
            !judge_closely(walk, &at, &w->coarse[i], out->outcomes[i], out))
            return false;
    }
    return true;
}

void prefetch_judged(const WalkIndex *w)
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
            const JudgedSegment *judged = *find_place(w, first);
            if (judged && judged->first == first)
                continue;
            prefetch_chi_segment(w->relation, first, *w->segment);
            found++;
        }
    }
}

const JudgedSegment *judged_segment(ChiWalk *walk, WalkIndex *w, BlockNumber first)
{
    JudgedSegment **place = find_place(w, first);
    if (*place && (*place)->first == first)
        return *place;
    CHECK_FOR_INTERRUPTS();
    if (++w->misses > w->n_judged / 4) {
        keep_more(walk, w);
        w->misses = 0;
        place = find_place(w, first);
    }
    if (*place == nullptr)
        *place = (JudgedSegment *)MemoryContextAlloc(walk->context, judged_size(w));
    JudgedSegment *judged = *place;
    judged->first = 0;
    if (!open_chi_segment(w->relation, first, w->segment) || !judge_segment(walk, w, judged))
        return nullptr;
    judged->first = first;
    return judged;
}

} // namespace mq
