#include "nodes/order/limit.h"

extern "C" {
#include "common/int.h"
#include "utils/datum.h"
}

#include <algorithm>

namespace mq
{

namespace
{

struct IsBefore {
    const TieKeys *ties;
    bool operator()(const Position &a, const Position &b) const
    {
        return compare_positions(ties, a, b) < 0;
    }
};

// The ties of the heap's element that was added last or is replaced: its own memory.
void keep_ties(WorstRanks *w, NullableDatum *kept, const NullableDatum *ties, bool replace)
{
    MemoryContext old = MemoryContextSwitchTo(w->context);
    for (int i = 0; i < w->ties->n; i++) {
        const Form_pg_attribute type =
            TupleDescAttr(w->ties->desc, w->ties->keys->columns[i + 1] - 1);
        if (replace && !type->attbyval && !kept[i].isnull)
            pfree(DatumGetPointer(kept[i].value));
        kept[i].isnull = ties[i].isnull;
        kept[i].value =
            ties[i].isnull ? Datum(0) : datumCopy(ties[i].value, type->attbyval, type->attlen);
    }
    MemoryContextSwitchTo(old);
}

} // namespace

int64 read_limit(ExprState *limit_value, ExprState *offset_value, ExprContext *context)
{
    if (limit_value == nullptr)
        return 0;
    ResetExprContext(context);
    bool is_null, no_offset = true;
    int64 limit = DatumGetInt64(ExecEvalExprSwitchContext(limit_value, context, &is_null)),
          offset = 0;
    if (offset_value)
        offset = DatumGetInt64(ExecEvalExprSwitchContext(offset_value, context, &no_offset));
    if (is_null || limit <= 0 || (!no_offset && offset < 0))
        return 0;
    return pg_add_s64_overflow(limit, no_offset ? 0 : offset, &limit) ? 0 : limit;
}

void start_worst_ranks(WorstRanks *w, int64 limit, const TieKeys *ties)
{
    if (w->context == nullptr)
        w->context =
            AllocSetContextCreate(CurrentMemoryContext, "CHI worst ranks", ALLOCSET_SMALL_SIZES);
    MemoryContextReset(w->context);
    *w = WorstRanks{nullptr, 0, 0, ties && ties->n > 0 ? ties : nullptr, w->context};
    const int n = w->ties ? w->ties->n : 0;
    // A limit near the size of the table saves nothing, and its heap would take the memory of rows.
    const size_t element = sizeof(Position) + n * sizeof(NullableDatum);
    if (limit <= 0 || limit > int64(work_mem) * 1024 / 4 / int64(element))
        return;
    w->limit = limit;
    w->heap = (Position *)MemoryContextAlloc(w->context, sizeof(Position) * limit);
    NullableDatum *values =
        n ? (NullableDatum *)MemoryContextAlloc(w->context, sizeof(NullableDatum) * n * limit)
          : nullptr;
    for (int64 i = 0; i < limit; i++)
        w->heap[i] = Position{0, n ? values + n * i : nullptr};
}

void add_worst_rank(WorstRanks *w, const Position &worst)
{
    if (w->limit == 0)
        return;
    const IsBefore is_before = {w->ties};
    const bool full = w->used == w->limit;
    if (full) {
        if (!is_before(worst, w->heap[0]))
            return;
        std::pop_heap(w->heap, w->heap + w->used, is_before);
    } else {
        w->used++;
    }
    Position *last = &w->heap[w->used - 1];
    last->rank = worst.rank;
    if (w->ties)
        keep_ties(w, const_cast<NullableDatum *>(last->ties), worst.ties, full);
    std::push_heap(w->heap, w->heap + w->used, is_before);
}

bool is_out_of_reach(const WorstRanks *w, const Position &best, bool ties)
{
    if (w->limit == 0 || w->used < w->limit)
        return false;
    const int c = compare_positions(w->ties, best, w->heap[0]);
    return c > 0 || (c == 0 && !ties);
}

} // namespace mq
