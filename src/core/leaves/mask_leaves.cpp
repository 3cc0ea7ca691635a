#include "core/leaves/mask_leaves.h"

#include <cmath>

namespace mq
{

static constexpr double kMostPixels = double(kMaxSide) * kMaxSide;
// A share of two rounded sums differs from that of the bounds' rounded sums by less than this, as
// long as no sum is subnormal. src/core/program/README.md counts the roundings.
static constexpr double kShareError = 0x1p-49;
static constexpr double kLeastShared = 0x1p-900;

Num count_number(const CountBounds &b)
{
    return make_num(double(b.lo), double(b.hi), kMayValue, true);
}

Num sum_number(const SumBounds &b)
{
    Num r = make_num(b.lo, b.hi);
    if (is_any(r))
        return any_num(kMayValue | kMayError); // it may overflow
    r.tiny = std::fmax(r.tiny, b.least);
    return r;
}

Num overlap_number(const RatioBounds &b)
{
    Num r = make_num(b.lo, b.hi);
    r.tiny = std::fmax(r.tiny, 1 / kMostPixels);
    return r;
}

namespace
{

// r within [lo, hi].
Num narrow(const Num &r, double lo, double hi)
{
    lo = std::fmax(lo, r.lo);
    hi = std::fmin(hi, r.hi);
    if (!(lo <= hi)) // the counts of a damaged entry contradict each other
        return r;
    Num narrowed = make_num(lo, hi, r.may);
    narrowed.tiny = std::fmax(narrowed.tiny, r.tiny);
    return narrowed;
}

Num share_of_counts(const Num &x, const Num &y, const Num &z, const Num &r)
{
    // What is known of the divisor may say more of the rest: y = z - x.
    const double y_lo = std::fmax(y.lo, z.lo - x.hi), y_hi = std::fmin(y.hi, z.hi - x.lo);
    return narrow(r, x.lo > 0 ? x.lo / (x.lo + y_hi) : 0, x.hi > 0 ? x.hi / (x.hi + y_lo) : 0);
}

Num share_of_sums(const Num &x, const Num &y, const Num &, const Num &r)
{
    // Sums below 0 have no share; an infinite one says nothing.
    if (!(x.lo >= 0 && y.lo >= 0 && std::isfinite(x.hi + y.hi) && y.tiny >= kLeastShared))
        return r;
    return narrow(r, x.lo > 0 ? x.lo / (x.lo + y.hi) * (1 - kShareError) : 0,
                  x.hi > 0 ? std::fmin(x.hi / (x.hi + y.lo) * (1 + kShareError), 1) : 0);
}

bool is_range(const double *numbers)
{
    return numbers[0] <= numbers[1];
}

// A mask that the index does not know may be NULL, but none has more pixels than this.
constexpr LeafValue kUnknownCount = number_leaf(Num{0, kMostPixels, 1, kMayValue | kMayNull, true});

constexpr LeafKind range_leaf(const char *name, LeafColumns columns, const LeafValue &unknown,
                              Num (*share)(const Num &, const Num &, const Num &, const Num &))
{
    return LeafKind{name,    LeafType::number,
                    columns, 1,
                    3,       {LeafOperand::roi, LeafOperand::number, LeafOperand::number},
                    unknown, is_range,
                    share};
}

// Masks that differ in shape are an error, so nothing is known where one of them is not.
constexpr LeafKind overlap_leaf(const char *name)
{
    return LeafKind{name,   LeafType::number,      LeafColumns::none, 2,
                    1,      {LeafOperand::number}, kAnyLeaf,          nullptr,
                    nullptr};
}

} // namespace

const LeafKind kCpLeaf = range_leaf("cp", LeafColumns::counts, kUnknownCount, share_of_counts);
const LeafKind kPixelSumLeaf = range_leaf("pixel_sum", LeafColumns::none, kAnyLeaf, share_of_sums);
const LeafKind kIouLeaf = overlap_leaf("mask_iou");
const LeafKind kIominLeaf = overlap_leaf("mask_iomin");

static const LeafKind *const kinds[] = {&kCpLeaf, &kPixelSumLeaf, &kIouLeaf, &kIominLeaf};
const LeafTable mask_leaves{kinds, 4};

} // namespace mq
