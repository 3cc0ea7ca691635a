// The limit of a node that sorts: which rows others make superfluous.
#pragma once

#include "nodes/order/ties.h"

extern "C" {
#include "executor/executor.h"
}

namespace mq
{

// The worst positions of the best `limit` rows: a row whose best position is after all of them is
// not among the first `limit`.
struct WorstRanks {
    Position *heap; // last first
    int64 limit;    // 0: not known
    int64 used;
    const TieKeys *ties; // null: the rows' ties are not known, or there are none
    MemoryContext context;
};
// LIMIT + OFFSET, 0 when not known; either may be null.
int64 read_limit(ExprState *limit, ExprState *offset, ExprContext *context);
void start_worst_ranks(WorstRanks *w, int64 limit, const TieKeys *ties);
// Takes a copy of the ties.
void add_worst_rank(WorstRanks *w, const Position &worst);
// Can the row be left out? ties: rows that tie with it matter.
bool is_out_of_reach(const WorstRanks *w, const Position &best, bool ties);

} // namespace mq
