// What PostgreSQL makes of a clause, one exact value at a time: float8 with its overflow, underflow
// and division errors, integers with theirs, numeric, NULLs, and evaluation in order, where what is
// not reached raises no error.
#include "random_program.h"

#include <cfloat>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace mq::test
{

namespace
{

constexpr ExactNum kNumError{kMayError, 0}, kNumNull{kMayNull, 0};

ExactNum value(long double v)
{
    return ExactNum{kMayValue, v};
}

ExactNum float8_arith(ArithOp op, double a, double b)
{
    double r = 0;
    switch (op) {
    case ArithOp::add:
        r = a + b;
        break;
    case ArithOp::sub:
        r = a - b;
        break;
    case ArithOp::mul:
        r = a * b;
        if (r == 0 && a != 0 && b != 0)
            return kNumError;
        break;
    case ArithOp::div:
        if (b == 0 && !std::isnan(a))
            return kNumError;
        r = a / b;
        if (r == 0 && a != 0 && !std::isinf(b))
            return kNumError;
        break;
    }
    if (std::isinf(r) && !std::isinf(a) && (op == ArithOp::div || !std::isinf(b)))
        return kNumError;
    return value(r);
}

ExactNum checked_int(NumType t, __int128 v)
{
    __int128 limit = __int128(1) << (t == NumType::i2 ? 15 : t == NumType::i4 ? 31 : 63);
    return v < -limit || v >= limit ? kNumError : value((long double)v);
}

ExactNum int_arith(NumType t, ArithOp op, long double x, long double y)
{
    __int128 a = __int128(x), b = __int128(y);
    switch (op) {
    case ArithOp::add:
        return checked_int(t, a + b);
    case ArithOp::sub:
        return checked_int(t, a - b);
    case ArithOp::mul:
        return checked_int(t, a * b);
    default:
        return b == 0 ? kNumError : checked_int(t, a / b);
    }
}

// A quotient is kept to at least 16 significant digits: here to just these.
long double sixteen_digits(long double v)
{
    char text[64];
    snprintf(text, sizeof text, "%.16Le", v);
    return strtold(text, nullptr);
}

ExactNum numeric_arith(ArithOp op, long double a, long double b)
{
    switch (op) {
    case ArithOp::add:
        return value(a + b);
    case ArithOp::sub:
        return value(a - b);
    case ArithOp::mul:
        return value(a * b);
    default:
        return b == 0 ? kNumError : value(sixteen_digits(a / b));
    }
}

ExactNum unary(const Expr &e, long double v)
{
    const bool numeric = e.type == NumType::numeric;
    switch (static_cast<UnaryOp>(e.code)) {
    case UnaryOp::neg:
        return is_int(e.type) ? checked_int(e.type, -__int128(v)) : value(-v);
    case UnaryOp::abs:
        return is_int(e.type) ? checked_int(e.type, v < 0 ? -__int128(v) : __int128(v))
                              : value(std::fabs(v));
    case UnaryOp::round:
        return value(numeric ? std::round(v) : (long double)std::rint(double(v)));
    case UnaryOp::floor:
        return value(std::floor(v));
    case UnaryOp::ceil:
        return value(std::ceil(v));
    case UnaryOp::trunc:
        return value(std::trunc(v));
    case UnaryOp::sqrt:
        return v < 0 ? kNumError : value(std::sqrt(double(v)));
    }
    return kNumError;
}

ExactNum to_int(NumType t, long double v)
{
    return !std::isfinite(v) || std::fabs(v) > 0x1p100L ? kNumError : checked_int(t, __int128(v));
}

ExactNum cast(const Expr &e, long double v)
{
    switch (static_cast<CastOp>(e.code)) {
    case CastOp::same:
        return value(v);
    case CastOp::f8_to_i2:
    case CastOp::f8_to_i4:
    case CastOp::f8_to_i8:
        return to_int(e.type, std::rint(double(v)));
    case CastOp::f8_to_f4: {
        float f = float(double(v));
        return (std::isinf(f) && !std::isinf(v)) || (f == 0 && v != 0) ? kNumError : value(f);
    }
    case CastOp::f8_to_numeric: {
        char text[64];
        snprintf(text, sizeof text, "%.15g", double(v));
        return value(strtold(text, nullptr));
    }
    case CastOp::numeric_to_f8: {
        double d = double(v);
        return std::isfinite(v) && (std::isinf(d) || (d == 0 && v != 0)) ? kNumError : value(d);
    }
    case CastOp::numeric_to_i2:
    case CastOp::numeric_to_i4:
    case CastOp::numeric_to_i8:
        return to_int(e.type, std::round(v));
    case CastOp::int_to_i2:
    case CastOp::int_to_i4:
        return checked_int(e.type, __int128(v));
    case CastOp::numeric_round: {
        if (!std::isfinite(v))
            return std::isinf(v) && e.precision > 0 ? kNumError : value(v);
        long double unit = std::pow(10.0L, (long double)-e.scale), r = std::round(v / unit) * unit;
        bool over = e.precision > 0 &&
                    std::fabs(r) >= std::pow(10.0L, (long double)(e.precision - e.scale));
        return over ? kNumError : value(r);
    }
    }
    return kNumError;
}

// -1, 0, 1 in PostgreSQL's order: NaN equals NaN and lies above everything.
int order(long double a, long double b)
{
    if (std::isnan(a) || std::isnan(b))
        return int(std::isnan(a)) - int(std::isnan(b));
    return int(a > b) - int(a < b);
}

bool is_null_input(const Scene &scene, int i)
{
    return i >= 0 && scene.inputs[i].num.state == kMayNull;
}
// Whether a mask of the leaf is NULL, or an argument: all are strict.
bool is_null_leaf(const Scene &scene, const HiddenLeaf &c)
{
    const bool pair =
        c.kind == TestLeaf::iou || c.kind == TestLeaf::iomin || c.kind == TestLeaf::matches;
    return scene.sources[c.source].mask_null || (pair && scene.sources[c.other_source].mask_null) ||
           is_null_input(scene, c.roi_input) || is_null_input(scene, c.lv_input) ||
           is_null_input(scene, c.uv_input);
}
long double threshold(const Scene &scene, int input, double constant)
{
    return input >= 0 ? scene.inputs[input].num.value : constant;
}

ExactNum exact_leaf(const Scene &scene, const HiddenLeaf &c)
{
    if (is_null_leaf(scene, c))
        return kNumNull;
    const long double lv = threshold(scene, c.lv_input, c.lv);
    if (c.kind == TestLeaf::iou || c.kind == TestLeaf::iomin)
        return std::isnan(lv) ? kNumError : value(c.ratio);
    if (!(lv <= threshold(scene, c.uv_input, c.uv))) // also for NaN
        return kNumError;
    return c.kind == TestLeaf::cp ? value(c.count) : value(c.sum);
}

uint8_t exact_truth(const Scene &scene, const HiddenLeaf &c)
{
    if (is_null_leaf(scene, c))
        return kNull;
    if (c.kind == TestLeaf::matches && !(threshold(scene, c.lv_input, c.lv) >= 0))
        return kError;
    return c.outcome;
}

uint8_t exact_condition(const Scene &scene, const Expr &e);

} // namespace

ExactNum exact_number(const Scene &scene, const Expr &e)
{
    switch (e.op) {
    case ProgramOp::const_num:
        return value(e.constant);
    case ProgramOp::input_num:
        return scene.inputs[e.index].num;
    case ProgramOp::unknown_num:
        return e.hidden;
    case ProgramOp::leaf_num:
        return exact_leaf(scene, scene.sites[e.index]);
    case ProgramOp::coalesce:
        for (const Expr &kid : e.kids) {
            ExactNum n = exact_number(scene, kid);
            if (n.state != kMayNull)
                return n;
        }
        return kNumNull;
    case ProgramOp::case_num:
        for (size_t i = 0; i + 1 < e.kids.size(); i += 2) {
            uint8_t when = exact_condition(scene, e.kids[i]);
            if (when == kError)
                return kNumError;
            if (when == kTrue)
                return exact_number(scene, e.kids[i + 1]);
        }
        return exact_number(scene, e.kids.back());
    default:
        break;
    }

    // What is left evaluates all its operands.
    std::vector<ExactNum> args;
    bool some_null = false;
    for (const Expr &kid : e.kids) {
        args.push_back(exact_number(scene, kid));
        if (args.back().state == kMayError)
            return kNumError;
        some_null |= args.back().state == kMayNull;
    }
    if (e.op == ProgramOp::min_max) {
        ExactNum best = kNumNull;
        for (const ExactNum &n : args)
            if (n.state == kMayValue &&
                (best.state == kMayNull || order(n.value, best.value) * (e.code ? 1 : -1) > 0))
                best = n;
        return best;
    }
    if (e.op == ProgramOp::null_if)
        return !some_null && order(args[0].value, args[1].value) == 0 ? kNumNull : args[0];
    if (some_null)
        return kNumNull;
    switch (e.op) {
    case ProgramOp::arith: {
        auto op = static_cast<ArithOp>(e.code);
        if (is_int(e.type))
            return int_arith(e.type, op, args[0].value, args[1].value);
        return e.type == NumType::numeric
                   ? numeric_arith(op, args[0].value, args[1].value)
                   : float8_arith(op, double(args[0].value), double(args[1].value));
    }
    case ProgramOp::unary:
        return unary(e, args[0].value);
    case ProgramOp::cast:
        return cast(e, args[0].value);
    default:
        return kNumError;
    }
}

namespace
{

uint8_t boolean(bool b)
{
    return b ? kTrue : kFalse;
}

uint8_t exact_comparison(const Scene &scene, const Expr &e)
{
    ExactNum a = exact_number(scene, e.kids[0]);
    if (a.state == kMayError)
        return kError;
    ExactNum b = exact_number(scene, e.kids[1]);
    if (b.state == kMayError)
        return kError;
    const bool a_null = a.state == kMayNull, b_null = b.state == kMayNull;
    if (e.op == ProgramOp::is_distinct)
        return boolean(a_null != b_null || (!a_null && order(a.value, b.value) != 0));
    if (a_null || b_null)
        return kNull;
    int o = order(a.value, b.value);
    switch (static_cast<CompareOp>(e.code)) {
    case CompareOp::lt:
        return boolean(o < 0);
    case CompareOp::le:
        return boolean(o <= 0);
    case CompareOp::eq:
        return boolean(o == 0);
    case CompareOp::ge:
        return boolean(o >= 0);
    case CompareOp::gt:
        return boolean(o > 0);
    case CompareOp::ne:
        return boolean(o != 0);
    }
    return kError;
}

uint8_t exact_junction(const Scene &scene, const Expr &e, uint8_t decider)
{
    bool some_null = false;
    for (const Expr &kid : e.kids) {
        uint8_t o = exact_condition(scene, kid);
        if (o == decider || o == kError)
            return o;
        some_null |= o == kNull;
    }
    return some_null ? kNull : decider == kTrue ? kFalse : kTrue;
}

uint8_t exact_condition(const Scene &scene, const Expr &e)
{
    switch (e.op) {
    case ProgramOp::const_bool:
    case ProgramOp::unknown_bool:
        return e.outcome;
    case ProgramOp::input_bool: {
        const ProgramInput &in = scene.inputs[e.index].seen;
        return in.is_null ? uint8_t(kNull) : boolean(in.boolean);
    }
    case ProgramOp::leaf_bool:
        return exact_truth(scene, scene.sites[e.index]);
    case ProgramOp::compare:
    case ProgramOp::is_distinct:
        return exact_comparison(scene, e);
    case ProgramOp::all_of:
        return exact_junction(scene, e, kFalse);
    case ProgramOp::any_of:
        return exact_junction(scene, e, kTrue);
    case ProgramOp::num_is_null: {
        uint8_t state = exact_number(scene, e.kids[0]).state;
        return state == kMayError ? uint8_t(kError) : boolean(state == kMayNull);
    }
    case ProgramOp::case_bool:
        for (size_t i = 0; i + 1 < e.kids.size(); i += 2) {
            uint8_t when = exact_condition(scene, e.kids[i]);
            if (when == kError)
                return kError;
            if (when == kTrue)
                return exact_condition(scene, e.kids[i + 1]);
        }
        return exact_condition(scene, e.kids.back());
    default:
        break;
    }
    uint8_t o = exact_condition(scene, e.kids[0]);
    if (o == kError)
        return kError;
    switch (e.op) {
    case ProgramOp::negate:
        return o == kNull ? o : boolean(o == kFalse);
    case ProgramOp::bool_is_null:
        return boolean(o == kNull);
    default:
        break;
    }
    switch (static_cast<BoolTest>(e.code)) {
    case BoolTest::is_true:
        return boolean(o == kTrue);
    case BoolTest::is_not_true:
        return boolean(o != kTrue);
    case BoolTest::is_false:
        return boolean(o == kFalse);
    case BoolTest::is_not_false:
        return boolean(o != kFalse);
    case BoolTest::is_unknown:
        return boolean(o == kNull);
    case BoolTest::is_not_unknown:
        return boolean(o != kNull);
    }
    return kError;
}

} // namespace

uint8_t exact_outcome(const Scene &scene)
{
    return exact_condition(scene, scene.clause);
}

} // namespace mq::test
