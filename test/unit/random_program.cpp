#include "random_program.h"

#include <cfloat>
#include <cmath>
#include <limits>

namespace mq::test
{

namespace
{

constexpr double kInf = std::numeric_limits<double>::infinity();

double int_minimum(NumType t)
{
    return t == NumType::i2 ? -32768.0 : t == NumType::i4 ? -2147483648.0 : -0x1p63;
}
// As float8, so that int8's is the largest that float8 holds.
double int_maximum(NumType t)
{
    return t == NumType::i2 ? 32767.0 : t == NumType::i4 ? 2147483647.0 : 0x1p63 - 1024;
}

NumKind kind_of(NumType t)
{
    switch (t) {
    case NumType::i2:
        return NumKind::i2;
    case NumType::i4:
        return NumKind::i4;
    case NumType::i8:
        return NumKind::i8;
    case NumType::numeric:
        return NumKind::numeric;
    default:
        return NumKind::f8;
    }
}

struct Generator {
    Random &random;
    Scene &scene;

    bool one_in(uint64_t n) { return test::one_in(random, n); }
    template <typename T, size_t N> T pick(const T (&of)[N]) { return of[below(random, N)]; }

    // A number that a user might write, or that lies where arithmetic goes wrong.
    double plain_number(NumType t)
    {
        double v;
        if (is_int(t)) {
            switch (below(random, 12)) {
            case 0:
                return int_minimum(t);
            case 1:
                return int_maximum(t);
            case 2:
                v = 0x1p53 - double(below(random, 3));
                break;
            case 3:
                v = double(below(random, 70000));
                break;
            default:
                v = double(below(random, 40)) - 12;
            }
            return std::fmin(std::fmax(v, int_minimum(t)), int_maximum(t));
        }
        switch (below(random, 16)) {
        case 0:
            v = pick({0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5});
            break;
        case 1:
            v = pick({1e300, 1e-300, -1e300, 5e-324, DBL_MAX, 1e38, 1e-38, 1e-45, 0x1p53});
            break;
        case 2:
            v = t == NumType::numeric ? 0.0 : pick({kInf, -kInf, double(NAN)});
            break;
        case 3:
        case 4:
        case 5:
            v = uniform(random, 0, 1);
            break;
        case 6:
        case 7:
            v = uniform(random, -100, 100);
            break;
        default:
            v = double(below(random, 300)) - 20;
        }
        return t == NumType::f4 ? double(float(v)) : v;
    }

    Num seen_num(NumType t, double v)
    {
        if (std::isinf(v))
            return Num{v, v, 0.0, kMayValue, false};
        if (std::isnan(v) || (is_int(t) && std::fabs(v) >= 0x1p53))
            return any_num(kMayValue);
        if (t == NumType::numeric)
            return make_num(std::nextafter(v, -kInf), std::nextafter(v, kInf));
        return make_num(v, v, kMayValue, std::trunc(v) == v);
    }

    int new_input(InputKind kind, NumType t, const double *wanted = nullptr)
    {
        HiddenInput in;
        in.kind = kind;
        in.seen.is_null = !wanted && one_in(12);
        in.num.state = in.seen.is_null ? kMayNull : kMayValue;
        if (kind == InputKind::boolean) {
            in.seen.boolean = one_in(2);
        } else if (kind == InputKind::roi) {
            in.seen.roi = Roi{1, 1, 1 + int32_t(below(random, 90)), 1 + int32_t(below(random, 90))};
        } else {
            double v = wanted ? *wanted : plain_number(t);
            in.seen.num = seen_num(t, v);
            in.num.value = v;
            // A numeric is rarely a float8.
            if (t == NumType::numeric && std::isfinite(v) && one_in(2))
                in.num.value *= 1 + 1e-17L * (int(below(random, 5)) - 2);
        }
        scene.inputs.push_back(in);
        return int(scene.inputs.size()) - 1;
    }

    Expr plain(NumType t)
    {
        Expr e{};
        e.type = t;
        double v = plain_number(t);
        if (one_in(8)) {
            static const uint8_t states[] = {kMayValue, kMayValue, kMayNull, kMayError};
            e.op = ProgramOp::unknown_num;
            e.hidden.state = pick(states);
            e.hidden.value = e.hidden.state == kMayValue ? v : 0;
            e.code = e.hidden.state | uint8_t(below(random, kMayAnything + 1));
        } else if (t == NumType::numeric || one_in(2) || is_any(seen_num(t, v))) {
            e.op =
                ProgramOp::input_num; // numeric constants are inputs too: float8 does not hold them
            e.index = new_input(InputKind::num, t);
        } else {
            e.op = ProgramOp::const_num;
            e.constant = v;
        }
        return e;
    }

    // What pixel_sum and mask_iou hide: a value anywhere between two ends, often at one.
    double between(double lo, double hi)
    {
        return one_in(4)   ? lo
               : one_in(3) ? hi
                           : std::fmin(std::fmax(uniform(random, lo, hi), lo), hi);
    }
    void hide_sum(HiddenLeaf *c)
    {
        c->sum_bounds.least = one_in(2) ? 0x1p-149 : 0x1p-24;
        double lo = one_in(3) ? 0 : uniform(random, one_in(4) ? -300 : 0, 300);
        double hi = lo + (one_in(3) ? 0 : uniform(random, 0, one_in(2) ? 1 : 400));
        if (one_in(30))
            lo = -kInf;
        if (one_in(30))
            hi = kInf;
        c->sum_bounds.lo = lo;
        c->sum_bounds.hi = hi;
        c->sum = between(std::fmax(lo, -1e300), std::fmin(hi, 1e300));
        if (std::fabs(c->sum) < c->sum_bounds.least && c->sum != 0)
            c->sum = lo;
    }
    void hide_ratio(HiddenLeaf *c)
    {
        c->other_source = int(below(random, scene.sources.size()));
        double lo = one_in(3) ? 0 : uniform(random, 0, 1);
        c->ratio_bounds = RatioBounds{lo, one_in(3) ? lo : uniform(random, lo, 1)};
        c->ratio = between(lo, c->ratio_bounds.hi);
        if (c->ratio < 0x1p-28)
            c->ratio = lo;
    }

    TestLeaf number_kind()
    {
        if (one_in(3))
            return TestLeaf::pixel_sum;
        return !one_in(4) ? TestLeaf::cp : one_in(2) ? TestLeaf::iou : TestLeaf::iomin;
    }
    bool has_range(TestLeaf kind) { return kind == TestLeaf::cp || kind == TestLeaf::pixel_sum; }
    // The outcome, and what is known of it: often less.
    void hide_truth(HiddenLeaf *c)
    {
        static const uint8_t outcomes[] = {kTrue, kTrue, kFalse, kFalse, kNull, kError};
        c->key = uint32_t(random());
        c->outcome = pick(outcomes);
        c->outcomes = uint8_t(c->outcome | (one_in(2) ? 0 : below(random, kAnyOutcome + 1)));
    }

    Expr leaf_of(TestLeaf kind)
    {
        HiddenLeaf c;
        c.kind = kind;
        c.source = int(below(random, scene.sources.size()));
        c.roi = one_in(3)
                    ? kFullRoi
                    : Roi{2, 3, 2 + int32_t(below(random, 60)), 3 + int32_t(below(random, 60))};
        c.lv = one_in(20) ? -kInf : uniform(random, -0.2, 0.9);
        c.uv = one_in(20) ? kInf : one_in(25) ? uniform(random, 0, 1) : uniform(random, c.lv, 1.2);
        const bool range = has_range(kind), number = kind != TestLeaf::satisfies;
        c.roi_input = range && one_in(4) ? new_input(InputKind::roi, NumType::f8) : -1;
        c.lv_input = number && one_in(6)
                         ? new_input(InputKind::num, NumType::f8, one_in(4) ? nullptr : &c.lv)
                         : -1;
        c.uv_input = range && one_in(6)
                         ? new_input(InputKind::num, NumType::f8, one_in(4) ? nullptr : &c.uv)
                         : -1;
        if (one_in(40))
            c.lv = NAN;
        uint64_t width = one_in(3) ? 0 : one_in(2) ? below(random, 8) : below(random, 2000);
        c.bounds.lo = one_in(3) ? 0 : one_in(2) ? below(random, 12) : below(random, 5000);
        c.bounds.hi = c.bounds.lo + width;
        c.count = one_in(4)   ? c.bounds.lo
                  : one_in(3) ? c.bounds.hi
                              : c.bounds.lo + below(random, width + 1);
        hide_sum(&c);
        hide_ratio(&c);
        hide_truth(&c);
        scene.sites.push_back(c);
        Expr e{};
        e.op = is_truth(kind) ? ProgramOp::leaf_bool : ProgramOp::leaf_num;
        e.index = int(scene.sites.size()) - 1;
        return e;
    }

    Expr node(ProgramOp op, NumType t, uint8_t code = 0)
    {
        Expr e{};
        e.op = op;
        e.type = t;
        e.code = code;
        e.kind = kind_of(t);
        return e;
    }

    Expr cast(NumType t, int depth)
    {
        struct Way {
            NumType to, from;
            CastOp op;
        };
        static const Way ways[] = {
            {NumType::f8, NumType::i2, CastOp::same},
            {NumType::f8, NumType::i4, CastOp::same},
            {NumType::f8, NumType::f4, CastOp::same},
            {NumType::f8, NumType::numeric, CastOp::numeric_to_f8},
            {NumType::f4, NumType::f8, CastOp::f8_to_f4},
            {NumType::i2, NumType::f8, CastOp::f8_to_i2},
            {NumType::i2, NumType::i4, CastOp::int_to_i2},
            {NumType::i2, NumType::i8, CastOp::int_to_i2},
            {NumType::i2, NumType::numeric, CastOp::numeric_to_i2},
            {NumType::i4, NumType::f8, CastOp::f8_to_i4},
            {NumType::i4, NumType::i2, CastOp::same},
            {NumType::i4, NumType::i8, CastOp::int_to_i4},
            {NumType::i4, NumType::numeric, CastOp::numeric_to_i4},
            {NumType::i8, NumType::f8, CastOp::f8_to_i8},
            {NumType::i8, NumType::i4, CastOp::same},
            {NumType::i8, NumType::numeric, CastOp::numeric_to_i8},
            {NumType::numeric, NumType::f8, CastOp::f8_to_numeric},
            {NumType::numeric, NumType::f8, CastOp::f8_to_numeric},
            {NumType::numeric, NumType::i4, CastOp::same},
            {NumType::numeric, NumType::numeric, CastOp::numeric_round},
        };
        Way way;
        do
            way = pick(ways);
        while (way.to != t);
        Expr e = node(ProgramOp::cast, t, uint8_t(way.op));
        if (way.op == CastOp::numeric_round) {
            e.scale = int32_t(below(random, 8)) - 2;
            e.precision = one_in(2) ? 0 : std::max(1, e.scale + int32_t(below(random, 8)));
        }
        e.kids.push_back(number(way.from, depth));
        return e;
    }

    Expr number(NumType t, int depth)
    {
        if (depth <= 0) {
            if (t == NumType::f8 && !one_in(3))
                return leaf_of(number_kind());
            return plain(t);
        }
        Expr e;
        switch (below(random, 12)) {
        case 0:
        case 1:
        case 2:
            if (t == NumType::f4)
                return cast(t, depth - 1);
            e = node(ProgramOp::arith, t, uint8_t(below(random, 4)));
            for (int i = 0; i < 2; i++) {
                NumType k = t;
                if (t == NumType::f8 && one_in(8))
                    k = NumType::f4;
                if ((t == NumType::i4 || t == NumType::i8) && one_in(6))
                    k = t == NumType::i4 ? NumType::i2 : NumType::i4;
                e.kids.push_back(number(k, depth - 1));
            }
            return e;
        case 3: {
            if (t == NumType::f4)
                return cast(t, depth - 1);
            UnaryOp ops[] = {UnaryOp::neg,  UnaryOp::abs,   UnaryOp::round, UnaryOp::floor,
                             UnaryOp::ceil, UnaryOp::trunc, UnaryOp::sqrt};
            e = node(ProgramOp::unary, t,
                     uint8_t(ops[below(random, is_int(t)               ? 2
                                               : t == NumType::numeric ? 6
                                                                       : 7)]));
            e.kids.push_back(number(t, depth - 1));
            return e;
        }
        case 4:
        case 5:
            return cast(t, depth - 1);
        case 6:
            e = node(ProgramOp::min_max, t, uint8_t(below(random, 2)));
            break;
        case 7:
            e = node(ProgramOp::coalesce, t);
            break;
        case 8:
            e = node(ProgramOp::null_if, t);
            e.kids.push_back(number(t, depth - 1));
            e.kids.push_back(one_in(2) ? near(e.kids[0]) : number(t, depth - 1));
            return e;
        case 9:
            e = node(ProgramOp::case_num, t);
            for (int n = int(below(random, 3)); n > 0; n--) {
                e.kids.push_back(condition(depth - 1));
                e.kids.push_back(number(t, depth - 1));
            }
            e.kids.push_back(number(t, depth - 1));
            return e;
        default:
            return number(t, 0);
        }
        for (int n = 1 + int(below(random, 3)); n > 0; n--)
            e.kids.push_back(number(t, depth - 1));
        return e;
    }

    // A constant at the exact value of a number or next to it, where a bound that is off by one
    // shows.
    Expr near(const Expr &a)
    {
        ExactNum exact = exact_number(scene, a);
        double v = double(exact.value);
        if (exact.state != kMayValue || !std::isfinite(v))
            return plain(a.type);
        switch (below(random, 6)) {
        case 0:
            break;
        case 1:
            v += 1;
            break;
        case 2:
            v -= 1;
            break;
        case 3:
            v = is_int(a.type) ? v : std::nextafter(v, one_in(2) ? kInf : -kInf);
            break;
        case 4:
            v = is_int(a.type) ? v * 2 : v * 1.05 + 0.1;
            break;
        default:
            v = is_int(a.type) ? v - 20 : v * 0.9 - 0.5;
        }
        if (is_int(a.type))
            v = std::fmin(std::fmax(v, int_minimum(a.type)), int_maximum(a.type));
        if (a.type == NumType::f4)
            v = double(float(v));
        Expr e = node(ProgramOp::const_num, a.type);
        e.constant = v;
        if (a.type == NumType::numeric || is_any(seen_num(a.type, v))) {
            e.op = ProgramOp::input_num;
            e.index = new_input(InputKind::num, a.type, &v);
        }
        return e;
    }

    Expr comparison(int depth)
    {
        static const NumType types[] = {NumType::f8, NumType::f8, NumType::f8, NumType::f4,
                                        NumType::i2, NumType::i4, NumType::i8, NumType::numeric};
        NumType t = pick(types);
        Expr e = one_in(8) ? node(ProgramOp::is_distinct, t)
                           : node(ProgramOp::compare, t, uint8_t(below(random, 6)));
        e.kids.push_back(number(t, depth));
        e.kids.push_back(!one_in(4) ? near(e.kids[0]) : number(t, depth - 1));
        return e;
    }

    Expr condition(int depth)
    {
        if (depth <= 0)
            return one_in(5) ? plain_condition() : one_in(5) ? truth() : comparison(0);
        Expr e;
        switch (below(random, 14)) {
        case 0:
        case 1:
        case 2:
        case 3:
            e = node(one_in(2) ? ProgramOp::all_of : ProgramOp::any_of, NumType::f8);
            for (int n = 1 + int(below(random, 3)); n > 0; n--)
                e.kids.push_back(condition(depth - 1));
            return e;
        case 4:
            e = node(ProgramOp::negate, NumType::f8);
            break;
        case 5:
            e = node(ProgramOp::bool_test, NumType::f8, uint8_t(below(random, 6)));
            break;
        case 6:
            e = node(ProgramOp::bool_is_null, NumType::f8);
            break;
        case 7:
            e = node(ProgramOp::num_is_null, NumType::f8);
            e.kids.push_back(number(one_in(2) ? NumType::f8 : NumType::i4, depth - 1));
            return e;
        case 8:
            e = node(ProgramOp::case_bool, NumType::f8);
            for (int n = int(below(random, 5)) & ~1; n >= 0; n--)
                e.kids.push_back(condition(depth - 1));
            return e;
        case 9:
            return plain_condition();
        case 10:
            return truth();
        default:
            return comparison(depth - 1);
        }
        e.kids.push_back(condition(depth - 1));
        return e;
    }

    Expr truth() { return leaf_of(one_in(3) ? TestLeaf::matches : TestLeaf::satisfies); }

    Expr plain_condition()
    {
        static const uint8_t outcomes[] = {kTrue, kFalse, kNull, kError};
        Expr e = node(ProgramOp::input_bool, NumType::f8);
        if (one_in(2)) {
            e.index = new_input(InputKind::boolean, NumType::f8);
            return e;
        }
        bool constant = one_in(2);
        e.outcome = outcomes[below(random, constant ? 3 : 4)];
        e.op = constant ? ProgramOp::const_bool : ProgramOp::unknown_bool;
        e.code = constant ? e.outcome : e.outcome | uint8_t(below(random, kAnyOutcome + 1));
        return e;
    }
};

struct Bytestring {
    std::vector<uint8_t> bytes;

    template <typename T> void put(T v)
    {
        uint8_t b[sizeof(T)];
        store_le<T>(b, v);
        bytes.insert(bytes.end(), b, b + sizeof(T));
    }
    void threshold(int input, double constant)
    {
        put<uint8_t>(input >= 0);
        if (input >= 0)
            put<uint16_t>(uint16_t(input));
        else
            put<double>(constant);
    }
};

struct Writer : Bytestring {
    const Scene &scene;
    Bytestring leaves;
    int sites = 0;

    explicit Writer(const Scene &of) : scene(of) {}

    void range(const HiddenLeaf &c)
    {
        leaves.put<uint8_t>(c.roi_input >= 0);
        if (c.roi_input >= 0) {
            leaves.put<uint16_t>(uint16_t(c.roi_input));
        } else {
            for (int32_t v : {c.roi.x1, c.roi.y1, c.roi.x2, c.roi.y2})
                leaves.put<int32_t>(v);
        }
        leaves.threshold(c.lv_input, c.lv);
        leaves.threshold(c.uv_input, c.uv);
    }
    void leaf(const HiddenLeaf &c)
    {
        put<uint16_t>(uint16_t(sites++));
        leaves.put<uint8_t>(uint8_t(c.kind));
        leaves.put<uint8_t>(uint8_t(c.source));
        switch (c.kind) {
        case TestLeaf::cp:
        case TestLeaf::pixel_sum:
            return range(c);
        case TestLeaf::iou:
        case TestLeaf::iomin:
            leaves.put<uint8_t>(uint8_t(c.other_source));
            return leaves.threshold(c.lv_input, c.lv);
        case TestLeaf::satisfies:
            return leaves.put<uint32_t>(c.key);
        case TestLeaf::matches:
            leaves.put<uint8_t>(uint8_t(c.other_source));
            leaves.threshold(c.lv_input, c.lv);
            return leaves.put<uint32_t>(c.key);
        }
    }
    void node(const Expr &e)
    {
        put<uint8_t>(uint8_t(e.op));
        switch (e.op) {
        case ProgramOp::const_num:
            put<double>(e.constant);
            break;
        case ProgramOp::input_num:
        case ProgramOp::input_bool:
            put<uint16_t>(uint16_t(e.index));
            break;
        case ProgramOp::leaf_num:
        case ProgramOp::leaf_bool:
            leaf(scene.sites[e.index]);
            break;
        case ProgramOp::arith:
        case ProgramOp::unary:
            put<uint8_t>(e.code);
            put<uint8_t>(uint8_t(e.kind));
            break;
        case ProgramOp::cast:
            put<uint8_t>(e.code);
            put<int32_t>(e.precision);
            put<int32_t>(e.scale);
            break;
        case ProgramOp::min_max:
            put<uint8_t>(e.code);
            put<uint16_t>(uint16_t(e.kids.size()));
            break;
        case ProgramOp::coalesce:
        case ProgramOp::all_of:
        case ProgramOp::any_of:
            put<uint16_t>(uint16_t(e.kids.size()));
            break;
        case ProgramOp::case_num:
        case ProgramOp::case_bool:
            put<uint16_t>(uint16_t(e.kids.size() / 2));
            break;
        case ProgramOp::unknown_num:
        case ProgramOp::const_bool:
        case ProgramOp::unknown_bool:
        case ProgramOp::compare:
        case ProgramOp::bool_test:
            put<uint8_t>(e.code);
            break;
        case ProgramOp::null_if:
        case ProgramOp::is_distinct:
        case ProgramOp::negate:
        case ProgramOp::num_is_null:
        case ProgramOp::bool_is_null:
            break;
        }
        for (const Expr &kid : e.kids)
            node(kid);
    }
};

} // namespace

Scene random_scene(Random &random)
{
    Scene scene;
    for (int n = 1 + int(below(random, 2)); n > 0; n--) {
        bool known = !one_in(random, 12);
        scene.sources.push_back(HiddenSource{known, !known && one_in(random, 2)});
    }
    Generator g{random, scene};
    scene.clause = one_in(random, 3) ? g.comparison(2) : g.condition(1 + int(below(random, 3)));
    return scene;
}

std::vector<uint8_t> program_bytes(const Scene &scene)
{
    Writer expression(scene);
    expression.node(scene.clause);
    Bytestring w;
    w.put<uint8_t>(kProgramVersion);
    w.put<uint8_t>(uint8_t(scene.sources.size()));
    w.put<uint16_t>(uint16_t(scene.inputs.size()));
    w.put<uint16_t>(uint16_t(expression.sites));
    for (const HiddenInput &in : scene.inputs)
        w.put<uint8_t>(uint8_t(in.kind));
    for (const Bytestring *part : {&expression.leaves, static_cast<Bytestring *>(&expression)})
        w.bytes.insert(w.bytes.end(), part->bytes.begin(), part->bytes.end());
    return w.bytes;
}

namespace
{

bool is_not_negative(const double *numbers)
{
    return numbers[0] >= 0;
}

const LeafKind kSatisfies{
    "satisfies", LeafType::truth, LeafColumns::outcomes, 1, 1, {LeafOperand::key}, kAnyLeaf,
    nullptr,     nullptr};
const LeafKind kMatches{"matches",
                        LeafType::truth,
                        LeafColumns::none,
                        2,
                        2,
                        {LeafOperand::number, LeafOperand::key},
                        kAnyLeaf,
                        is_not_negative,
                        nullptr};
const LeafKind *const kinds[kTestLeaves] = {&kCpLeaf,    &kPixelSumLeaf, &kIouLeaf,
                                            &kIominLeaf, &kSatisfies,    &kMatches};

} // namespace

const LeafTable test_leaves{kinds, kTestLeaves};

std::vector<ProgramInput> seen_inputs(const Scene &scene)
{
    std::vector<ProgramInput> inputs;
    for (const HiddenInput &in : scene.inputs)
        inputs.push_back(in.seen);
    return inputs;
}

LeafValue known_of_leaf(const Scene &scene, const HiddenLeaf &leaf, const LeafCall &call)
{
    const bool known = scene.sources[leaf.source].known &&
                       (call.leaf->kind->sources == 1 || scene.sources[leaf.other_source].known);
    if (!known || call.state != CallState::usable)
        return call.without_masks();
    switch (leaf.kind) {
    case TestLeaf::cp:
        return number_leaf(count_number(leaf.bounds));
    case TestLeaf::pixel_sum:
        return number_leaf(sum_number(leaf.sum_bounds));
    case TestLeaf::iou:
    case TestLeaf::iomin:
        return number_leaf(overlap_number(leaf.ratio_bounds));
    case TestLeaf::satisfies:
    case TestLeaf::matches:
        return truth_leaf(leaf.outcomes);
    }
    return call.without_masks();
}

} // namespace mq::test
