// Interval versions of PostgreSQL's arithmetic. Each function takes intervals that hold the
// operands and returns one that holds the result as PostgreSQL computes it, rounding included.
// src/core/program/README.md says why.
#pragma once

#include "core/interval/num.h"

namespace mq
{

Num interval_arith(ArithOp op, NumKind kind, const Num &a, const Num &b);
Num interval_unary(UnaryOp op, NumKind kind, const Num &a);
Num interval_cast(CastOp op, int32_t precision, int32_t scale, const Num &a);
Num interval_min_max(bool greatest, const Num &a,
                     const Num &b); // NULLs are ignored, as GREATEST and LEAST do
Num interval_null_if(const Num &a, const Num &b);
// Smallest interval that holds both; NULL and error bits are joined.
Num interval_hull(const Num &a, const Num &b);

// Outcome bits of a strict comparison.
uint8_t interval_compare(CompareOp op, const Num &a, const Num &b);

} // namespace mq
