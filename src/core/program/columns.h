// Numbers and outcome sets of many rows, in arrays, and the steps over them that are worth a loop
// of their own.
#pragma once

#include "core/program/batch.h"
#include "core/program/rules.h"

namespace mq
{

// A Num for each row. Arrays of kBatchRows elements.
struct NumColumn {
    double *lo, *hi, *tiny;
    uint8_t *may, *whole;

    Num at(uint32_t i) const { return Num{lo[i], hi[i], tiny[i], may[i], bool(whole[i])}; }
    void set(uint32_t i, const Num &v)
    {
        lo[i] = v.lo;
        hi[i] = v.hi;
        tiny[i] = v.tiny;
        may[i] = v.may;
        whole[i] = v.whole;
    }
};

inline void fill(uint32_t n, const Num &v, NumColumn out)
{
    for (uint32_t i = 0; i < n; i++)
        out.set(i, v);
}

// make_num of known counts, `unknown` of others.
void numbers_of_counts(uint32_t n, const LeafColumn &counts, const Num &unknown, NumColumn out);

// interval_compare of counts, of `unknown` where they are not known, with a finite number.
// REQUIRES: op is neither eq nor ne.
void compare_counts(uint32_t n, CompareOp op, const LeafColumn &counts, const Num &unknown,
                    const Num &number, uint8_t *out);

// a = a op b as float8, interval_arith.
void arith_columns(uint32_t n, ArithOp op, NumColumn a, NumColumn b);

// Junction of many rows.
struct JunctionColumn {
    uint8_t decider, neutral;
    uint8_t *result, *all_neutral, *some_null;

    void start(uint32_t n);
    // False when no further arm of any row is reached.
    bool is_undecided(uint32_t n) const;
    void add(uint32_t n, const uint8_t *arm);
    // Leaves the outcomes in result.
    void finish(uint32_t n);
};

} // namespace mq
