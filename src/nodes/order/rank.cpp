#include "nodes/order/rank.h"

#include "facts/program_datum.h"

extern "C" {
#include "catalog/pg_type.h"
}

namespace mq
{

namespace
{

// Outside of what a finite or infinite number maps to. PostgreSQL orders NaN above all numbers, so
// "any value" reaches one beyond the numbers on either side: which side NaN is on depends on the
// direction.
constexpr int64 kNullFirst = PG_INT64_MIN, kAnyFirst = PG_INT64_MIN + 1;
constexpr int64 kAnyLast = PG_INT64_MAX - 1, kNullLast = PG_INT64_MAX;

// Order-preserving: the bits of an IEEE number ascend with it, those of a negative one descend.
int64 rank_of(double v)
{
    int64 bits;
    v += 0.0; // -0 equals 0
    memcpy(&bits, &v, sizeof bits);
    return bits < 0 ? bits ^ PG_INT64_MAX : bits;
}

Rank rank_of_null(RankOrder order)
{
    int64 r = order.nulls_first ? kNullFirst : kNullLast;
    return Rank{r, r};
}

} // namespace

Rank rank_of_interval(const Num &n, RankOrder order)
{
    Rank r = {kNullLast, kNullFirst};
    if (n.may & kMayValue) {
        if (!std::isfinite(n.lo) || !std::isfinite(n.hi))
            r = Rank{kAnyFirst, kAnyLast};
        else if (order.descending)
            r = Rank{rank_of(-n.hi), rank_of(-n.lo)};
        else
            r = Rank{rank_of(n.lo), rank_of(n.hi)};
    }
    if (n.may & kMayNull) {
        int64 null = rank_of_null(order).best;
        r.best = Min(r.best, null);
        r.worst = Max(r.worst, null);
    }
    return r;
}

Rank rank_of_value(Oid type, Datum value, bool is_null, RankOrder order)
{
    if (is_null)
        return rank_of_null(order);
    if (type == FLOAT8OID || type == FLOAT4OID) {
        double v = type == FLOAT8OID ? DatumGetFloat8(value) : DatumGetFloat4(value);
        int64 r = std::isnan(v)      ? (order.descending ? kAnyFirst : kAnyLast)
                  : order.descending ? rank_of(-v)
                                     : rank_of(v);
        return Rank{r, r};
    }
    ProgramInput in;
    load_input(InputKind::num, type, value, false, &in);
    return rank_of_interval(in.num, order);
}

} // namespace mq
