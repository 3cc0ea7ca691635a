// The value of count, sum, avg, min or max over the rows of a group, from what is known of each
// row: whether it counts (the aggregate's FILTER), and its number. src/core/program/README.md says
// what is claimed.
#pragma once

#include "core/interval/num.h"

namespace mq
{

enum class GroupOperation : uint8_t { count, sum, avg, min, max };
// How PostgreSQL adds up and divides: in float8, or exactly (integers and numeric, whose quotient
// has at least 16 significant digits).
enum class GroupArithmetic : uint8_t { f8, exact };

// What the rows so far tell. A row is *possible* when it may count with a value, *sure* when it
// must.
struct GroupSums {
    int64_t sure = 0, possible = 0;
    double lo = 0, hi = 0;    // sums of the ends, 0 where a row may be left out
    double magnitude = 0;     // sum of the larger absolute ends
    double least_lo, most_hi; // over possible rows
    double least_hi, most_lo; // the least upper and greatest lower end, over sure rows
    double tiny;              // the least Num::tiny
    bool whole = true;        // all numbers are
    bool negative = false, positive = false; // some may be
    bool unbounded = false;                  // some number may be anything
    bool error = false;                      // some row may raise an error
};

void start_group_sums(GroupSums *s);

// in: outcomes of FILTER for the row, kTrue without one. n: the aggregate's argument.
void add_group_row(GroupSums *s, uint8_t in, const Num &n);

// Interval of the aggregate, which holds what PostgreSQL computes in whatever order the rows come.
Num group_value(const GroupSums &s, GroupOperation operation, GroupArithmetic arithmetic);

} // namespace mq
