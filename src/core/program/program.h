// Bound programs: a boolean clause or a number over cp, compiled once, evaluated a row on intervals
// instead of pixels.
//
// A program is an expression in prefix order, in bytes (README.md specifies them). Evaluation
// computes for every number an interval that its value lies in, and for every condition the set of
// outcomes it can have: true, false, NULL, error. A decision is taken only when one outcome is
// left, so a part that the program does not know costs a decision, never correctness; and a clause
// that could raise an error is left to PostgreSQL, which then raises it, or not, exactly as it
// would without maskquery.
#pragma once

#include "core/base/bytes.h"
#include "core/chi/bounds/overlap.h"
#include "core/chi/bounds/sum_bounds.h"
#include "core/base/error.h"
#include "core/interval/num.h"

namespace mq
{

constexpr uint8_t kProgramVersion = 1;
constexpr int kMaxProgramDepth = 100; // nesting of operators

// On the way from planner to executor only (never stored), but numbered all the same.
enum class ProgramOp : uint8_t {
    // numbers
    const_num = 1, // f64
    input_num,     // u16 input
    unknown_num,   // u8 MayBe bits
    cp,            // u8 source, u16 site, operand roi, operand lv, operand uv
    arith,         // u8 ArithOp, u8 NumKind; two numbers
    unary,         // u8 UnaryOp, u8 NumKind; one number
    cast,          // u8 CastOp, i32 precision, i32 scale; one number
    min_max,       // u8 1 for GREATEST, u16 n; n numbers
    coalesce,      // u16 n; n numbers
    null_if,       // two numbers
    case_num,      // u16 n; n times (condition, number), then the ELSE number
    pixel_sum,     // as cp
    overlap,       // u8 OverlapKind, u8 source, u8 source, u16 site, operand threshold
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
};
// An operand of these: u8 0 and the constant (roi: 4 x i32, else f64), or u8 1 and u16 input.

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

// One cp or pixel_sum of a program with its arguments known.
struct CpCall {
    int source; // which (tableoid, ctid) pair
    int site;   // number of the call in the program, 0-based; for caches
    Roi roi;
    double lv, uv; // lv <= uv, neither NaN
};

// One mask_iou or mask_iomin of a program.
struct OverlapCall {
    OverlapKind kind;
    int sources[2];
    int site;
    double threshold; // not NaN
};

// Tells the bounds of one call; false when the index does not know the row (no entry, or pending):
// then the mask may also be NULL. Where a function is left out nothing is known.
struct BoundSource {
    bool (*bounds)(void *context, const CpCall &call, CountBounds *out);
    void *context;
    bool (*sum_bounds)(void *context, const CpCall &call, SumBounds *out) = nullptr;
    bool (*overlap_bounds)(void *context, const OverlapCall &call, RatioBounds *out) = nullptr;
    // The same as bounds and sum_bounds, over what the call's roi has outside `inner`; also false
    // when that is not inside the roi.
    bool (*bounds_without)(void *context, const CpCall &call, const Roi &inner,
                           CountBounds *out) = nullptr;
    bool (*sum_bounds_without)(void *context, const CpCall &call, const Roi &inner,
                               SumBounds *out) = nullptr;
    // Whether the source's mask is known to be NULL: all calls are strict.
    bool (*is_null)(void *context, int source) = nullptr;
};

// What a program computes. The first operator of its body tells.
enum class ProgramBody : uint8_t { condition, number };

struct Program {
    Bytes code; // whole program
    ProgramBody kind = ProgramBody::condition;
    int sources = 0;
    int sites = 0;
    int inputs = 0;
    bool counts_only = true;              // its only calls are cp
    bool by_row = false;                  // it has calls that evaluate_batch() does not follow
    int depth = 0;                        // of the most nested node; 0: the body is one node
    const uint8_t *input_kinds = nullptr; // InputKind a byte
    size_t body = 0;                      // offset of the expression
};

// Opens and checks a program: afterwards evaluation needs no check. Errors: corrupted.
bool open_program(Bytes code, Program *out, Error &err);

// Outcomes (Outcome bits) the clause can have for one row.
// REQUIRES: program.kind is condition.
uint8_t evaluate(const Program &program, const ProgramInput *inputs, const BoundSource &source);

// What is known of the number for one row.
// REQUIRES: program.kind is number.
Num evaluate_number(const Program &program, const ProgramInput *inputs, const BoundSource &source);

// Outcomes the clause can have for a row whose mask of that source is NULL, whatever the values of
// the inputs and the row's other masks are.
uint8_t evaluate_null_mask(const Program &program, int source);

// Readable form of a program, as EXPLAIN shows it: "cp(#1, $1, 0.8, 1) / $2 > 0.5". Writes at most
// capacity - 1 bytes and a terminating zero; returns the length that the whole text has.
size_t print_program(const Program &program, char *out, size_t capacity);

} // namespace mq
