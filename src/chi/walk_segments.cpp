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

struct SegmentOfClause {
    WalkIndex *index;
    int clause;
    bool coarse; // ask the coarse counts alone
    bool gone;   // the segment was recycled while it was read
};

// BatchSource callback.
void all_bounds(void *context, const CpCall &call, uint32_t n, uint32_t *lo, uint32_t *hi,
                uint8_t *known)
{
    SegmentOfClause *at = (SegmentOfClause *)context;
    WalkIndex *w = at->index;
    ChiSegment *s = w->segment;
    const EdgeSelection &edges = select_site_edges(w, at->clause, call, s->segment.shape);
    const SegmentReader reader = segment_reader(w->relation, s);
    bool read =
        !at->gone &&
        (at->coarse ? segment_coarse_bounds(s->segment, reader, edges, call.roi, lo, hi)
                    : segment_bounds(s->segment, reader, edges, call.roi, &s->cache, lo, hi));
    at->gone = !read;
    memset(known, read, n);
}

} // namespace

// Judges the rows of the open segment by one clause. The coarse counts come first: where they
// decide all rows, the cells are not read. Where they did not, the next segments are judged without
// them, more and more of them as long as that goes on. False when the segment went meanwhile.
static bool judge_by_clause(ChiWalk *walk, WalkIndex *w, int i, JudgedSegment *out)
{
    constexpr uint32_t kLongestWait = 31;
    const WalkClause &clause = walk->clauses[w->batch[i]];
    CoarseTries *tries = &w->coarse[i];
    SegmentOfClause at{w, w->batch[i], true, false};
    auto judge = [&] {
        evaluate_batch(clause.program, clause.inputs, BatchSource{all_bounds, &at}, out->rows,
                       walk->batch_memory, out->outcomes[i]);
        return !at.gone;
    };
    if (tries->left > 0) {
        tries->left--;
    } else {
        if (!judge())
            return false;
        uint32_t decided = 0;
        for (uint32_t row = 0; row < out->rows; row++)
            decided += is_refuted(out->outcomes[i][row]) || is_proven(out->outcomes[i][row]);
        if (decided == out->rows) {
            tries->wait = 0;
            return true;
        }
        tries->wait = std::min(2 * tries->wait + 1, kLongestWait);
        tries->left = tries->wait;
    }
    at.coarse = false;
    return judge();
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
