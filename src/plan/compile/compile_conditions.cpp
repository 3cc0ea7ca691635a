// Comparisons, logic and tests.
#include "plan/compile/compiler.h"
#include "pg/compat.h"
#include "plan/catalog/operators.h"

extern "C" {
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
}

namespace mq::compiling
{

static Part compile_comparison(Compiler *c, Oid opno, List *args, bool distinct, bool always)
{
    Mark m = mark(c);
    CompareOp op;
    if (list_length(args) != 2 || !find_comparison(opno, &op))
        return unknown_condition(c, m);
    if (distinct) {
        put_op(c, ProgramOp::is_distinct);
    } else {
        put_op(c, ProgramOp::compare);
        put_u8(c, uint8_t(op));
    }
    Part a = compile_number(c, (Node *)linitial(args), always);
    Part b = a == Part::unknown ? a : compile_number(c, (Node *)lsecond(args), always);
    return join(a, b) == Part::unknown ? unknown_condition(c, m) : join(a, b);
}

// x op ANY (constant array) and x op ALL (constant array), hence IN lists: one comparison an
// element.
static Part compile_array_comparison(Compiler *c, ScalarArrayOpExpr *expr, bool always)
{
    Mark m = mark(c);
    Node *left = (Node *)linitial(expr->args), *right = (Node *)lsecond(expr->args);
    CompareOp op;
    if (!find_comparison(expr->opno, &op) || !IsA(right, Const) || ((Const *)right)->constisnull)
        return unknown_condition(c, m);
    ArrayType *array = DatumGetArrayTypeP(((Const *)right)->constvalue);
    Oid type = ARR_ELEMTYPE(array);
    int16 length;
    bool by_value, *nulls;
    char alignment;
    Datum *elements;
    int n;
    get_typlenbyvalalign(type, &length, &by_value, &alignment);
    deconstruct_array(array, type, length, by_value, alignment, &elements, &nulls, &n);
    if (!is_number_type(type) || type == NUMERICOID || n < 1 || n > 100)
        return unknown_condition(c, m);
    put_op(c, expr->useOr ? ProgramOp::any_of : ProgramOp::all_of);
    put_le<uint16_t>(c, n);
    Part all = Part::plain;
    for (int i = 0; i < n; i++) {
        put_op(c, ProgramOp::compare);
        put_u8(c, uint8_t(op));
        all = join(all, compile_number(c, left, always));
        if (all == Part::unknown)
            return unknown_condition(c, m);
        Const *element = makeConst(type, -1, InvalidOid, length, nulls[i] ? Datum(0) : elements[i],
                                   nulls[i], by_value);
        compile_number_leaf(c, (Node *)element, always);
    }
    return all;
}

static Part compile_bool_expr(Compiler *c, BoolExpr *expr, bool always)
{
    Mark m = mark(c);
    Part any = Part::plain;
    if (expr->boolop == NOT_EXPR) {
        put_op(c, ProgramOp::negate);
        return compile_condition(c, (Node *)linitial(expr->args), always);
    }
    put_op(c, expr->boolop == AND_EXPR ? ProgramOp::all_of : ProgramOp::any_of);
    if (!put_count(c, expr->args))
        return unknown_condition(c, m);
    ListCell *lc;
    foreach (lc, expr->args)
        if (compile_condition(c, (Node *)lfirst(lc), always && lc == list_head(expr->args)) ==
            Part::bounded)
            any = Part::bounded; // an unknown arm next to it leaves it something to decide
    return any;
}

static Part compile_boolean_test(Compiler *c, BooleanTest *expr, bool always)
{
    BoolTest test = BoolTest::is_true;
    switch (expr->booltesttype) {
    case IS_TRUE:
        test = BoolTest::is_true;
        break;
    case IS_NOT_TRUE:
        test = BoolTest::is_not_true;
        break;
    case IS_FALSE:
        test = BoolTest::is_false;
        break;
    case IS_NOT_FALSE:
        test = BoolTest::is_not_false;
        break;
    case IS_UNKNOWN:
        test = BoolTest::is_unknown;
        break;
    case IS_NOT_UNKNOWN:
        test = BoolTest::is_not_unknown;
        break;
    }
    put_op(c, ProgramOp::bool_test);
    put_u8(c, uint8_t(test));
    return compile_condition(c, (Node *)expr->arg, always);
}

static Part compile_null_test(Compiler *c, NullTest *expr, bool always)
{
    Mark m = mark(c);
    Node *arg = (Node *)expr->arg;
    Part p;
    if (expr->nulltesttype == IS_NOT_NULL)
        put_op(c, ProgramOp::negate);
    if (exprType(arg) == BOOLOID) {
        put_op(c, ProgramOp::bool_is_null);
        p = compile_condition(c, arg, always);
    } else {
        put_op(c, ProgramOp::num_is_null);
        p = compile_number(c, arg, always);
    }
    return p == Part::unknown ? unknown_condition(c, m) : p;
}

static Part compile_condition_node(Compiler *c, Node *node, bool always)
{
    switch (nodeTag(node)) {
    case T_BoolExpr:
        return compile_bool_expr(c, (BoolExpr *)node, always);
    case T_OpExpr:
        return compile_comparison(c, ((OpExpr *)node)->opno, ((OpExpr *)node)->args, false, always);
    case T_DistinctExpr:
        return compile_comparison(c, ((DistinctExpr *)node)->opno, ((DistinctExpr *)node)->args,
                                  true, always);
    case T_ScalarArrayOpExpr:
        return compile_array_comparison(c, (ScalarArrayOpExpr *)node, always);
    case T_BooleanTest:
        return compile_boolean_test(c, (BooleanTest *)node, always);
    case T_NullTest:
        return compile_null_test(c, (NullTest *)node, always);
    case T_CaseExpr:
        return compile_case(c, (CaseExpr *)node, false, always);
    default:
        return unknown_condition(c, mark(c));
    }
}

Part compile_condition(Compiler *c, Node *node, bool always)
{
    if (exprType(node) != BOOLOID || c->depth >= kMaxProgramDepth - 2)
        return unknown_condition(c, mark(c));
    if (!is_composed(c, node))
        return compile_condition_leaf(c, node, always);
    c->depth++;
    Part p = compile_condition_node(c, node, always);
    c->depth--;
    return p;
}

} // namespace mq::compiling
