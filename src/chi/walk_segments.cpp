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

// Rows of a segment lie together in the heap more often than not, so a few segments would do;
// work_mem bounds what is kept for those whose rows lie scattered.
void init_judged(WalkIndex *w)
{
    w->n_judged = 1;
    while (w->n_judged < 65536 && 2 * w->n_judged * judged_size(w) <= size_t(work_mem) * 1024)
        w->n_judged *= 2;
    w->judged = (JudgedSegment **)palloc0(sizeof(JudgedSegment *) * w->n_judged);
    w->segment = make_chi_segment(CurrentMemoryContext);
}

void forget_judged(WalkIndex *w)
{
    for (uint32_t i = 0; i < w->n_judged; i++)
        if (w->judged[i])
            w->judged[i]->first = 0;
    w->last = nullptr;
}

namespace
{

struct SegmentOfClause {
    WalkIndex *index;
    int clause;
    bool gone; // the segment was recycled while it was read
};

// BatchSource callback.
void all_bounds(void *context, const CpCall &call, uint32_t n, uint32_t *lo, uint32_t *hi,
                uint8_t *known)
{
    SegmentOfClause *at = (SegmentOfClause *)context;
    WalkIndex *w = at->index;
    ChiSegment *s = w->segment;
    const EdgeSelection &edges = select_site_edges(w, at->clause, call, s->segment.shape);
    bool read = !at->gone && segment_bounds(s->segment, segment_reader(w->relation, s), edges,
                                            call.roi, &s->cache, lo, hi);
    at->gone = !read;
    memset(known, read, n);
}

} // namespace

// Judges the open segment. False when it went meanwhile.
static bool judge_segment(ChiWalk *walk, WalkIndex *w, JudgedSegment *out)
{
    const ChiSegment *s = w->segment;
    out->rows = s->head.rows;
    memcpy(out->tids, s->head.tids, out->rows * sizeof(ItemPointerData));
    for (int i = 0; i < w->n_batch; i++) {
        const WalkClause &clause = walk->clauses[w->batch[i]];
        if (clause.inputs == nullptr) {
            memset(out->outcomes[i], kAnyOutcome, out->rows);
            continue;
        }
        SegmentOfClause at{w, w->batch[i], false};
        evaluate_batch(clause.program, clause.inputs, BatchSource{all_bounds, &at}, out->rows,
                       walk->batch_memory, out->outcomes[i]);
        if (at.gone)
            return false;
    }
    return true;
}

const JudgedSegment *judged_segment(ChiWalk *walk, WalkIndex *w, BlockNumber first)
{
    if (w->last && w->last->first == first)
        return w->last;
    JudgedSegment **place = &w->judged[(first * 2654435761u >> 16) & (w->n_judged - 1)];
    if (*place == nullptr) {
        *place = (JudgedSegment *)MemoryContextAlloc(walk->context, judged_size(w));
        (*place)->first = 0;
    }
    JudgedSegment *judged = *place;
    if (judged->first != first) {
        CHECK_FOR_INTERRUPTS();
        judged->first = 0;
        if (!open_chi_segment(w->relation, first, w->segment) || !judge_segment(walk, w, judged))
            return nullptr;
        judged->first = first;
    }
    w->last = judged;
    return judged;
}

} // namespace mq
