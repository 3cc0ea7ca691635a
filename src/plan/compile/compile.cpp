// Compiles a boolean clause, or a number, into a bound program (src/core/program).
//
// Parts without cp become *inputs*: they are arguments of the guard and the executor evaluates them
// as it always does. That is only allowed where it changes nothing: an input is evaluated even when
// the clause itself would have stopped before reaching it, so an expression that could raise an
// error becomes an input only in a place that is evaluated whenever the clause is (`always`), and a
// volatile one, or one with a subplan, never does. What cannot be an input is compiled as unknown,
// with an error among its outcomes unless it is leakproof.
#include "plan/compile/compiler.h"

extern "C" {
#include "lib/stringinfo.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
}

#include "pg/compat.h"

namespace mq
{

static bool contains_cp_walker(Node *node, void *)
{
    if (node == nullptr)
        return false;
    if (IsA(node, FuncExpr) && identify_cp(((FuncExpr *)node)->funcid).form != CpForm::none)
        return true;
    return walk_expression(node, contains_cp_walker, nullptr);
}
bool contains_cp(Node *node)
{
    return contains_cp_walker(node, nullptr);
}

static bool is_not_leakproof(Oid funcid, void *)
{
    return !get_func_leakproof(funcid);
}

// Could the evaluation of an expression raise an error? Unlike contain_leaked_vars() this also asks
// about functions of parameters alone (1 / $1), and about parameters that stand for a subquery,
// which is run when they are first read.
static bool can_fail_walker(Node *node, void *)
{
    if (node == nullptr)
        return false;
    switch (nodeTag(node)) {
    case T_Param:
        return ((Param *)node)->paramkind != PARAM_EXTERN;
    case T_FuncExpr:
    case T_OpExpr:
    case T_DistinctExpr:
    case T_NullIfExpr:
    case T_ScalarArrayOpExpr:
        if (check_functions_in_node(node, is_not_leakproof, nullptr))
            return true;
        break;
    case T_Var:
    case T_Const:
    case T_List:
    case T_RelabelType:
    case T_BoolExpr:
    case T_NullTest:
    case T_BooleanTest:
    case T_CaseExpr:
    case T_CaseWhen:
    case T_CaseTestExpr:
    case T_CoalesceExpr:
        break;
    default:
        return true;
    }
    return walk_expression(node, can_fail_walker, nullptr);
}
bool can_fail(Node *node)
{
    return can_fail_walker(node, nullptr);
}

bool is_steady(Node *node)
{
    return !contain_volatile_functions(node) && !contain_subplans(node);
}

// Both kinds of program: header, inputs, leaves, then the expression.
static void finish_program(const compiling::Compiler &c, CompiledProgram *out)
{
    StringInfoData program;
    initStringInfo(&program);
    int n_inputs = list_length(c.inputs);
    uint8_t header[kProgramHeaderSize] = {kProgramVersion, uint8_t(list_length(c.sources))};
    store_le<uint16_t>(header + 2, n_inputs);
    store_le<uint16_t>(header + 4, c.sites);
    appendBinaryStringInfo(&program, (const char *)header, sizeof header);
    appendBinaryStringInfo(&program, (const char *)c.input_kinds, n_inputs);
    appendBinaryStringInfo(&program, c.leaves.data, c.leaves.len);
    appendBinaryStringInfo(&program, c.code.data, c.code.len);

    out->program = (bytea *)palloc(VARHDRSZ + program.len);
    SET_VARSIZE(out->program, VARHDRSZ + program.len);
    memcpy(VARDATA(out->program), program.data, program.len);
    out->sources = c.sources;
    out->inputs = c.inputs;
    out->cp_calls = c.cp_calls;
}

bool compile_clause(Node *clause, HasIndex has_index, void *context, CompiledProgram *out,
                    const ForeignParts *parts)
{
    if (!contains_cp(clause))
        return false;
    compiling::Compiler c = {};
    initStringInfo(&c.code);
    initStringInfo(&c.leaves);
    c.has_index = has_index;
    c.context = context;
    c.parts = parts;
    if (compiling::compile_condition(&c, clause, true) != compiling::Part::bounded)
        return false;
    finish_program(c, out);
    return true;
}

bool compile_number(Node *expr, HasIndex has_index, void *context, CompiledProgram *out,
                    const ForeignParts *parts)
{
    if (!contains_cp(expr))
        return false;
    compiling::Compiler c = {};
    initStringInfo(&c.code);
    initStringInfo(&c.leaves);
    c.has_index = has_index;
    c.context = context;
    c.parts = parts;
    if (compiling::compile_number(&c, expr, true) != compiling::Part::bounded)
        return false;
    finish_program(c, out);
    return true;
}

} // namespace mq
