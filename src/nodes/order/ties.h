// Ties by the first sort key that further keys decide. The values of the keys right behind the
// first one that need no mask are known of every row from the start: its *ties*. With them a row
// stands at a position: a rank by the first key, then its ties.
#pragma once

#include "nodes/order/rank.h"

extern "C" {
#include "access/tupdesc.h"
#include "utils/sortsupport.h"
}

namespace mq
{

struct SortKeys {
    int n;
    SortSupport support;
    AttrNumber *columns; // in the scan tuple
    Oid *operators, *collations;
    bool *nulls_first;
};

// Keys 1 to n of `keys`; n may be 0.
struct TieKeys {
    int n;
    bool complete; // no other key follows
    // Scan tuples begin with the columns of the rows that wait, so a key may be one of these.
    bool of_child;
    const SortKeys *keys;
    TupleDesc desc; // of scan tuples
};

// A rank, and the ties: n values, or null while they are not known. A row whose ties are not known
// counts as one before all others of its rank.
struct Position {
    int64 rank;
    const NullableDatum *ties;
};

// Below 0 when a is before b. Only ranks count where `ties` is null.
int compare_positions(const TieKeys *ties, const Position &a, const Position &b);

// Is a row that is nowhere after `worst` sure to come before one that is nowhere before `best`, or
// to tie with it by all keys there are?
inline bool comes_first(const TieKeys *ties, const Position &worst, const Position &best)
{
    const int c = compare_positions(ties, worst, best);
    return c < 0 || (c == 0 && ties->complete);
}

} // namespace mq
