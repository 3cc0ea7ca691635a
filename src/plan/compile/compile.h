// Expression to bound program.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
}

namespace mq
{

struct CompiledProgram {
    bytea *program; // value of type chi_program
    List *sources;  // Var of each mask column, in order of source number
    List *inputs;   // Expr of each input
    List *cp_calls; // FuncExpr of each cp site, nodes of the compiled expression itself
};

// Is there a chi index for the mask column?
typedef bool (*HasIndex)(const Var *mask, void *context);

// Parts of an expression whose bounds the caller computes: aggregates over a group. Each becomes a
// number input of the program, the part itself being listed among CompiledProgram.inputs; at run
// time its value is an interval.
struct ForeignParts {
    // Is the node such a part? *bounded: whether bounds of masks are in it.
    bool (*is_part)(Node *node, void *context, bool *bounded);
    void *context;
};

// Compiles a clause whose cp read columns for which has_index answers true. False when bounds can
// never decide it. The clause is not modified.
bool compile_clause(Node *clause, HasIndex has_index, void *context, CompiledProgram *out,
                    const ForeignParts *parts = nullptr);

// The same for an expression of a number type: a numeric program. An input may be an expression
// that can fail, since it stands where the expression itself would evaluate it: the caller computes
// the bounds of rows only for which the expression would be evaluated without pruning.
bool compile_number(Node *expr, HasIndex has_index, void *context, CompiledProgram *out,
                    const ForeignParts *parts = nullptr);

// Does an expression call cp anywhere?
bool contains_cp(Node *node);
// Could its evaluation raise an error? A function that is not leakproof could, as could a parameter
// that stands for a subquery.
bool can_fail(Node *node);
// Can it be evaluated at another time than the planner has it evaluated, or less often? Not when it
// holds volatile functions or subplans.
bool is_steady(Node *node);

} // namespace mq
