#include "core/interval/group_sums.h"

#include <cfloat>
#include <cmath>

namespace mq
{

static constexpr double kInfinity = __builtin_inf();
static constexpr double kExactWhole = 9007199254740992.0; // 2^53

void start_group_sums(GroupSums *s)
{
    *s = GroupSums{};
    s->least_lo = s->least_hi = s->tiny = kInfinity;
    s->most_hi = s->most_lo = -kInfinity;
}

void add_group_row(GroupSums *s, uint8_t in, const Num &n)
{
    s->error = s->error || (in & kError) || ((in & kTrue) && (n.may & kMayError));
    if (!(in & kTrue) || !(n.may & kMayValue))
        return;
    const bool sure = in == kTrue && !(n.may & kMayNull);
    s->possible++;
    s->sure += sure;
    if (is_any(n) || !std::isfinite(n.lo) || !std::isfinite(n.hi)) {
        s->unbounded = true;
        return;
    }
    s->lo += sure ? n.lo : std::fmin(n.lo, 0.0);
    s->hi += sure ? n.hi : std::fmax(n.hi, 0.0);
    s->magnitude += std::fmax(std::fabs(n.lo), std::fabs(n.hi));
    s->least_lo = std::fmin(s->least_lo, n.lo);
    s->most_hi = std::fmax(s->most_hi, n.hi);
    if (sure) {
        s->least_hi = std::fmin(s->least_hi, n.hi);
        s->most_lo = std::fmax(s->most_lo, n.lo);
    }
    s->tiny = std::fmin(s->tiny, n.tiny);
    s->whole = s->whole && n.whole;
    s->negative = s->negative || n.lo < 0;
    s->positive = s->positive || n.hi > 0;
}

// More than what rounding can make of a sum: adding n numbers one by one, in any order, is off by
// less than n DBL_EPSILON / 2 times their magnitude, and `lo`, `hi` and `magnitude` were added up
// so, too.
static double margin(const GroupSums &s)
{
    if (s.whole && s.magnitude < kExactWhole)
        return 0;
    return 4 * double(s.possible) * DBL_EPSILON * s.magnitude;
}

static Num widened(double lo, double hi, double by, uint8_t may, bool whole)
{
    if (by == 0)
        return make_num(lo, hi, may, whole);
    return make_num(std::nextafter(lo - by, -kInfinity), std::nextafter(hi + by, kInfinity), may);
}

static Num sum_of(const GroupSums &s, uint8_t may)
{
    Num r = widened(s.lo, s.hi, margin(s), may, s.whole);
    // Numbers of one sign do not cancel: no sum is nearer to 0 than the least of them.
    if (!r.whole && !(s.negative && s.positive))
        r.tiny = std::fmax(r.tiny, s.tiny);
    return r;
}

// The sum divided by the number of rows; no average lies outside of the numbers either, but for the
// sum's rounding.
static Num average_of(const GroupSums &s, GroupArithmetic arithmetic, uint8_t may)
{
    const Num sum = sum_of(s, kMayValue);
    const double most = double(s.possible), least = s.sure > 0 ? double(s.sure) : 1.0;
    const double slack = margin(s);
    double lo = sum.lo >= 0 ? sum.lo / most : sum.lo / least,
           hi = sum.hi >= 0 ? sum.hi / least : sum.hi / most;
    lo = std::fmax(lo, slack == 0 ? s.least_lo : std::nextafter(s.least_lo - slack, -kInfinity));
    hi = std::fmin(hi, slack == 0 ? s.most_hi : std::nextafter(s.most_hi + slack, kInfinity));
    const double step =
        arithmetic == GroupArithmetic::exact ? 1e-13 * std::fmax(std::fabs(lo), std::fabs(hi)) : 0;
    Num r = widened(lo, hi, step, may, false);
    r.tiny = std::fmax(r.tiny, sum.tiny / most / 2);
    return r;
}

Num group_value(const GroupSums &s, GroupOperation operation, GroupArithmetic arithmetic)
{
    uint8_t error = s.error ? kMayError : 0;
    if (operation == GroupOperation::count)
        return make_num(double(s.sure), double(s.possible), kMayValue | error, true);
    if (s.possible == 0)
        return any_num(kMayNull | error);
    const uint8_t may = kMayValue | (s.sure == 0 ? kMayNull : 0) | error;
    const bool extreme = operation == GroupOperation::min || operation == GroupOperation::max;
    // avg(float8) squares what it adds up, on the way.
    if (s.unbounded || (!extreme && s.magnitude > 1e140))
        return any_num(may | (extreme ? 0 : kMayError));
    if (operation == GroupOperation::sum)
        return sum_of(s, may);
    if (operation == GroupOperation::avg)
        return average_of(s, arithmetic, may);
    Num r;
    if (operation == GroupOperation::min)
        r = make_num(s.least_lo, s.sure > 0 ? s.least_hi : s.most_hi, may, s.whole);
    else
        r = make_num(s.sure > 0 ? s.most_lo : s.least_lo, s.most_hi, may, s.whole);
    r.tiny = std::fmax(r.tiny, s.tiny);
    return r;
}

} // namespace mq
