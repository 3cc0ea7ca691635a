// Judging all rows of a segment at once, and remembering the outcomes while rows of it are met.
#include "chi/walk_state.h"
#include "core/program/batch.h"

namespace mq
{

static_assert(kSegmentRows <= kBatchRows, "a segment is judged in one call");

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

// What the bounds of a segment's rows are taken from.
enum class SegmentRung : uint8_t {
    coarse, // the coarse counts
    few,    // cells of the rows in `rows`
    all,    // cells of all rows
};

struct SegmentOfClause {
    WalkIndex *index;
    int clause;
    SegmentRung rung;
    bool gone; // the segment was recycled while it was read
    // For few: numbers of the rows to be judged, which are rows 0, 1, ... of the batch; and 1 for
    // each of them.
    uint32_t rows[kSegmentRows];
    uint8_t wanted[kSegmentRows];
};

// BatchSource callback.
void rung_bounds(void *context, const CpCall &call, uint32_t n, uint32_t *lo, uint32_t *hi,
                 uint8_t *known)
{
    SegmentOfClause *at = (SegmentOfClause *)context;
    WalkIndex *w = at->index;
    ChiSegment *s = w->segment;
    const EdgeSelection &edges = select_site_edges(w, at->clause, call, s->segment.shape);
    const SegmentReader reader = segment_reader(w->relation, s);
    bool read = !at->gone;
    if (!read) {
    } else if (at->rung == SegmentRung::coarse) {
        read = segment_coarse_bounds(s->segment, reader, edges, call.roi, lo, hi);
    } else if (at->rung == SegmentRung::all) {
        read = segment_bounds(s->segment, reader, edges, call.roi, nullptr, &s->cache, lo, hi);
    } else {
        uint32_t least[kSegmentRows], most[kSegmentRows];
        read =
            segment_bounds(s->segment, reader, edges, call.roi, at->wanted, &s->cache, least, most);
        for (uint32_t i = 0; read && i < n; i++) {
            lo[i] = least[at->rows[i]];
            hi[i] = most[at->rows[i]];
        }
    }
    at->gone = !read;
    memset(known, read, n);
}

bool is_open(uint8_t outcomes)
{
    return !is_refuted(outcomes) && !is_proven(outcomes);
}

} // namespace

// Judges rows of the open segment, n of them, on one rung. False when the segment went meanwhile.
static bool judge_on_rung(ChiWalk *walk, SegmentOfClause *at, SegmentRung rung, uint32_t n,
                          uint8_t *outcomes)
{
    const WalkClause &clause = walk->clauses[at->clause];
    at->rung = rung;
    evaluate_batch(clause.program, clause.inputs, BatchSource{rung_bounds, at}, n,
                   walk->batch_memory, outcomes);
    return !at->gone;
}

// Judges the rows of the open segment by one clause. The coarse counts come first: where they
// decide most rows, only the cells of the others are read. Where they did not, the next segments
// are judged without them, more and more of them as long as that goes on. False when the segment
// went meanwhile.
static bool judge_by_clause(ChiWalk *walk, WalkIndex *w, int i, JudgedSegment *out)
{
    constexpr uint32_t kLongestWait = 31;
    // A row by itself takes as long as about so many of all.
    constexpr uint32_t kRowCost = 24;
    CoarseTries *tries = &w->coarse[i];
    uint8_t *outcomes = out->outcomes[i];
    SegmentOfClause at;
    at.index = w;
    at.clause = w->batch[i];
    at.gone = false;
    if (tries->left > 0) {
        tries->left--;
        return judge_on_rung(walk, &at, SegmentRung::all, out->rows, outcomes);
    }
    if (!judge_on_rung(walk, &at, SegmentRung::coarse, out->rows, outcomes))
        return false;
    uint32_t open = 0;
    for (uint32_t row = 0; row < out->rows; row++) {
        at.wanted[row] = is_open(outcomes[row]);
        at.rows[open] = row;
        open += at.wanted[row];
    }
    if (open * kRowCost <= out->rows) {
        tries->wait = 0;
        uint8_t closer[kSegmentRows];
        if (open > 0 && !judge_on_rung(walk, &at, SegmentRung::few, open, closer))
            return false;
        for (uint32_t k = 0; k < open; k++)
            outcomes[at.rows[k]] = closer[k];
        return true;
    }
    tries->wait = std::min(2 * tries->wait + 1, kLongestWait);
    tries->left = tries->wait;
    return judge_on_rung(walk, &at, SegmentRung::all, out->rows, outcomes);
}

// Judges the open segment. False when it went meanwhile.
static bool judge_segment(ChiWalk *walk, WalkIndex *w, JudgedSegment *out)
{
    const ChiSegment *s = w->segment;
    out->rows = s->head.rows;
    memcpy(out->tids, s->head.tids, out->rows * sizeof(ItemPointerData));
    memset(out->refuted, 0, out->rows);
    for (int i = 0; i < w->n_batch; i++) {
        const WalkClause &clause = walk->clauses[w->batch[i]];
        if (clause.inputs == nullptr) {
            memset(out->outcomes[i], kAnyOutcome, out->rows);
            continue;
        }
        if (!judge_by_clause(walk, w, i, out))
            return false;
        if (!clause.keep_refuted)
            for (uint32_t row = 0; row < out->rows; row++)
                out->refuted[row] |= is_refuted(out->outcomes[i][row]);
    }
    return true;
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
