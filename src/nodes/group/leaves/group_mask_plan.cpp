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
List *source_fields(PlannerInfo *root, const FuncExpr *call, Var *mask)
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
    return row_program_fields(root, compiled);
}

// The aggregate in a call of cp. Its arguments are evaluated for every row of every group whatever
// HAVING says, so they may fail. False when nothing is known of it.
bool compile_aggregate(PlannerInfo *root, const FuncExpr *call, const Aggref *agg, Oid mask_type,
                       MaskFields *out)
{
    if (agg->agglevelsup != 0 || agg->aggkind != AGGKIND_NORMAL || agg->aggdistinct != NIL ||
        agg->aggorder != NIL || contains_cp((Node *)agg->args) ||
        contains_cp((Node *)agg->aggfilter))
        return false;
    if (!find_mask_aggregate(root->glob, agg->aggfnoid, mask_type, &out->kind) ||
        list_length(agg->args) != (out->kind == MaskAggregate::sum ? 2 : 1))
        return false;
    const Compared member =
        look_through_comparison((Node *)linitial_node(TargetEntry, agg->args)->expr);
    if (!IsA(member.mask, Var))
        return false;
    out->source = source_fields(root, call, (Var *)member.mask);
    out->member_comparison = member.comparison;
    out->member_threshold = member.threshold;
    if (out->kind == MaskAggregate::sum)
        out->weight = (Node *)lsecond_node(TargetEntry, agg->args)->expr;
    out->filter = (Node *)agg->aggfilter;
    return out->source != NIL;
}

// cp of an aggregate. False when the node is none, or nothing is known of it.
bool compile_call(PlannerInfo *root, Node *node, MaskFields *out)
{
    *out = MaskFields{};
    if (!IsA(node, FuncExpr))
        return false;
    const FuncExpr *call = (FuncExpr *)node;
    const CpFunction f = identify_cp(call->funcid);
    const bool has_roi = f.form == CpForm::mask_roi_range;
    if (f.kind != CpKind::count || (!has_roi && f.form != CpForm::mask_range))
        return false;
    out->roi = has_roi ? (Node *)lsecond(call->args) : nullptr;
    out->lv = (Node *)list_nth(call->args, has_roi ? 2 : 1);
    out->uv = (Node *)list_nth(call->args, has_roi ? 3 : 2);
    const Compared result = look_through_comparison((Node *)linitial(call->args));
    out->result_comparison = result.comparison;
    out->result_threshold = result.threshold;
    return IsA(result.mask, Aggref) && is_harmless(out->roi) && is_harmless(out->lv) &&
           is_harmless(out->uv) && is_harmless(out->result_threshold) &&
           compile_aggregate(root, call, (Aggref *)result.mask, f.mask_type, out);
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
bool compile_share(PlannerInfo *root, Node *node, MaskFields *out)
{
    if (!IsA(node, OpExpr) || ((OpExpr *)node)->opfuncid != F_FLOAT8DIV)
        return false;
    List *args = ((OpExpr *)node)->args;
    Node *divisor = (Node *)lsecond(args), *tamed = look_through_nullif(divisor);
    MaskFields whole;
    if (!compile_call(root, (Node *)linitial(args), out) || out->kind != MaskAggregate::intersect ||
        !compile_call(root, tamed ? tamed : divisor, &whole) || whole.kind != MaskAggregate::unite)
        return false;
    whole.kind = out->kind;
    if (!equal(pack_fields(*out), pack_fields(whole)))
        return false;
    out->share = tamed ? MaskShare::null : MaskShare::error;
    return true;
}

} // namespace

List *compile_mask_leaf(PlannerInfo *root, Node *node, bool *bounded)
{
    // Walkers know no nodes that are only parts of expressions, such as CaseWhen.
    if ((!IsA(node, OpExpr) && !IsA(node, FuncExpr)) || !is_steady(node))
        return NIL;
    MaskFields f;
    *bounded = compile_share(root, node, &f) || compile_call(root, node, &f);
    return *bounded ? pack_fields(f) : NIL;
}

} // namespace mq
