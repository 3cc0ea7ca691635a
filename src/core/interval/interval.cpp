#include "core/interval/interval.h"

#include <cfloat>
#include <cmath>

namespace mq
{

static constexpr double kExactWhole =
    9007199254740992.0; // 2^53: float8 holds every whole number below it
static constexpr double kInfinity = __builtin_inf();

Num make_num(double lo, double hi, uint8_t may, bool whole)
{
    if (!std::isfinite(lo) || !std::isfinite(hi))
        return any_num(may);
    if (whole && (std::fabs(lo) >= kExactWhole || std::fabs(hi) >= kExactWhole))
        whole = false;
    double tiny = whole ? 1.0 : (lo > 0 ? lo : (hi < 0 ? -hi : 0.0));
    if (lo == hi)
        tiny = lo == 0 ? kInfinity : std::fabs(lo);
    return Num{lo, hi, tiny, may, whole};
}

static double largest(const Num &n)
{
    return std::fmax(std::fabs(n.lo), std::fabs(n.hi));
}

// Result of a strict operator whose operands are not both known values: NULL or an error of an
// operand passes on.
static bool strict_shortcut(const Num &a, const Num &b, Num *out)
{
    uint8_t passed = (a.may | b.may) & (kMayNull | kMayError);
    if (!(a.may & kMayValue) || !(b.may & kMayValue)) {
        *out = any_num(passed);
        return true;
    }
    if (is_any(a) || is_any(b)) {
        *out = any_num(passed | kMayValue | kMayError);
        return true;
    }
    return false;
}

// Moves both ends outward by a relative step; for arithmetic that is not float8's own.
static Num widen(const Num &n, double relative)
{
    Num r = make_num(std::nextafter(n.lo - std::fabs(n.lo) * relative, -kInfinity),
                     std::nextafter(n.hi + std::fabs(n.hi) * relative, kInfinity), n.may);
    r.tiny = n.tiny * 0.5;
    return r;
}

// float8 operators round to nearest, and rounding is monotone, so the same operator on the ends
// gives ends that hold every computed result. A result that overflows or underflows is an error in
// PostgreSQL.
static Num arith_f8(ArithOp op, const Num &a, const Num &b, uint8_t passed)
{
    const Num unknown = any_num(passed | kMayValue | kMayError);
    double lo, hi, tiny;

    if (op == ArithOp::add || op == ArithOp::sub) {
        lo = op == ArithOp::add ? a.lo + b.lo : a.lo - b.hi;
        hi = op == ArithOp::add ? a.hi + b.hi : a.hi - b.lo;
        // A sum of two floats is a multiple of the last digit of the smaller one.
        tiny = std::fmin(a.tiny, b.tiny) * (DBL_EPSILON / 2);
    } else {
        if (op == ArithOp::div && b.lo <= 0 && b.hi >= 0)
            return unknown; // a division by zero is PostgreSQL's to raise
        bool mul = op == ArithOp::mul;
        double q[4] = {mul ? a.lo * b.lo : a.lo / b.lo, mul ? a.lo * b.hi : a.lo / b.hi,
                       mul ? a.hi * b.lo : a.hi / b.lo, mul ? a.hi * b.hi : a.hi / b.hi};
        lo = std::fmin(std::fmin(q[0], q[1]), std::fmin(q[2], q[3]));
        hi = std::fmax(std::fmax(q[0], q[1]), std::fmax(q[2], q[3]));
        tiny = mul ? a.tiny * b.tiny : a.tiny / largest(b);
        if (!(tiny >= 4 * DBL_MIN)) // could underflow; also false for NaN, infinity times zero
            return unknown;
        tiny /= 2;
    }
    if (!std::isfinite(lo) || !std::isfinite(hi))
        return unknown;
    bool whole = a.whole && b.whole && op != ArithOp::div;
    Num r = make_num(lo, hi, passed | kMayValue, whole);
    if (!r.whole)
        r.tiny = std::fmax(r.tiny, tiny);
    return r;
}

static bool is_integer(NumKind kind)
{
    return kind == NumKind::i2 || kind == NumKind::i4 || kind == NumKind::i8;
}

// Largest magnitude that is followed; the type's minimum lies beyond.
static double int_limit(NumKind kind)
{
    switch (kind) {
    case NumKind::i2:
        return 32767;
    case NumKind::i4:
        return 2147483647;
    default:
        return kExactWhole - 1; // int8 values beyond are not followed
    }
}

static Num arith_int(ArithOp op, NumKind kind, const Num &a, const Num &b, uint8_t passed)
{
    const Num unknown = any_num(passed | kMayValue | kMayError);
    if (!a.whole || !b.whole)
        return unknown;
    const int64_t av[2] = {int64_t(a.lo), int64_t(a.hi)}, bv[2] = {int64_t(b.lo), int64_t(b.hi)};
    if (op == ArithOp::div && bv[0] <= 0 && bv[1] >= 0)
        return unknown;
    int64_t lo = INT64_MAX, hi = INT64_MIN;
    for (int64_t x : av) {
        for (int64_t y : bv) {
            int64_t r = 0;
            bool overflow = false;
            switch (op) {
            case ArithOp::add:
                overflow = __builtin_add_overflow(x, y, &r);
                break;
            case ArithOp::sub:
                overflow = __builtin_sub_overflow(x, y, &r);
                break;
            case ArithOp::mul:
                overflow = __builtin_mul_overflow(x, y, &r);
                break;
            case ArithOp::div:
                r = x / y; // truncates, as PostgreSQL's does; monotone in x, and in y while its
                           // sign stays
                break;
            }
            if (overflow)
                return unknown;
            lo = std::min(lo, r);
            hi = std::max(hi, r);
        }
    }
    const double limit = int_limit(kind);
    if (double(lo) < -limit || double(hi) > limit)
        return unknown;
    return make_num(double(lo), double(hi), passed | kMayValue, true);
}

// numeric adds, subtracts and multiplies exactly, and divides to at least 16 significant digits;
// the intervals' ends are float8, so they move outward by more than both roundings.
static Num arith_numeric(ArithOp op, const Num &a, const Num &b, uint8_t passed)
{
    Num r = arith_f8(op, a, b, passed);
    if (is_any(r) || r.whole)
        return r;
    // Two numerics can differ by less than any float8 digit of theirs, so what arith_f8 says of
    // sums does not hold here.
    if (op == ArithOp::add || op == ArithOp::sub)
        r = make_num(r.lo, r.hi, r.may);
    return widen(r, op == ArithOp::div ? 1e-13 : DBL_EPSILON);
}

Num interval_arith(ArithOp op, NumKind kind, const Num &a, const Num &b)
{
    Num r;
    if (strict_shortcut(a, b, &r))
        return r;
    uint8_t passed = (a.may | b.may) & (kMayNull | kMayError);
    switch (kind) {
    case NumKind::f8:
        return arith_f8(op, a, b, passed);
    case NumKind::numeric:
        return arith_numeric(op, a, b, passed);
    default:
        return arith_int(op, kind, a, b, passed);
    }
}

static double half_even(double v)
{
    return std::rint(v);
}
static double half_away(double v)
{
    return std::round(v);
}

Num interval_unary(UnaryOp op, NumKind kind, const Num &a)
{
    if (!(a.may & kMayValue))
        return a;
    if (is_any(a))
        return any_num(a.may | kMayError);
    double lo = a.lo, hi = a.hi;
    switch (op) {
    case UnaryOp::neg:
    case UnaryOp::abs: {
        // The least integer of a type has no negative; limits are symmetric here, so it lies
        // beyond.
        if (is_integer(kind) && largest(a) > int_limit(kind))
            return any_num(a.may | kMayError);
        if (op == UnaryOp::neg) {
            lo = -a.hi, hi = -a.lo;
        } else {
            bool zero_inside = a.lo <= 0 && a.hi >= 0;
            hi = largest(a);
            lo = zero_inside ? 0.0 : std::fmin(std::fabs(a.lo), std::fabs(a.hi));
        }
        Num r = make_num(lo, hi, a.may, a.whole);
        r.tiny = std::fmax(r.tiny, a.tiny);
        return r;
    }
    case UnaryOp::sqrt: // correctly rounded, so monotone; an error below 0
        if (lo < 0 || kind != NumKind::f8)
            return any_num(a.may | kMayError);
        return make_num(std::sqrt(lo), std::sqrt(hi), a.may);
    case UnaryOp::round: // round(float8) is rint(); round(numeric) rounds half away from zero
        lo = kind == NumKind::numeric ? half_away(lo) : half_even(lo);
        hi = kind == NumKind::numeric ? half_away(hi) : half_even(hi);
        break;
    case UnaryOp::floor:
        lo = std::floor(lo), hi = std::floor(hi);
        break;
    case UnaryOp::ceil:
        lo = std::ceil(lo), hi = std::ceil(hi);
        break;
    case UnaryOp::trunc:
        lo = std::trunc(lo), hi = std::trunc(hi);
        break;
    }
    return make_num(lo, hi, a.may, true);
}

static Num to_integer(const Num &a, double (*round_one)(double), double limit)
{
    double lo = round_one(a.lo), hi = round_one(a.hi);
    if (lo < -limit || hi > limit)
        return any_num(a.may | kMayError);
    return make_num(lo, hi, a.may, true);
}

Num interval_cast(CastOp op, int32_t precision, int32_t scale, const Num &a)
{
    if (!(a.may & kMayValue) || op == CastOp::same)
        return a;
    const Num unknown = any_num(a.may | kMayError);
    if (is_any(a))
        return unknown;
    switch (op) {
    case CastOp::same:
        return a;
    case CastOp::f8_to_i2:
    case CastOp::int_to_i2:
        return to_integer(a, half_even, int_limit(NumKind::i2));
    case CastOp::f8_to_i4:
    case CastOp::int_to_i4:
        return to_integer(a, half_even, int_limit(NumKind::i4));
    case CastOp::f8_to_i8:
        return to_integer(a, half_even, int_limit(NumKind::i8));
    case CastOp::numeric_to_i2:
        return to_integer(a, half_away, int_limit(NumKind::i2));
    case CastOp::numeric_to_i4:
        return to_integer(a, half_away, int_limit(NumKind::i4));
    case CastOp::numeric_to_i8:
        return to_integer(a, half_away, int_limit(NumKind::i8));
    case CastOp::f8_to_f4: // overflow and underflow are errors
        if (largest(a) > FLT_MAX || !(a.tiny >= 2 * FLT_MIN))
            return unknown;
        return make_num(double(float(a.lo)), double(float(a.hi)), a.may, a.whole);
    case CastOp::f8_to_numeric:
        return a.whole && largest(a) < 1e15 ? a : widen(a, 1e-14);
    case CastOp::numeric_to_f8: // the nearest float8 lies between the ends, which are float8;
                                // underflow is an error
        return a.whole || a.tiny >= 4 * DBL_MIN ? a : unknown;
    case CastOp::numeric_round: {
        if (scale < -300 || scale > 300)
            return unknown;
        double unit = std::pow(10.0, -scale);
        if (precision > 0 &&
            largest(a) + unit >= std::pow(10.0, double(precision) - scale) * (1 - 1e-12))
            return unknown;
        if (a.whole && scale >= 0)
            return a;
        double half = 0.5 * unit * (1 + 1e-12);
        Num r = widen(make_num(a.lo - half, a.hi + half, a.may), DBL_EPSILON);
        r.tiny = std::fmax(r.tiny, unit * (1 - 1e-12)); // multiples of the unit
        return r;
    }
    }
    return unknown;
}

Num interval_hull(const Num &a, const Num &b)
{
    uint8_t may = a.may | b.may;
    if (!(a.may & kMayValue) || !(b.may & kMayValue)) {
        Num r = (a.may & kMayValue) ? a : b;
        r.may = may;
        return r;
    }
    if (is_any(a) || is_any(b))
        return any_num(may);
    Num r = make_num(std::fmin(a.lo, b.lo), std::fmax(a.hi, b.hi), may, a.whole && b.whole);
    r.tiny = std::fmin(a.tiny, b.tiny);
    return r;
}

Num interval_min_max(bool greatest, const Num &a, const Num &b)
{
    const uint8_t may = ((a.may | b.may) & kMayError) | (a.may & b.may & kMayNull);
    const bool a_value = a.may & kMayValue, b_value = b.may & kMayValue;
    if (!a_value && !b_value)
        return any_num(may);
    Num r;
    if (!a_value || !b_value) {
        r = a_value ? a : b;
    } else if (is_any(a) || is_any(b)) {
        r = any_num();
    } else {
        double lo = greatest ? std::fmax(a.lo, b.lo) : std::fmin(a.lo, b.lo);
        double hi = greatest ? std::fmax(a.hi, b.hi) : std::fmin(a.hi, b.hi);
        r = make_num(lo, hi, kMayValue, a.whole && b.whole);
        r.tiny = std::fmin(a.tiny, b.tiny);
        // A NULL on one side leaves the other side as it is.
        if (a.may & kMayNull)
            r = interval_hull(r, b);
        if (b.may & kMayNull)
            r = interval_hull(r, a);
    }
    r.may = kMayValue | may;
    return r;
}

Num interval_null_if(const Num &a, const Num &b)
{
    Num r = a;
    r.may |= b.may & kMayError;
    uint8_t equal = interval_compare(CompareOp::eq, a, b);
    if (!(equal & kTrue))
        return r;
    r.may |= kMayNull;
    if (equal == kTrue) {
        r.may &= uint8_t(~kMayValue);
    } else if (b.may == kMayValue && b.lo == b.hi && a.lo < a.hi) {
        // The one value that turns into NULL is gone: an end of the interval that is that value
        // moves on to the next one that there can be.
        const double step = a.whole ? 1 : b.lo == 0 && a.tiny < kInfinity ? a.tiny : 0;
        if (step > 0) {
            r = make_num(a.lo == b.lo ? a.lo + step : a.lo, a.hi == b.lo ? a.hi - step : a.hi,
                         r.may, a.whole);
            r.tiny = std::fmax(r.tiny, a.tiny);
            if (r.lo > r.hi)
                r.may &= uint8_t(~kMayValue);
        }
    }
    return r;
}

uint8_t interval_compare(CompareOp op, const Num &a, const Num &b)
{
    uint8_t r = 0;
    if ((a.may | b.may) & kMayNull)
        r |= kNull;
    if ((a.may | b.may) & kMayError)
        r |= kError;
    if (!(a.may & kMayValue) || !(b.may & kMayValue))
        return r;
    if (is_any(a) || is_any(b))
        return r | kTrue | kFalse;
    const bool disjoint = a.hi < b.lo || b.hi < a.lo;
    const bool same_point = a.lo == a.hi && b.lo == b.hi && a.lo == b.lo;
    bool can_true = true, can_false = true;
    switch (op) {
    case CompareOp::lt:
        can_true = a.lo < b.hi, can_false = a.hi >= b.lo;
        break;
    case CompareOp::le:
        can_true = a.lo <= b.hi, can_false = a.hi > b.lo;
        break;
    case CompareOp::gt:
        can_true = a.hi > b.lo, can_false = a.lo <= b.hi;
        break;
    case CompareOp::ge:
        can_true = a.hi >= b.lo, can_false = a.lo < b.hi;
        break;
    case CompareOp::eq:
        can_true = !disjoint, can_false = !same_point;
        break;
    case CompareOp::ne:
        can_true = !same_point, can_false = !disjoint;
        break;
    }
    return r | (can_true ? kTrue : 0) | (can_false ? kFalse : 0);
}

} // namespace mq
