#include "core/leaves/calls.h"

#include "core/program/rules.h"

namespace mq
{

static constexpr double kMostPixels = double(kMaxSide) * kMaxSide;
// A share of two rounded sums differs from that of the bounds' rounded sums by less than this, as
// long as no sum is subnormal. README.md counts the roundings.
static constexpr double kShareError = 0x1p-49;
static constexpr double kLeastShared = 0x1p-900;

Num count_number(const BoundSource &source, const CpCall &call)
{
    CountBounds b;
    if (source.bounds(source.context, call, &b))
        return make_num(double(b.lo), double(b.hi), kMayValue, true);
    return unknown_count();
}

Num sum_number(const BoundSource &source, const CpCall &call)
{
    SumBounds b;
    if (!source.sum_bounds || !source.sum_bounds(source.context, call, &b))
        return any_num();
    Num r = make_num(b.lo, b.hi);
    if (is_any(r))
        return any_num(kMayValue | kMayError); // it may overflow
    r.tiny = std::fmax(r.tiny, b.least);
    return r;
}

Num overlap_number(const BoundSource &source, const OverlapCall &call)
{
    RatioBounds b;
    if (!source.overlap_bounds || !source.overlap_bounds(source.context, call, &b))
        return any_num(); // masks that differ in shape are an error
    Num r = make_num(b.lo, b.hi);
    r.tiny = std::fmax(r.tiny, 1 / kMostPixels);
    return r;
}

// r within [lo, hi].
static Num narrow(const Num &r, double lo, double hi)
{
    lo = std::fmax(lo, r.lo);
    hi = std::fmin(hi, r.hi);
    if (!(lo <= hi)) // the counts of a damaged entry contradict each other
        return r;
    Num narrowed = make_num(lo, hi, r.may);
    narrowed.tiny = std::fmax(narrowed.tiny, r.tiny);
    return narrowed;
}

Num share_of_counts(const BoundSource &source, const CpCall &part, const CpCall &whole,
                    const Num &x, const Num &z, const Num &r)
{
    CountBounds y;
    if (!source.bounds_without || !source.bounds_without(source.context, whole, part.roi, &y))
        return r;
    // What is known of the divisor may say more of the rest: y = z - x.
    const double y_lo = std::fmax(double(y.lo), z.lo - x.hi),
                 y_hi = std::fmin(double(y.hi), z.hi - x.lo);
    return narrow(r, x.lo > 0 ? x.lo / (x.lo + y_hi) : 0, x.hi > 0 ? x.hi / (x.hi + y_lo) : 0);
}

Num share_of_sums(const BoundSource &source, const CpCall &part, const CpCall &whole, const Num &x,
                  const Num &r)
{
    SumBounds y;
    if (!source.sum_bounds_without ||
        !source.sum_bounds_without(source.context, whole, part.roi, &y))
        return r;
    // Sums below 0 have no share; an infinite one says nothing.
    if (!(x.lo >= 0 && y.lo >= 0 && std::isfinite(x.hi + y.hi) && y.least >= kLeastShared))
        return r;
    return narrow(r, x.lo > 0 ? x.lo / (x.lo + y.hi) * (1 - kShareError) : 0,
                  x.hi > 0 ? std::fmin(x.hi / (x.hi + y.lo) * (1 + kShareError), 1) : 0);
}

} // namespace mq
