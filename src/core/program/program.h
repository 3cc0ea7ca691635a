// Bound programs: a boolean clause or a number over leaves (leaf.h), such as cp of a mask; compiled
// once, evaluated a row on what is known of the leaves instead of pixels.
//
// A program is an expression in prefix order, in bytes (README.md specifies them). Evaluation
// computes for every number an interval that its value lies in, and for every condition the set of
// outcomes it can have: true, false, NULL, error. A decision is taken only when one outcome is
// left, so a part that the program does not know costs a decision, never correctness; and a clause
// that could raise an error is left to PostgreSQL, which then raises it, or not, exactly as it
// would without maskquery.
//
// Evaluation asks for nothing: what is known of the leaves is given to it. For each row
// read_leaf_calls() tells what is to be found out, the caller finds it out, evaluate() computes.
#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/program/leaf.h"

namespace mq
{

constexpr uint8_t kProgramVersion = 2;
constexpr size_t kProgramHeaderSize = 6;
constexpr int kMaxProgramDepth = 100; // nesting of operators

// On the way from planner to executor only (never stored), but numbered all the same.
enum class ProgramOp : uint8_t {
    // numbers
    const_num = 1, // f64
    input_num,     // u16 input
    unknown_num,   // u8 MayBe bits
    leaf_num,      // u16 leaf
    arith,         // u8 ArithOp, u8 NumKind; two numbers
    unary,         // u8 UnaryOp, u8 NumKind; one number
    cast,          // u8 CastOp, i32 precision, i32 scale; one number
    min_max,       // u8 1 for GREATEST, u16 n; n numbers
    coalesce,      // u16 n; n numbers
    null_if,       // two numbers
    case_num,      // u16 n; n times (condition, number), then the ELSE number
    // conditions
    const_bool = 64, // u8 Outcome bits
    input_bool,      // u16 input
    unknown_bool,    // u8 Outcome bits
    compare,         // u8 CompareOp; two numbers
    is_distinct,     // two numbers
    all_of,          // u16 n; n conditions (AND)
    any_of,          // u16 n; n conditions (OR)
    negate,          // one condition (NOT)
    bool_test,       // u8 BoolTest; one condition
    num_is_null,     // one number
    bool_is_null,    // one condition
    case_bool,       // u16 n; n times (condition, condition), then the ELSE condition
    leaf_bool,       // u16 leaf
};

inline bool is_number(ProgramOp op)
{
    return op < ProgramOp::const_bool;
}

enum class BoolTest : uint8_t {
    is_true,
    is_not_true,
    is_false,
    is_not_false,
    is_unknown,
    is_not_unknown
};
enum class InputKind : uint8_t { num = 1, boolean = 2, roi = 3 };

struct ProgramInput {
    bool is_null = false;
    bool boolean = false;
    Num num = {};
    Roi roi = {};
};

// What a program computes. The first operator of its body tells.
enum class ProgramBody : uint8_t { condition, number };

struct Program {
    Bytes code; // whole program
    ProgramBody kind = ProgramBody::condition;
    int sources = 0;
    int sites = 0; // leaves, numbered in the order in which the expression names them
    int inputs = 0;
    bool by_row = false;                  // it has leaves that evaluate_batch() does not follow
    int depth = 0;                        // of the most nested node; 0: the body is one node
    const uint8_t *input_kinds = nullptr; // InputKind a byte
    const Leaf *leaves = nullptr;         // by site
    size_t body = 0;                      // offset of the expression
};

// How many leaves the program has, by its header; 0 when it has none. Not checked.
int count_leaves(Bytes code);

// Opens and checks a program: afterwards evaluation needs no check. What it takes from masks is of
// the kinds in `table`. `leaves` has room for count_leaves(), and lives as long as the program, as
// do its bytes. Errors: corrupted.
bool open_program(Bytes code, const LeafTable &table, Leaf *leaves, Program *out, Error &err);

// The calls of all leaves for one row, by site, which inputs determine: who evaluates the program
// finds out about those that are usable. `inputs` may be null: then they may be anything.
void read_leaf_calls(const Program &program, const ProgramInput *inputs, LeafCall *calls);

// The call that this one may be a share of: one over the same mask, with the same numbers, by which
// it is divided. Null when there is none. Where the part's roi lies inside the other one's,
// LeafValue::rest of the part says what is known of the leaf over the rest of that roi.
const LeafCall *divisor_of(const LeafCall *calls, int site);

// Outcomes (Outcome bits) the clause can have for one row, of which `values` says what is known of
// the leaves, by site; null: nothing is.
// REQUIRES: program.kind is condition.
uint8_t evaluate(const Program &program, const ProgramInput *inputs, const LeafValue *values);

// What is known of the number for one row.
// REQUIRES: program.kind is number.
Num evaluate_number(const Program &program, const ProgramInput *inputs, const LeafValue *values);

// Outcomes the clause can have for a row whose mask of that source is NULL, whatever the values of
// the inputs and the row's other masks are.
uint8_t evaluate_null_mask(const Program &program, int source);

// Readable form of a program, as EXPLAIN shows it: "cp(#1, $1, 0.8, 1) / $2 > 0.5". Writes at most
// capacity - 1 bytes and a terminating zero; returns the length that the whole text has.
size_t print_program(const Program &program, char *out, size_t capacity);

} // namespace mq
