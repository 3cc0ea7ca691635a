// What is known of the numbers that a program takes from masks.
#pragma once

#include "core/program/program.h"

namespace mq
{

Num count_number(const BoundSource &source, const CpCall &call);
Num sum_number(const BoundSource &source, const CpCall &call);
Num overlap_number(const BoundSource &source, const OverlapCall &call);

// A quotient of two calls of one mask and one range: where the dividend's roi lies inside the
// divisor's it is x / (x + y), y being over the rest, and bounds of x and y are closer than r,
// which takes the two calls as independent; otherwise r. README.md proves it. REQUIRES: x is what
// is known of the dividend, r of the quotient, with values inside finite ends.
Num share_of_counts(const BoundSource &source, const CpCall &part, const CpCall &whole,
                    const Num &x, const Num &z, const Num &r);
Num share_of_sums(const BoundSource &source, const CpCall &part, const CpCall &whole, const Num &x,
                  const Num &r);

} // namespace mq
