// Bound programs: whatever is hidden inside the bounds, the exact outcome is among those that
// evaluation allows; and easy clauses are decided, so that allowing everything does not pass.
#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <map>

#include "random_program.h"

namespace mq
{

using namespace mq::test;

namespace
{

// Whether a call has the operands that the scene's leaf has, as far as they are known exactly.
bool is_call_of(const Scene &scene, const HiddenLeaf &c, const LeafCall &call)
{
    auto number = [&](int i, double constant) {
        return i >= 0 ? double(scene.inputs[i].num.value) : constant;
    };
    const bool range = c.kind == TestLeaf::cp || c.kind == TestLeaf::pixel_sum;
    bool same = call.leaf->kind == test_leaves.kinds[int(c.kind)] &&
                call.leaf->sources[0] == c.source &&
                (call.leaf->kind->sources == 1 || call.leaf->sources[1] == c.other_source);
    if (range) {
        const Roi &roi = c.roi_input >= 0 ? scene.inputs[c.roi_input].seen.roi : c.roi;
        same = same && call.roi.x1 == roi.x1 && call.roi.y2 == roi.y2 &&
               call.numbers[1] == number(c.uv_input, c.uv);
    }
    if (c.kind != TestLeaf::satisfies)
        same = same && call.numbers[0] == number(c.lv_input, c.lv);
    return same && (!is_truth(c.kind) || call.key == c.key);
}

std::vector<LeafValue> scene_values(const Scene &scene, const OpenProgram &open,
                                    const ProgramInput *inputs)
{
    std::vector<LeafValue> values;
    for (const LeafCall &call : open.calls(inputs)) {
        const HiddenLeaf &leaf = scene.sites[values.size()];
        EXPECT_TRUE(call.state != CallState::usable || is_call_of(scene, leaf, call))
            << "called with the wrong operands";
        values.push_back(known_of_leaf(scene, leaf, call));
    }
    return values;
}

uint8_t evaluate_scene(const Scene &scene, std::string *text = nullptr)
{
    OpenProgram open(scene);
    EXPECT_TRUE(open.is_open) << open.err.message;
    EXPECT_EQ(scene.sites.size(), size_t(open.program.sites));
    std::vector<ProgramInput> inputs = seen_inputs(scene);
    std::vector<LeafValue> values = scene_values(scene, open, inputs.data());
    if (text) {
        text->resize(print_program(open.program, nullptr, 0) + 1);
        print_program(open.program, &(*text)[0], text->size());
        for (const HiddenInput &in : scene.inputs)
            *text += in.seen.is_null ? " $null" : " $" + std::to_string(double(in.num.value));
        for (const HiddenLeaf &c : scene.sites)
            *text += " " + std::to_string(c.count) + " in [" + std::to_string(c.bounds.lo) + ", " +
                     std::to_string(c.bounds.hi) +
                     (scene.sources[c.source].known ? "]" : "] unknown");
    }
    return evaluate(open.program, inputs.data(), values.data());
}

// Does a decision depend on bounds that are not exact?
bool is_uncertain(const Scene &scene)
{
    for (const HiddenLeaf &c : scene.sites)
        if (scene.sources[c.source].known && c.bounds.lo < c.bounds.hi)
            return true;
    return false;
}

constexpr int kLeafOps = 100; // kinds of leaves are counted behind the operators

void count_ops(const Scene &scene, const Expr &e, std::map<int, int> *ops)
{
    ++(*ops)[int(e.op)];
    if (e.op == ProgramOp::leaf_num || e.op == ProgramOp::leaf_bool)
        ++(*ops)[kLeafOps + int(scene.sites[e.index].kind)];
    for (const Expr &kid : e.kids)
        count_ops(scene, kid, ops);
}

// The first number that a clause holds, in the order of the bytes, so that its cp sites are the
// first ones too. Null when there is none.
const Expr *first_number(const Expr &e)
{
    if (is_number(e.op))
        return &e;
    return e.kids.empty() ? nullptr : first_number(e.kids[0]);
}

} // namespace

TEST(Program, HoldsTheExactNumber)
{
    Random random(seed());
    int narrow = 0, exact = 0;
    for (int i = 0; i < 300000; i++) {
        Scene scene = random_scene(random);
        const Expr *number = first_number(scene.clause);
        if (number == nullptr)
            continue;
        scene.clause = Expr(*number);
        OpenProgram open(scene);
        ASSERT_TRUE(open.is_open) << open.err.message;
        ASSERT_EQ(ProgramBody::number, open.program.kind);
        std::vector<ProgramInput> inputs = seen_inputs(scene);
        std::vector<LeafValue> values = scene_values(scene, open, inputs.data());
        Num n = evaluate_number(open.program, inputs.data(), values.data());
        ExactNum value = exact_number(scene, scene.clause);
        ASSERT_TRUE(n.may & value.state) << "round " << i;
        if (value.state != kMayValue || is_any(n))
            continue;
        // The oracle's numeric is a long double: 181 made of thousandths is off by its last digit.
        const long double slack =
            scene.clause.type == NumType::numeric ? std::fabs(value.value) * 1e-18L : 0;
        ASSERT_TRUE(n.lo <= value.value + slack && value.value - slack <= n.hi)
            << "round " << i << ": " << double(value.value) << " not in [" << n.lo << ", " << n.hi;
        narrow += n.lo < n.hi;
        exact += n.lo == n.hi;
    }
    EXPECT_GT(narrow, 10000);
    EXPECT_GT(exact, 10000);
}

TEST(Program, HoldsTheExactOutcome)
{
    Random random(seed());
    const int rounds = 300000;
    int decided[4] = {}, uncertain = 0;
    std::map<int, int> ops;
    for (int i = 0; i < rounds; i++) {
        Scene scene = random_scene(random);
        uint8_t outcomes = evaluate_scene(scene), exact = exact_outcome(scene);
        if (!(outcomes & exact)) {
            std::string text;
            evaluate_scene(scene, &text);
            FAIL() << "round " << i << ": " << text << "\nis " << int(exact) << ", not among "
                   << int(outcomes);
        }
        if (!is_uncertain(scene))
            continue;
        uncertain++;
        for (int bit = 0; bit < 4; bit++)
            decided[bit] += outcomes == 1 << bit;
        if (is_refuted(outcomes) || is_proven(outcomes))
            count_ops(scene, scene.clause, &ops);
    }
    // A third or so of the clauses is decided, true as well as false, and each operator is part of
    // such clauses.
    EXPECT_GT(decided[0], uncertain / 10);
    EXPECT_GT(decided[1], uncertain / 10);
    EXPECT_GT(decided[2], uncertain / 200);
    for (int op = int(ProgramOp::const_num); op <= int(ProgramOp::case_num); op++)
        EXPECT_GT(ops[op], rounds / 1000) << "number " << op;
    for (int op = int(ProgramOp::const_bool); op <= int(ProgramOp::leaf_bool); op++)
        EXPECT_GT(ops[op], rounds / 1000) << "condition " << op;
    for (int kind = 0; kind < kTestLeaves; kind++)
        EXPECT_GT(ops[kLeafOps + kind], rounds / 1000) << "leaf " << kind;
}

namespace
{

// Small clauses written by hand.
Expr constant(double v, NumType t = NumType::f8)
{
    Expr e{};
    e.op = ProgramOp::const_num;
    e.type = t;
    e.constant = v;
    return e;
}
Expr op(ProgramOp o, std::vector<Expr> kids, int code = 0, NumKind kind = NumKind::f8)
{
    Expr e{};
    e.op = o;
    e.code = uint8_t(code);
    e.kind = kind;
    e.kids = std::move(kids);
    return e;
}
Expr compare(CompareOp c, Expr a, Expr b)
{
    return op(ProgramOp::compare, {a, b}, int(c));
}
Expr arith(ArithOp o, Expr a, Expr b)
{
    return op(ProgramOp::arith, {a, b}, int(o));
}
Expr unary(UnaryOp o, Expr a, NumKind kind = NumKind::f8)
{
    return op(ProgramOp::unary, {a}, int(o), kind);
}
Expr cast_to(CastOp o, Expr a, int precision = 0, int scale = 0)
{
    Expr e = op(ProgramOp::cast, {a}, int(o));
    e.precision = precision;
    e.scale = scale;
    return e;
}

struct Row {
    Scene scene;

    Expr cp(uint64_t lo, uint64_t hi)
    {
        if (scene.sources.empty())
            scene.sources.push_back(HiddenSource{true, false});
        scene.sites.push_back(HiddenLeaf{0, -1, -1, -1, kFullRoi, 0.5, 1, CountBounds{lo, hi}, lo});
        return op_cp(int(scene.sites.size()) - 1);
    }
    Expr input(double v, Num seen)
    {
        HiddenInput in{InputKind::num, {}, ExactNum{kMayValue, v}};
        in.seen.num = seen;
        scene.inputs.push_back(in);
        Expr e = op(ProgramOp::input_num, {});
        e.index = int(scene.inputs.size()) - 1;
        return e;
    }
    uint8_t outcomes(Expr clause)
    {
        scene.clause = clause;
        uint8_t r = evaluate_scene(scene);
        scene = Scene{};
        return r;
    }

  private:
    static Expr op_cp(int index)
    {
        Expr e = op(ProgramOp::leaf_num, {});
        e.index = index;
        return e;
    }
};

} // namespace

// cp sites are numbered as they are met, so operands are made from left to right.
TEST(Program, DecidesWhatBoundsDecide)
{
    Row r;
    const int either = kTrue | kFalse;
    Expr a = r.cp(10, 20);
    EXPECT_EQ(kTrue, r.outcomes(compare(CompareOp::gt, a, constant(9.5))));
    a = r.cp(10, 20);
    EXPECT_EQ(kFalse, r.outcomes(compare(CompareOp::gt, a, constant(20))));
    a = r.cp(10, 20);
    EXPECT_EQ(either, r.outcomes(compare(CompareOp::ge, a, constant(20))));
    a = r.cp(10, 20);
    Expr b = r.cp(20, 30);
    EXPECT_EQ(kTrue, r.outcomes(compare(CompareOp::le, a, b)));
    a = r.cp(10, 20), b = r.cp(40, 80);
    EXPECT_EQ(kFalse, r.outcomes(compare(CompareOp::gt, arith(ArithOp::div, a, b), constant(0.5))));
    a = r.cp(10, 20), b = r.cp(0, 80);
    EXPECT_EQ(either | kError,
              r.outcomes(compare(CompareOp::gt, arith(ArithOp::div, a, b), constant(100))));
    a = r.cp(10, 20), b = r.cp(0, 80);
    EXPECT_EQ(kFalse | kNull,
              r.outcomes(compare(CompareOp::gt,
                                 arith(ArithOp::div, a, op(ProgramOp::null_if, {b, constant(0)})),
                                 constant(20))));
    a = r.cp(0, 3);
    EXPECT_EQ(kTrue, r.outcomes(compare(CompareOp::lt, op(ProgramOp::coalesce, {a, constant(9)}),
                                        constant(4))));
    a = r.cp(0, 3);
    EXPECT_EQ(kTrue, r.outcomes(compare(CompareOp::gt,
                                        op(ProgramOp::coalesce,
                                           {op(ProgramOp::null_if, {a, constant(0)}), constant(9)}),
                                        constant(0))));
    a = r.cp(10, 20);
    Expr rounded =
        cast_to(CastOp::numeric_round,
                cast_to(CastOp::f8_to_numeric, arith(ArithOp::div, a, constant(30))), 8, 2);
    EXPECT_EQ(kTrue, r.outcomes(compare(CompareOp::gt, cast_to(CastOp::numeric_to_f8, rounded),
                                        constant(0.3))));
    a = r.cp(3, 4);
    EXPECT_EQ(kTrue,
              r.outcomes(compare(CompareOp::eq,
                                 cast_to(CastOp::f8_to_i4, arith(ArithOp::div, a, constant(8))),
                                 constant(0, NumType::i4))));
}

// What a scan may leave out because it has no entry: rows whose mask is NULL.
TEST(Program, KnowsWhatANullMaskGives)
{
    Random random(seed());
    int refuted = 0, nulls = 0;
    for (int i = 0; i < 200000; i++) {
        Scene scene = random_scene(random);
        OpenProgram open(scene);
        ASSERT_TRUE(open.is_open) << open.err.message;
        for (size_t source = 0; source < scene.sources.size(); source++) {
            scene.sources[source] = HiddenSource{false, true};
            uint8_t outcomes = evaluate_null_mask(open.program, int(source)),
                    exact = exact_outcome(scene);
            std::string text;
            if (!(outcomes & exact))
                evaluate_scene(scene, &text);
            ASSERT_TRUE(outcomes & exact)
                << "round " << i << ", source " << source << ": " << text << "\nis " << int(exact)
                << ", not among " << int(outcomes);
            nulls++;
            refuted += is_refuted(outcomes);
        }
    }
    EXPECT_GT(refuted, nulls / 10);
}

// 1::numeric / 3 * 3 is 0.9999999999999999, float8's 1.
TEST(Program, DividesNumericsAsPostgresDoes)
{
    Row r;
    auto numeric = [&](uint64_t v) { return cast_to(CastOp::f8_to_numeric, r.cp(v, v)); };
    Expr one = numeric(1), three = numeric(3), again = numeric(3), last = numeric(1);
    Expr third = op(ProgramOp::arith, {one, three}, int(ArithOp::div), NumKind::numeric);
    Expr product = op(ProgramOp::arith, {third, again}, int(ArithOp::mul), NumKind::numeric);
    EXPECT_TRUE(kFalse & r.outcomes(compare(CompareOp::eq, product, last)));
}

// What raises an error in PostgreSQL must not be decided.
TEST(Program, LeavesErrorsToPostgres)
{
    Row r;
    Expr a = r.cp(0, 9);
    EXPECT_TRUE(kError & r.outcomes(compare(CompareOp::lt, arith(ArithOp::mul, a, constant(1e-320)),
                                            constant(1))));
    a = r.cp(0, 9);
    EXPECT_TRUE(kError & r.outcomes(compare(
                             CompareOp::lt,
                             cast_to(CastOp::f8_to_i2, arith(ArithOp::mul, a, constant(4000))),
                             constant(32767, NumType::i2))));
    // -(-2147483648) is out of range.
    a = r.cp(0, 9);
    Expr least = op(ProgramOp::coalesce,
                    {constant(-2147483648.0, NumType::i4), cast_to(CastOp::f8_to_i4, a)});
    EXPECT_TRUE(kError & r.outcomes(compare(CompareOp::gt, unary(UnaryOp::neg, least, NumKind::i4),
                                            constant(0, NumType::i4))));
    a = r.cp(0, 9);
    least = op(ProgramOp::coalesce, {constant(-32768, NumType::i2), cast_to(CastOp::f8_to_i2, a)});
    EXPECT_TRUE(kError & r.outcomes(compare(CompareOp::gt, unary(UnaryOp::abs, least, NumKind::i2),
                                            constant(0, NumType::i2))));
    // A numeric can be nearer to 0 than any float8.
    a = r.cp(0, 9);
    Num small = make_num(-5e-324, 5e-324);
    Expr tiny = op(ProgramOp::coalesce, {r.input(0, small), cast_to(CastOp::f8_to_numeric, a)});
    EXPECT_TRUE(kError & r.outcomes(compare(CompareOp::lt, cast_to(CastOp::numeric_to_f8, tiny),
                                            constant(1))));
    // x - y of numerics that agree in all the digits a float8 has.
    a = r.cp(1, 1);
    Expr third = cast_to(CastOp::f8_to_numeric, arith(ArithOp::div, a, constant(3)));
    Expr other = r.input(1 / 3.0, make_num(std::nextafter(1 / 3.0, 0), std::nextafter(1 / 3.0, 1)));
    Expr difference = op(ProgramOp::arith, {third, other}, int(ArithOp::sub), NumKind::numeric);
    Expr as_real = cast_to(CastOp::f8_to_f4, cast_to(CastOp::numeric_to_f8, difference));
    EXPECT_TRUE(kError & r.outcomes(compare(CompareOp::lt, as_real, constant(1))));
}

TEST(Program, DamagedBytesAreRefusedOrHarmless)
{
    Random random(seed());
    int opened = 0, numbers = 0;
    for (int i = 0; i < 200000; i++) {
        std::vector<uint8_t> bytes;
        if (one_in(random, 3)) {
            bytes.resize(below(random, 80));
            for (uint8_t &b : bytes)
                b = uint8_t(one_in(random, 2) ? below(random, 12) : random());
            if (!bytes.empty())
                bytes[0] = kProgramVersion;
        } else {
            Scene scene = random_scene(random);
            if (const Expr *number = first_number(scene.clause); number && one_in(random, 3))
                scene.clause = Expr(*number);
            bytes = program_bytes(scene);
            if (one_in(random, 4))
                bytes.resize(below(random, bytes.size()));
            else if (!one_in(random, 10))
                bytes[below(random, bytes.size())] ^= uint8_t(1) << below(random, 8);
        }
        OpenProgram open(bytes);
        const Program &program = open.program;
        if (!open.is_open) {
            EXPECT_EQ(ErrorCode::corrupted, open.err.code);
            continue;
        }
        opened++;
        std::vector<ProgramInput> inputs(program.inputs);
        for (ProgramInput &in : inputs) {
            in.is_null = one_in(random, 3);
            in.num = make_num(1, 1);
        }
        std::vector<LeafValue> values;
        for (const LeafCall &call : open.calls(inputs.data()))
            values.push_back(call.without_masks());
        if (program.kind == ProgramBody::number) {
            numbers++;
            const Num n = evaluate_number(program, inputs.data(), nullptr);
            EXPECT_NE(0, n.may);
            EXPECT_EQ(n.may, evaluate_number(program, inputs.data(), values.data()).may);
        } else {
            const uint8_t outcomes = evaluate(program, inputs.data(), nullptr);
            EXPECT_NE(0, outcomes);
            EXPECT_EQ(outcomes, evaluate(program, inputs.data(), values.data()));
        }
        char text[40];
        size_t length = print_program(program, text, sizeof text);
        EXPECT_EQ(std::min(length, sizeof text - 1), strlen(text));
    }
    EXPECT_GT(opened, 10000);
    EXPECT_GT(numbers, 1000);
}

TEST(Program, RefusesDeepNesting)
{
    for (int depth : {kMaxProgramDepth, kMaxProgramDepth + 1}) {
        std::vector<uint8_t> bytes = {kProgramVersion, 0, 0, 0, 0, 0};
        bytes.insert(bytes.end(), size_t(depth), uint8_t(ProgramOp::negate));
        bytes.insert(bytes.end(), {uint8_t(ProgramOp::const_bool), kTrue});
        EXPECT_EQ(depth <= kMaxProgramDepth, OpenProgram(bytes).is_open);
    }
}

// A truth is no number, nor the other way round.
TEST(Program, RefusesLeavesOfTheOtherType)
{
    for (int kind = 0; kind < kTestLeaves; kind++) {
        for (ProgramOp o : {ProgramOp::leaf_num, ProgramOp::leaf_bool}) {
            Scene scene{};
            scene.sources = {HiddenSource{true, false}};
            scene.sites.push_back(
                HiddenLeaf{0, -1, -1, -1, kFullRoi, 0.5, 1, CountBounds{}, 0, TestLeaf(kind)});
            scene.clause = op(o, {});
            EXPECT_EQ((o == ProgramOp::leaf_bool) == is_truth(TestLeaf(kind)),
                      OpenProgram(scene).is_open);
        }
    }
}

// A leaf is printed by its kind's description.
TEST(Program, PrintsLeaves)
{
    Scene scene{};
    scene.sources = {HiddenSource{true, false}, HiddenSource{true, false}};
    HiddenLeaf leaf{1, -1, -1, -1, kFullRoi, 0.5, 1, CountBounds{}, 0};
    leaf.key = 7;
    for (TestLeaf kind : {TestLeaf::satisfies, TestLeaf::matches, TestLeaf::cp}) {
        leaf.kind = kind;
        scene.sites.push_back(leaf);
    }
    auto named = [](ProgramOp o, int site) {
        Expr e = op(o, {});
        e.index = site;
        return e;
    };
    scene.clause =
        op(ProgramOp::all_of, {named(ProgramOp::leaf_bool, 0), named(ProgramOp::leaf_bool, 1),
                               compare(CompareOp::gt, named(ProgramOp::leaf_num, 2), constant(3))});
    OpenProgram open(scene);
    ASSERT_TRUE(open.is_open) << open.err.message;
    char text[200];
    print_program(open.program, text, sizeof text);
    EXPECT_STREQ("(satisfies(#2, 7) and matches(#2, #1, 0.5, 7) and (cp(#2, full, 0.5, 1) > 3))",
                 text);
}

} // namespace mq
