// Compiles a boolean clause, or a number, into a bound program (src/core/program).
//
// Parts without cp become *inputs*: they are arguments of the guard and the executor evaluates them
// as it always does. That is only allowed where it changes nothing: an input is evaluated even when
// the clause itself would have stopped before reaching it, so an expression that could raise an
// error becomes an input only in a place that is evaluated whenever the clause is (`always`), and a
// volatile one, or one with a subplan, never does. What cannot be an input is compiled as unknown,
// with an error among its outcomes unless it is leakproof.
#include "core/program/program.h"
#include "planner/planner.h"

extern "C" {
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

#include "pg/compat.h"
#include "roi/roi.h"

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

namespace
{

struct Compiler {
    StringInfoData code;
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

Part compile_number(Compiler *c, Node *node, bool always);
Part compile_condition(Compiler *c, Node *node, bool always);

// ---- emitting ----

void put_u8(Compiler *c, uint8_t v)
{
    appendBinaryStringInfo(&c->code, (const char *)&v, 1);
}
void put_op(Compiler *c, ProgramOp op)
{
    put_u8(c, uint8_t(op));
}
template <typename T> void put_le(Compiler *c, T v)
{
    uint8_t bytes[sizeof(T)];
    store_le<T>(bytes, v);
    appendBinaryStringInfo(&c->code, (const char *)bytes, sizeof(T));
}

// A position to come back to when a part turns out to be unknown.
struct Mark {
    int code_length;
    int sites;
};
Mark mark(Compiler *c)
{
    return Mark{c->code.len, c->sites};
}
void rewind_to(Compiler *c, Mark m)
{
    // Inputs and sources that only the abandoned part used stay behind unused: they are safe to
    // evaluate.
    c->code.len = m.code_length;
    c->sites = m.sites;
    c->cp_calls = list_truncate(c->cp_calls, m.sites);
}

Part unknown_number(Compiler *c, Mark m, uint8_t may = kMayAnything)
{
    rewind_to(c, m);
    put_op(c, ProgramOp::unknown_num);
    put_u8(c, may);
    return Part::unknown;
}
Part unknown_condition(Compiler *c, Mark m, uint8_t outcomes = kAnyOutcome)
{
    rewind_to(c, m);
    put_op(c, ProgramOp::unknown_bool);
    put_u8(c, outcomes);
    return Part::unknown;
}

// ---- what a node holds ----

bool is_number_type(Oid type)
{
    switch (type) {
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case FLOAT4OID:
    case FLOAT8OID:
    case NUMERICOID:
        return true;
    default:
        return false;
    }
}

bool can_be_input(Node *node, bool always)
{
    return !contain_volatile_functions(node) && !contain_subplans(node) &&
           !expression_returns_set(node) && !contain_agg_clause(node) &&
           (always || !can_fail(node));
}

// Number of the input for an expression; equal expressions share one. -1 when there is no room.
int add_input(Compiler *c, Node *node, InputKind kind)
{
    ListCell *lc;
    foreach (lc, c->inputs) {
        int i = foreach_current_index(lc);
        if (c->input_kinds[i] == uint8_t(kind) && equal(lfirst(lc), node))
            return i;
    }
    int n = list_length(c->inputs);
    if (n == kMaxInputs)
        return -1;
    c->inputs = lappend(c->inputs, copy_node(node));
    c->input_kinds[n] = uint8_t(kind);
    return n;
}

int add_source(Compiler *c, Var *mask)
{
    ListCell *lc;
    foreach (lc, c->sources)
        if (equal(lfirst(lc), mask))
            return foreach_current_index(lc);
    if (list_length(c->sources) == kMaxSources)
        return -1;
    c->sources = lappend(c->sources, copy_node(mask));
    return list_length(c->sources) - 1;
}

// ---- leaves ----

Part compile_number_leaf(Compiler *c, Node *node, bool always)
{
    Mark m = mark(c);
    uint8_t may = can_fail(node) ? kMayAnything : kMayValue | kMayNull;

    if (!is_number_type(exprType(node)))
        return unknown_number(c, m, may);
    if (IsA(node, Const)) {
        Const *k = (Const *)node;
        if (k->constisnull) {
            put_op(c, ProgramOp::unknown_num);
            put_u8(c, kMayNull);
            return Part::plain;
        }
        if (k->consttype != NUMERICOID) {
            ProgramInput in;
            load_input(InputKind::num, k->consttype, k->constvalue, false, &in);
            if (is_any(in.num))
                return unknown_number(c, m, kMayValue);
            put_op(c, ProgramOp::const_num);
            put_le<double>(c, in.num.lo);
            return Part::plain;
        }
    }
    if (!can_be_input(node, always))
        return unknown_number(c, m, may);
    int i = add_input(c, node, InputKind::num);
    if (i < 0)
        return unknown_number(c, m, may);
    put_op(c, ProgramOp::input_num);
    put_le<uint16_t>(c, i);
    return Part::plain;
}

Part compile_condition_leaf(Compiler *c, Node *node, bool always)
{
    Mark m = mark(c);
    uint8_t outcomes = can_fail(node) ? kAnyOutcome : kTrue | kFalse | kNull;

    if (IsA(node, Const)) {
        Const *k = (Const *)node;
        put_op(c, ProgramOp::const_bool);
        put_u8(c, k->constisnull ? kNull : DatumGetBool(k->constvalue) ? kTrue : kFalse);
        return Part::plain;
    }
    int i = can_be_input(node, always) ? add_input(c, node, InputKind::boolean) : -1;
    if (i < 0)
        return unknown_condition(c, m, outcomes);
    put_op(c, ProgramOp::input_bool);
    put_le<uint16_t>(c, i);
    return Part::plain;
}

// Is there something in the node that an input cannot stand for?
bool is_composed(const Compiler *c, Node *node)
{
    return contains_cp(node) || (c->parts && contain_agg_clause(node));
}

// A part that somebody else bounds, as an input. False when it is none, or when there is no room.
bool compile_part(Compiler *c, Node *node, Part *part)
{
    bool bounded = false;
    if (c->parts == nullptr || !c->parts->is_part(node, c->parts->context, &bounded))
        return false;
    int i = add_input(c, node, InputKind::num);
    if (i < 0)
        return false;
    put_op(c, ProgramOp::input_num);
    put_le<uint16_t>(c, i);
    *part = bounded ? Part::bounded : Part::plain;
    return true;
}

// ---- cp ----

// lv or uv: a float8 constant or input.
bool put_threshold(Compiler *c, Node *node, bool always)
{
    if (exprType(node) != FLOAT8OID)
        return false;
    if (IsA(node, Const) && !((Const *)node)->constisnull) {
        put_u8(c, 0);
        put_le<double>(c, DatumGetFloat8(((Const *)node)->constvalue));
        return true;
    }
    int i = can_be_input(node, always) ? add_input(c, node, InputKind::num) : -1;
    if (i < 0)
        return false;
    put_u8(c, 1);
    put_le<uint16_t>(c, i);
    return true;
}

bool put_roi(Compiler *c, Node *node, bool always)
{
    Roi roi = kFullRoi;
    if (node == nullptr || (IsA(node, Const) && !((Const *)node)->constisnull)) {
        if (node)
            roi = datum_get_roi(((Const *)node)->constvalue);
        put_u8(c, 0);
        put_le<int32_t>(c, roi.x1);
        put_le<int32_t>(c, roi.y1);
        put_le<int32_t>(c, roi.x2);
        put_le<int32_t>(c, roi.y2);
        return true;
    }
    int i = can_be_input(node, always) ? add_input(c, node, InputKind::roi) : -1;
    if (i < 0)
        return false;
    put_u8(c, 1);
    put_le<uint16_t>(c, i);
    return true;
}

// Number of the source for a mask argument; -1 when it is no column with an index.
int mask_source(Compiler *c, Node *mask)
{
    if (!IsA(mask, Var))
        return -1;
    Var *var = (Var *)mask;
    if (var->varlevelsup != 0 || var->varattno <= 0 || !c->has_index(var, c->context))
        return -1;
    return add_source(c, var);
}

// mask_iou(mask, mask, threshold) and mask_iomin.
Part compile_overlap(Compiler *c, FuncExpr *call, CpKind kind, bool always)
{
    Mark m = mark(c);
    int a = mask_source(c, (Node *)linitial(call->args)),
        b = a < 0 ? a : mask_source(c, (Node *)lsecond(call->args));
    if (b < 0)
        return unknown_number(c, m);
    put_op(c, ProgramOp::overlap);
    put_u8(c, uint8_t(kind == CpKind::iou ? OverlapKind::iou : OverlapKind::iomin));
    put_u8(c, a);
    put_u8(c, b);
    put_le<uint16_t>(c, c->sites);
    if (!put_threshold(c, (Node *)lthird(call->args), always))
        return unknown_number(c, m);
    c->sites++;
    c->cp_calls = lappend(c->cp_calls, call);
    return Part::bounded;
}

// cp and pixel_sum.
Part compile_cp(Compiler *c, FuncExpr *call, const CpFunction &f, bool always)
{
    Mark m = mark(c);
    if (f.form == CpForm::masks_threshold)
        return compile_overlap(c, call, f.kind, always);
    if (f.form == CpForm::mask_roi_record || f.form == CpForm::mask_record)
        return unknown_number(c, m); // a record that is no row constructor
    const bool has_roi = f.form == CpForm::mask_roi_range || f.form == CpForm::mask_roi,
               has_range = f.form == CpForm::mask_roi_range || f.form == CpForm::mask_range;
    int source = mask_source(c, (Node *)linitial(call->args));
    if (source < 0)
        return unknown_number(c, m);
    put_op(c, f.kind == CpKind::count ? ProgramOp::cp : ProgramOp::pixel_sum);
    put_u8(c, source);
    put_le<uint16_t>(c, c->sites);
    if (!put_roi(c, has_roi ? (Node *)lsecond(call->args) : nullptr, always))
        return unknown_number(c, m);
    for (int i = 0; i < 2; i++) {
        if (!has_range) { // all values
            put_u8(c, 0);
            put_le<double>(c, i == 0 ? -HUGE_VAL : HUGE_VAL);
        } else if (!put_threshold(c, (Node *)list_nth(call->args, (has_roi ? 2 : 1) + i), always)) {
            return unknown_number(c, m);
        }
    }
    c->sites++;
    c->cp_calls = lappend(c->cp_calls, call);
    return Part::bounded;
}

// ---- numbers ----

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
Part compile_numeric_round(Compiler *c, Mark m, Oid funcid, List *args, bool always)
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

Part compile_function(Compiler *c, Node *node, Oid funcid, List *args, bool always)
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

// GREATEST, LEAST (every argument is evaluated) and COALESCE (only the first always is).
Part compile_list(Compiler *c, Mark m, List *args, bool always, bool always_rest)
{
    Part all = Part::plain;
    put_le<uint16_t>(c, list_length(args));
    ListCell *lc;
    foreach (lc, args) {
        all = join(all, compile_number(c, (Node *)lfirst(lc),
                                       always && (always_rest || lc == list_head(args))));
        if (all == Part::unknown)
            return unknown_number(c, m);
    }
    return all;
}

// CASE WHEN condition THEN ... ELSE ... END; not CASE x WHEN value.
Part compile_case(Compiler *c, CaseExpr *expr, bool number, bool always)
{
    Mark m = mark(c);
    Part any = Part::plain;
    auto arm = [&](Node *node, bool reached) {
        Part p = number ? compile_number(c, node, reached) : compile_condition(c, node, reached);
        if (p == Part::bounded)
            any = p;
    };
    if (expr->arg != nullptr)
        return number ? unknown_number(c, m) : unknown_condition(c, m);
    put_op(c, number ? ProgramOp::case_num : ProgramOp::case_bool);
    put_le<uint16_t>(c, list_length(expr->args));
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

Part compile_number_node(Compiler *c, Node *node, bool always)
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

// ---- conditions ----

Part compile_comparison(Compiler *c, Oid opno, List *args, bool distinct, bool always)
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
Part compile_array_comparison(Compiler *c, ScalarArrayOpExpr *expr, bool always)
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

Part compile_bool_expr(Compiler *c, BoolExpr *expr, bool always)
{
    Part any = Part::plain;
    if (expr->boolop == NOT_EXPR) {
        put_op(c, ProgramOp::negate);
        return compile_condition(c, (Node *)linitial(expr->args), always);
    }
    put_op(c, expr->boolop == AND_EXPR ? ProgramOp::all_of : ProgramOp::any_of);
    put_le<uint16_t>(c, list_length(expr->args));
    ListCell *lc;
    foreach (lc, expr->args)
        if (compile_condition(c, (Node *)lfirst(lc), always && lc == list_head(expr->args)) ==
            Part::bounded)
            any = Part::bounded; // an unknown arm next to it leaves it something to decide
    return any;
}

Part compile_boolean_test(Compiler *c, BooleanTest *expr, bool always)
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

Part compile_null_test(Compiler *c, NullTest *expr, bool always)
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

Part compile_condition_node(Compiler *c, Node *node, bool always)
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

} // namespace

// Both kinds of program: header, inputs, then the code compiled so far.
static void finish_program(const Compiler &c, CompiledProgram *out)
{
    StringInfoData program;
    initStringInfo(&program);
    int n_inputs = list_length(c.inputs);
    uint8_t header[4] = {kProgramVersion, uint8_t(list_length(c.sources))};
    store_le<uint16_t>(header + 2, n_inputs);
    appendBinaryStringInfo(&program, (const char *)header, sizeof header);
    appendBinaryStringInfo(&program, (const char *)c.input_kinds, n_inputs);
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
    Compiler c = {};
    initStringInfo(&c.code);
    c.has_index = has_index;
    c.context = context;
    c.parts = parts;
    if (compile_condition(&c, clause, true) != Part::bounded)
        return false;
    finish_program(c, out);
    return true;
}

bool compile_number(Node *expr, HasIndex has_index, void *context, CompiledProgram *out,
                    const ForeignParts *parts)
{
    if (!contains_cp(expr))
        return false;
    Compiler c = {};
    initStringInfo(&c.code);
    c.has_index = has_index;
    c.context = context;
    c.parts = parts;
    if (compile_number(&c, expr, true) != Part::bounded)
        return false;
    finish_program(c, out);
    return true;
}

} // namespace mq
