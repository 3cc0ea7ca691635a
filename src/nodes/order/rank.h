// Where a row can stand in the order by its first sort key: the interval of a number, or its exact
// value, mapped to integers whose order is the output's, NULLs and NaN included.
#pragma once

#include "core/program/program.h"
#include "pg/pg.h"

namespace mq
{

// A row's key is nowhere before `best` and nowhere after `worst`. Rows are sure to be in order when
// one's worst is before the other's best.
struct Place {
    int64 best, worst;
};

// The place of a row whose key may raise an error, or may be anything: it is looked at before all
// others, and none goes out before it.
constexpr Place kOpenPlace = {PG_INT64_MIN, PG_INT64_MAX};
inline bool is_open(const Place &p)
{
    return p.best == kOpenPlace.best && p.worst == kOpenPlace.worst;
}

struct PlaceOrder {
    bool descending, nulls_first;
};

Place place_of_interval(const Num &n, PlaceOrder order);
// type: one that load_input() knows as a number.
Place place_of_value(Oid type, Datum value, bool is_null, PlaceOrder order);

} // namespace mq
