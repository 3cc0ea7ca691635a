#include "nodes/order/rank.h"

#include "plan/planner.h"

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
int64 place_of(double v)
{
    int64 bits;
    v += 0.0; // -0 equals 0
    memcpy(&bits, &v, sizeof bits);
    return bits < 0 ? bits ^ PG_INT64_MAX : bits;
}

Place place_of_null(PlaceOrder order)
{
    int64 p = order.nulls_first ? kNullFirst : kNullLast;
    return Place{p, p};
}

} // namespace

Place place_of_interval(const Num &n, PlaceOrder order)
{
    Place p = {kNullLast, kNullFirst};
    if (n.may & kMayValue) {
        if (!std::isfinite(n.lo) || !std::isfinite(n.hi))
            p = Place{kAnyFirst, kAnyLast};
        else if (order.descending)
            p = Place{place_of(-n.hi), place_of(-n.lo)};
        else
            p = Place{place_of(n.lo), place_of(n.hi)};
    }
    if (n.may & kMayNull) {
        int64 null = place_of_null(order).best;
        p.best = Min(p.best, null);
        p.worst = Max(p.worst, null);
    }
    return p;
}

Place place_of_value(Oid type, Datum value, bool is_null, PlaceOrder order)
{
    if (is_null)
        return place_of_null(order);
    if (type == FLOAT8OID || type == FLOAT4OID) {
        double v = type == FLOAT8OID ? DatumGetFloat8(value) : DatumGetFloat4(value);
        int64 p = std::isnan(v)      ? (order.descending ? kAnyFirst : kAnyLast)
                  : order.descending ? place_of(-v)
                                     : place_of(v);
        return Place{p, p};
    }
    ProgramInput in;
    load_input(InputKind::num, type, value, false, &in);
    return place_of_interval(in.num, order);
}

} // namespace mq
