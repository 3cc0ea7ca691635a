// Recognises cp over an aggregate of masks, and the share of an intersection in a union, in an
// expression over groups.
#include "nodes/group/leaves/group_mask.h"
#include "plan/catalog/functions.h"
#include "plan/catalog/mask_functions.h"
#include "plan/catalog/operators.h"
#include "plan/mask_columns.h"
#include "types/roi/roi.h"

extern "C" {
#include "catalog/pg_aggregate.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "utils/fmgroids.h"
}

#include "pg/compat.h"

namespace mq
{

namespace
{

Const *make_number(int n)
{
    return makeConst(INT4OID, -1, InvalidOid, 4, Int32GetDatum(n), false, true);
}

// `mask > t`, in either order: what is compared and with what.
struct Compared {
    int comparison; // -1: the node is none, and mask the node itself
    Node *mask, *threshold;
};

Compared look_through_comparison(Node *node)
{
    Oid funcid = IsA(node, OpExpr)     ? ((OpExpr *)node)->opfuncid
                 : IsA(node, FuncExpr) ? ((FuncExpr *)node)->funcid
                                       : InvalidOid;
    Comparison comparison;
    bool mask_first;
    if (!OidIsValid(funcid) || !find_mask_comparison(funcid, &comparison, &mask_first))
        return Compared{-1, node, nullptr};
    List *args = IsA(node, OpExpr) ? ((OpExpr *)node)->args : ((FuncExpr *)node)->args;
    return Compared{int(comparison), (Node *)list_nth(args, mask_first ? 0 : 1),
                    (Node *)list_nth(args, mask_first ? 1 : 0)};
}

// Of the group, and harmless to evaluate before it is known whether PostgreSQL will.
bool is_harmless(Node *node)
{
    return node == nullptr || (!contain_agg_clause(node) && !can_fail(node));
}

// cp of the whole column: a program that makes the executor look up the members' entries.
List *source_parts(PlannerInfo *root, const FuncExpr *call, Var *mask)
{
    FuncExpr *cp = (FuncExpr *)copy_node(call);
    cp->args = list_make1(mask);
    for (int i = 1; i < list_length(call->args); i++) {
        Node *arg = (Node *)list_nth(call->args, i);
        if (exprType(arg) == FLOAT8OID)
            cp->args = lappend(cp->args, makeConst(FLOAT8OID, -1, InvalidOid, 8, Float8GetDatum(0),
                                                   false, FLOAT8PASSBYVAL));
        else
            cp->args = lappend(cp->args, makeConst(exprType(arg), -1, InvalidOid, sizeof(Roi),
                                                   roi_get_datum(kFullRoi), false, false));
    }
    CompiledProgram compiled;
    if (!compile_number((Node *)cp, column_has_index, root, &compiled))
        return NIL;
    return row_program_parts(root, compiled);
}

// cp of an aggregate.
List *compile_call(PlannerInfo *root, Node *node)
{
    if (!IsA(node, FuncExpr))
        return NIL;
    const FuncExpr *call = (FuncExpr *)node;
    const CpFunction f = identify_cp(call->funcid);
    const bool has_roi = f.form == CpForm::mask_roi_range;
    if (f.kind != CpKind::count || (!has_roi && f.form != CpForm::mask_range))
        return NIL;
    Node *roi = has_roi ? (Node *)lsecond(call->args) : nullptr,
         *lv = (Node *)list_nth(call->args, has_roi ? 2 : 1),
         *uv = (Node *)list_nth(call->args, has_roi ? 3 : 2);
    const Compared result = look_through_comparison((Node *)linitial(call->args));
    if (!IsA(result.mask, Aggref) || !is_harmless(roi) || !is_harmless(lv) || !is_harmless(uv) ||
        !is_harmless(result.threshold))
        return NIL;

    // Its arguments are evaluated for every row of every group whatever HAVING says, so they may
    // fail.
    const Aggref *agg = (Aggref *)result.mask;
    MaskAggregate kind;
    if (agg->agglevelsup != 0 || agg->aggkind != AGGKIND_NORMAL || agg->aggdistinct != NIL ||
        agg->aggorder != NIL || contains_cp((Node *)agg->args) ||
        contains_cp((Node *)agg->aggfilter))
        return NIL;
    if (!find_mask_aggregate(root->glob, agg->aggfnoid, f.mask_type, &kind) ||
        list_length(agg->args) != (kind == MaskAggregate::sum ? 2 : 1))
        return NIL;
    const Compared member =
        look_through_comparison((Node *)linitial_node(TargetEntry, agg->args)->expr);
    if (!IsA(member.mask, Var))
        return NIL;
    List *source = source_parts(root, call, (Var *)member.mask);
    if (source == NIL)
        return NIL;
    Node *weight =
        kind == MaskAggregate::sum ? (Node *)lsecond_node(TargetEntry, agg->args)->expr : nullptr;
    List *parts =
        list_make5(make_number(int(kind)), make_number(int(MaskShare::none)),
                   make_number(member.comparison), make_number(result.comparison), source);
    parts = list_concat(parts, list_make5(member.threshold, weight, agg->aggfilter, roi, lv));
    return lappend(lappend(parts, uv), result.threshold);
}

template <typename T> T *part(List *parts, MaskPart p)
{
    return (T *)list_nth(parts, int(p));
}

void set_number(List *parts, MaskPart p, int n)
{
    lfirst(list_nth_cell(parts, int(p))) = make_number(n);
}

bool is_kind(List *parts, MaskAggregate kind)
{
    return parts != NIL &&
           DatumGetInt32(part<Const>(parts, MaskPart::kind)->constvalue) == int(kind);
}

// nullif(x, 0): x; null when the node is something else.
Node *look_through_nullif(Node *node)
{
    CompareOp op;
    if (!IsA(node, NullIfExpr) || !find_comparison(((NullIfExpr *)node)->opno, &op) ||
        op != CompareOp::eq)
        return nullptr;
    const Const *zero = (Const *)lsecond(((NullIfExpr *)node)->args);
    if (!IsA(zero, Const) || zero->constisnull || zero->consttype != FLOAT8OID ||
        DatumGetFloat8(zero->constvalue) != 0)
        return nullptr;
    return (Node *)linitial(((NullIfExpr *)node)->args);
}

// cp(mask_intersect(...), ...) / cp(mask_union(...), ...), all else being equal.
List *compile_share(PlannerInfo *root, Node *node)
{
    if (!IsA(node, OpExpr) || ((OpExpr *)node)->opfuncid != F_FLOAT8DIV)
        return NIL;
    List *args = ((OpExpr *)node)->args;
    Node *divisor = (Node *)lsecond(args), *tamed = look_through_nullif(divisor);
    List *parts = compile_call(root, (Node *)linitial(args));
    if (!is_kind(parts, MaskAggregate::intersect))
        return NIL;
    List *whole = compile_call(root, tamed ? tamed : divisor);
    if (!is_kind(whole, MaskAggregate::unite))
        return NIL;
    set_number(whole, MaskPart::kind, int(MaskAggregate::intersect));
    if (!equal(parts, whole))
        return NIL;
    set_number(parts, MaskPart::share, int(tamed ? MaskShare::null : MaskShare::error));
    return parts;
}

} // namespace

List *compile_mask_leaf(PlannerInfo *root, Node *node, bool *bounded)
{
    // Walkers know no nodes that are only parts of expressions, such as CaseWhen.
    if ((!IsA(node, OpExpr) && !IsA(node, FuncExpr)) || !is_steady(node))
        return NIL;
    List *parts = compile_share(root, node);
    if (parts == NIL)
        parts = compile_call(root, node);
    *bounded = parts != NIL;
    return parts;
}

} // namespace mq
