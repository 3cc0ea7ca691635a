// Random well-typed clauses with hidden values behind their inputs and leaves, what they are as
// bound programs, and what PostgreSQL makes of them.
#pragma once

#include <string>
#include <vector>

#include "core/leaves/mask_leaves.h"
#include "core/program/program.h"
#include "random_mask.h"

namespace mq::test
{

enum class NumType : uint8_t { f8, f4, i2, i4, i8, numeric };

inline bool is_int(NumType t)
{
    return t == NumType::i2 || t == NumType::i4 || t == NumType::i8;
}
inline bool is_float(NumType t)
{
    return t == NumType::f8 || t == NumType::f4;
}

// One number as PostgreSQL computes it. numeric is followed in long double, whose error (5e-20) is
// far below what the intervals allow for.
struct ExactNum {
    uint8_t state = kMayValue; // one of kMayValue, kMayNull, kMayError
    long double value = 0;     // exact for every type but numeric
};

// A node of a clause. Numbers have a type; conditions do not use it.
struct Expr {
    ProgramOp op;
    NumType type = NumType::f8;
    uint8_t code = 0; // ArithOp, UnaryOp, CastOp, CompareOp, BoolTest, 1 for GREATEST, outcome bits
    NumKind kind = NumKind::f8;
    int32_t precision = 0, scale = 0;
    double constant = 0;
    int index = 0;       // input or site
    ExactNum hidden;     // what an unknown number is
    uint8_t outcome = 0; // what an unknown condition is
    std::vector<Expr> kids;
};

struct HiddenInput {
    InputKind kind;
    ProgramInput seen; // what evaluate() gets
    ExactNum num;      // what it stands for
};

// Kinds of leaves that a program can have here: those of masks, and two truths, as an index of
// filters may tell them.
enum class TestLeaf : uint8_t {
    cp = uint8_t(MaskLeafKind::cp),
    pixel_sum = uint8_t(MaskLeafKind::pixel_sum),
    iou = uint8_t(MaskLeafKind::iou),
    iomin = uint8_t(MaskLeafKind::iomin),
    satisfies, // key; batches follow it
    matches,   // two masks, number, key; batches do not. Negative numbers are an error
};
constexpr int kTestLeaves = 6;
extern const LeafTable test_leaves;

inline bool is_truth(TestLeaf kind)
{
    return kind >= TestLeaf::satisfies;
}

struct HiddenLeaf {
    int source;
    int roi_input, lv_input, uv_input; // -1: the constant below
    Roi roi;
    double lv, uv;
    CountBounds bounds;
    uint64_t count; // in bounds
    TestLeaf kind = TestLeaf::cp;
    SumBounds sum_bounds = {};
    double sum = 0;
    // An overlap has a second source, lv for its threshold and no roi.
    int other_source = 0;
    RatioBounds ratio_bounds = {};
    double ratio = 0;
    // A truth has a key, `matches` lv for its number.
    uint32_t key = 0;
    uint8_t outcomes = kAnyOutcome; // known of it
    uint8_t outcome = kTrue;        // among these
};

struct HiddenSource {
    bool known;     // the index has its bounds
    bool mask_null; // only when not known
};

// A clause for one row, with all that the row hides.
struct Scene {
    std::vector<HiddenInput> inputs;
    std::vector<HiddenLeaf> sites;
    std::vector<HiddenSource> sources;
    Expr clause;
};

Scene random_scene(Random &random);
std::vector<uint8_t> program_bytes(const Scene &scene);

// A program with what it needs to stay open.
struct OpenProgram {
    std::vector<uint8_t> bytes;
    std::vector<Leaf> leaves;
    Program program;
    Error err;
    bool is_open;

    explicit OpenProgram(std::vector<uint8_t> code) : bytes(std::move(code))
    {
        bytes.shrink_to_fit(); // so that a read beyond the end shows
        const Bytes all{bytes.data(), bytes.size()};
        leaves.resize(size_t(count_leaves(all)));
        is_open = open_program(all, test_leaves, leaves.data(), &program, err);
    }
    explicit OpenProgram(const Scene &scene) : OpenProgram(program_bytes(scene)) {}
    OpenProgram(const OpenProgram &) = delete;

    std::vector<LeafCall> calls(const ProgramInput *inputs) const
    {
        std::vector<LeafCall> calls(leaves.size());
        read_leaf_calls(program, inputs, calls.data());
        return calls;
    }
};

std::vector<ProgramInput> seen_inputs(const Scene &scene);

// What the scene's index knows of a leaf, by its call alone where the masks are not known.
LeafValue known_of_leaf(const Scene &scene, const HiddenLeaf &leaf, const LeafCall &call);

// The exact outcome of the clause: kTrue, kFalse, kNull or kError.
uint8_t exact_outcome(const Scene &scene);
ExactNum exact_number(const Scene &scene, const Expr &e);

} // namespace mq::test
