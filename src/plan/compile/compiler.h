// What compile_*.cpp share: the compiler's state, what it writes, and what each file compiles.
// Every compile_ function appends the code of one node and tells what the node can contribute;
// `always`: the node is evaluated whenever the whole expression is (compile.cpp).
#pragma once

#include "core/program/program.h"
#include "facts/program_datum.h"
#include "plan/catalog/functions.h"
#include "plan/compile/compile.h"

extern "C" {
#include "lib/stringinfo.h"
}

namespace mq::compiling
{

struct Compiler {
    StringInfoData code;   // the expression so far,
    StringInfoData leaves; // and the leaves that it names
    HasIndex has_index;
    void *context;
    const ForeignParts *parts; // null: there are none
    List *sources;             // of Var
    List *inputs;              // of Expr
    uint8_t input_kinds[kMaxInputs];
    int sites;
    List *cp_calls; // FuncExpr of each site
    Oid roi_type;
    int depth;
};

// What a compiled part can contribute.
enum class Part : uint8_t {
    unknown, // bounds say nothing about it
    plain,   // known, without cp
    bounded, // known through the bounds of a cp
};

// ---- emitting ----

inline void put_u8(StringInfo code, uint8_t v)
{
    appendBinaryStringInfo(code, (const char *)&v, 1);
}
inline void put_u8(Compiler *c, uint8_t v)
{
    put_u8(&c->code, v);
}
inline void put_op(Compiler *c, ProgramOp op)
{
    put_u8(c, uint8_t(op));
}
template <typename T> void put_le(StringInfo code, T v)
{
    uint8_t bytes[sizeof(T)];
    store_le<T>(bytes, v);
    appendBinaryStringInfo(code, (const char *)bytes, sizeof(T));
}
template <typename T> void put_le(Compiler *c, T v)
{
    put_le<T>(&c->code, v);
}

// The number of a list's members, which has 16 bits in a program. False when there are more.
inline bool put_count(Compiler *c, List *members)
{
    if (list_length(members) > UINT16_MAX)
        return false;
    put_le<uint16_t>(c, list_length(members));
    return true;
}

// A position to come back to when a part turns out to be unknown.
struct Mark {
    int code_length, leaves_length;
    int sites;
};
inline Mark mark(Compiler *c)
{
    return Mark{c->code.len, c->leaves.len, c->sites};
}
inline void rewind_to(Compiler *c, Mark m)
{
    Assert(m.code_length <= c->code.len && m.sites <= c->sites);
    // Inputs and sources that only the abandoned part used stay behind unused: they are safe to
    // evaluate.
    c->code.len = m.code_length;
    c->leaves.len = m.leaves_length;
    c->sites = m.sites;
    c->cp_calls = list_truncate(c->cp_calls, m.sites);
}

inline Part unknown_number(Compiler *c, Mark m, uint8_t may = kMayAnything)
{
    rewind_to(c, m);
    put_op(c, ProgramOp::unknown_num);
    put_u8(c, may);
    return Part::unknown;
}
inline Part unknown_condition(Compiler *c, Mark m, uint8_t outcomes = kAnyOutcome)
{
    rewind_to(c, m);
    put_op(c, ProgramOp::unknown_bool);
    put_u8(c, outcomes);
    return Part::unknown;
}

// ---- compile_leaves.cpp: parts without cp, and foreign parts ----

bool is_number_type(Oid type);
bool can_be_input(Node *node, bool always);
// Number of the input for an expression; equal expressions share one. -1 when there is no room.
int add_input(Compiler *c, Node *node, InputKind kind);
// Number of the source for a mask column, -1 when there is no room.
int add_source(Compiler *c, Var *mask);
Part compile_number_leaf(Compiler *c, Node *node, bool always);
Part compile_condition_leaf(Compiler *c, Node *node, bool always);
// Is there something in the node that an input cannot stand for?
bool is_composed(const Compiler *c, Node *node);
// A foreign part, as an input. False when it is none, or when there is no room.
bool compile_part(Compiler *c, Node *node, Part *part);

// ---- compile_calls.cpp: cp and its like ----

// mask_iou(mask, mask, threshold) and mask_iomin.
Part compile_overlap(Compiler *c, FuncExpr *call, CpKind kind, bool always);
// cp and pixel_sum.
Part compile_cp(Compiler *c, FuncExpr *call, const CpFunction &f, bool always);

// ---- compile_numbers.cpp ----

// What two parts together contribute.
Part join(Part a, Part b);
// Two numbers, one after the other.
Part compile_binary_number(Compiler *c, Mark m, List *args, bool always);
// GREATEST, LEAST (every argument is evaluated) and COALESCE (only the first always is).
Part compile_list(Compiler *c, Mark m, List *args, bool always, bool always_rest);
// CASE WHEN condition THEN ... ELSE ... END; not CASE x WHEN value.
Part compile_case(Compiler *c, CaseExpr *expr, bool number, bool always);
Part compile_number(Compiler *c, Node *node, bool always);

// ---- compile_conditions.cpp ----

Part compile_condition(Compiler *c, Node *node, bool always);

} // namespace mq::compiling
