// Arithmetic, casts and choices among numbers.
#include "plan/compile/compiler.h"
#include "pg/compat.h"
#include "plan/catalog/operators.h"

extern "C" {
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

namespace mq::compiling
{

Part join(Part a, Part b)
{
    if (a == Part::unknown || b == Part::unknown)
        return Part::unknown;
    return a == Part::bounded || b == Part::bounded ? Part::bounded : Part::plain;
}

Part compile_binary_number(Compiler *c, Mark m, List *args, bool always)
{
    Part a = compile_number(c, (Node *)linitial(args), always);
    Part b = a == Part::unknown ? a : compile_number(c, (Node *)lsecond(args), always);
    return join(a, b) == Part::unknown ? unknown_number(c, m) : join(a, b);
}

// numeric(p, s) and round(numeric, n): rounding to decimal digits that a constant names.
static Part compile_numeric_round(Compiler *c, Mark m, Oid funcid, List *args, bool always)
{
    Node *second = (Node *)lsecond(args);
    if (!IsA(second, Const) || ((Const *)second)->constisnull)
        return unknown_number(c, m);
    int32 value = DatumGetInt32(((Const *)second)->constvalue);
    int32 precision = 0, scale = value;
    if (funcid == F_NUMERIC_NUMERIC_INT4) {
        int32 typmod = value - VARHDRSZ;
        if (typmod < 0)
            return unknown_number(c, m);
        // As numeric_typmod_precision and numeric_typmod_scale do.
        precision = (typmod >> 16) & 0xffff;
        scale = ((typmod & 0x7ff) ^ 1024) - 1024;
    }
    put_op(c, ProgramOp::cast);
    put_u8(c, uint8_t(CastOp::numeric_round));
    put_le<int32_t>(c, precision);
    put_le<int32_t>(c, scale);
    Part a = compile_number(c, (Node *)linitial(args), always);
    return a == Part::unknown ? unknown_number(c, m) : a;
}

static Part compile_function(Compiler *c, Node *node, Oid funcid, List *args, bool always)
{
    Mark m = mark(c);
    ArithOp arith;
    UnaryOp unary;
    CastOp cast;
    NumKind kind;

    if (IsA(node, FuncExpr)) {
        CpFunction f = identify_cp(funcid);
        if (f.form != CpForm::none)
            return compile_cp(c, (FuncExpr *)node, f, always);
    }
    if (list_length(args) == 2 && find_arithmetic(funcid, &arith, &kind)) {
        put_op(c, ProgramOp::arith);
        put_u8(c, uint8_t(arith));
        put_u8(c, uint8_t(kind));
        return compile_binary_number(c, m, args, always);
    }
    if (funcid == F_NUMERIC_NUMERIC_INT4 || funcid == F_ROUND_NUMERIC_INT4)
        return compile_numeric_round(c, m, funcid, args, always);
    if (list_length(args) != 1)
        return unknown_number(c, m);
    if (find_unary(funcid, &unary, &kind)) {
        put_op(c, ProgramOp::unary);
        put_u8(c, uint8_t(unary));
        put_u8(c, uint8_t(kind));
    } else if (find_cast(funcid, &cast)) {
        put_op(c, ProgramOp::cast);
        put_u8(c, uint8_t(cast));
        put_le<int32_t>(c, 0);
        put_le<int32_t>(c, 0);
    } else {
        return unknown_number(c, m);
    }
    Part a = compile_number(c, (Node *)linitial(args), always);
    return a == Part::unknown ? unknown_number(c, m) : a;
}

Part compile_list(Compiler *c, Mark m, List *args, bool always, bool always_rest)
{
    Part all = Part::plain;
    if (!put_count(c, args))
        return unknown_number(c, m);
    ListCell *lc;
    foreach (lc, args) {
        all = join(all, compile_number(c, (Node *)lfirst(lc),
                                       always && (always_rest || lc == list_head(args))));
        if (all == Part::unknown)
            return unknown_number(c, m);
    }
    return all;
}

Part compile_case(Compiler *c, CaseExpr *expr, bool number, bool always)
{
    Mark m = mark(c);
    Part any = Part::plain;
    auto arm = [&](Node *node, bool reached) {
        Part p = number ? compile_number(c, node, reached) : compile_condition(c, node, reached);
        if (p == Part::bounded)
            any = p;
    };
    put_op(c, number ? ProgramOp::case_num : ProgramOp::case_bool);
    if (expr->arg != nullptr || !put_count(c, expr->args))
        return number ? unknown_number(c, m) : unknown_condition(c, m);
    ListCell *lc;
    foreach (lc, expr->args) {
        CaseWhen *when = lfirst_node(CaseWhen, lc);
        if (compile_condition(c, (Node *)when->expr, always && lc == list_head(expr->args)) ==
            Part::bounded)
            any = Part::bounded;
        arm((Node *)when->result, false);
    }
    arm((Node *)expr->defresult, false);
    return any;
}

static Part compile_number_node(Compiler *c, Node *node, bool always)
{
    Mark m = mark(c);
    switch (nodeTag(node)) {
    case T_FuncExpr:
        return compile_function(c, node, ((FuncExpr *)node)->funcid, ((FuncExpr *)node)->args,
                                always);
    case T_OpExpr:
        return compile_function(c, node, ((OpExpr *)node)->opfuncid, ((OpExpr *)node)->args,
                                always);
    case T_RelabelType:
        return compile_number(c, (Node *)((RelabelType *)node)->arg, always);
    case T_NullIfExpr: {
        CompareOp op;
        if (!find_comparison(((NullIfExpr *)node)->opno, &op) || op != CompareOp::eq)
            return unknown_number(c, m);
        put_op(c, ProgramOp::null_if);
        return compile_binary_number(c, m, ((NullIfExpr *)node)->args, always);
    }
    case T_MinMaxExpr:
        put_op(c, ProgramOp::min_max);
        put_u8(c, ((MinMaxExpr *)node)->op == IS_GREATEST);
        return compile_list(c, m, ((MinMaxExpr *)node)->args, always, true);
    case T_CoalesceExpr:
        put_op(c, ProgramOp::coalesce);
        return compile_list(c, m, ((CoalesceExpr *)node)->args, always, false);
    case T_CaseExpr:
        return compile_case(c, (CaseExpr *)node, true, always);
    default:
        return unknown_number(c, m);
    }
}

Part compile_number(Compiler *c, Node *node, bool always)
{
    if (!is_number_type(exprType(node)) || c->depth >= kMaxProgramDepth - 2)
        return unknown_number(c, mark(c));
    if (!is_composed(c, node))
        return compile_number_leaf(c, node, always);
    Part p;
    if (compile_part(c, node, &p))
        return p;
    c->depth++;
    p = compile_number_node(c, node, always);
    c->depth--;
    return p;
}

} // namespace mq::compiling
