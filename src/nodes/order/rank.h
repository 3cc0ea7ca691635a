// Where a row can stand in the order by its first sort key: the interval of a number, or its exact
// value, mapped to integers whose order is the output's, NULLs and NaN included.
#pragma once

#include "core/program/program.h"
#include "pg/pg.h"

namespace mq
{

// A row's key is nowhere before `best` and nowhere after `worst`. Rows are sure to be in order when
// one's worst is before the other's best.
struct Rank {
    int64 best, worst;
};

// The rank of a row whose key may raise an error, or may be anything: it is looked at before all
// others, and none goes out before it.
constexpr Rank kUnknownRank = {PG_INT64_MIN, PG_INT64_MAX};
inline bool is_unknown(const Rank &r)
{
    return r.best == kUnknownRank.best && r.worst == kUnknownRank.worst;
}

struct RankOrder {
    bool descending, nulls_first;
};

Rank rank_of_interval(const Num &n, RankOrder order);
// type: one that load_input() knows as a number.
Rank rank_of_value(Oid type, Datum value, bool is_null, RankOrder order);

} // namespace mq
