// Puts guards around the clauses of a query level.
//
// Where: when a level's tables are known and its clauses have not been handed out to them yet
// (hooks.cpp). So the clauses are edited in place in root->parse->jointree, and all that follows
// (placing a clause at its join, equivalence with partitions' children, parallel plans,
// EvalPlanQual) treats a guard like any other clause.
//
// A clause C becomes  chi_possible(...) AND (chi_certain(...) OR C).  Two functions and not a CASE,
// so that AND and OR still are what the planner sees.
#include "plan/rewrite.h"

#include "pg/compat.h"
#include "plan/catalog/functions.h"
#include "plan/mask_columns.h"
#include "plan/settings.h"

extern "C" {
#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pg_list.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
}

namespace mq
{

namespace
{

struct Rewriter {
    const Planning *planning;
    GuardFunctions functions;
};

Expr *make_guard(Oid funcid, List *first, const CompiledProgram *clause)
{
    List *args = list_copy(first);
    ListCell *lc;
    foreach (lc, clause->sources) {
        const Var *mask = (const Var *)lfirst(lc);
        args = lappend(args, system_column(mask, TableOidAttributeNumber, OIDOID));
        args = lappend(args, system_column(mask, SelfItemPointerAttributeNumber, TIDOID));
        args = lappend(args, copy_node(mask));
    }
    args = list_concat(args, copy_node(clause->inputs));
    return (Expr *)makeFuncExpr(funcid, BOOLOID, args, InvalidOid, InvalidOid,
                                COERCE_EXPLICIT_CALL);
}

// Is the clause, or one side of it, what an index of a table is built on or limited to? Then the
// index can answer it as it is, and a guard around it would hide it.
bool index_matches_walker(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    List *wanted = (List *)context;
    if (list_member(wanted, node))
        return true;
    return walk_expression(node, index_matches_walker, context);
}

bool serves_index_of(const RelOptInfo *rel, Node *clause)
{
    ListCell *lc;
    foreach (lc, rel->indexlist) {
        IndexOptInfo *index = (IndexOptInfo *)lfirst(lc);
        if (index->indexprs && index_matches_walker(clause, index->indexprs))
            return true;
        if (index->indpred && index_matches_walker(clause, index->indpred))
            return true;
    }
    return false;
}

// Is the clause an equality of two relations' values? A hash or merge join needs it as it is: a
// FULL JOIN can be done in no other way, and a nested loop looks at each pair of rows.
bool drives_join(PlannerInfo *root, Node *clause)
{
    if (!IsA(clause, OpExpr) || list_length(((OpExpr *)clause)->args) != 2)
        return false;
    const OpExpr *op = (OpExpr *)clause;
    Node *left = (Node *)linitial(op->args), *right = (Node *)lsecond(op->args);
    const Oid type = exprType(left);
    if (!op_mergejoinable(op->opno, type) && !op_hashjoinable(op->opno, type))
        return false;
    Relids a = pull_varnos(root, left), b = pull_varnos(root, right);
    return !bms_is_empty(a) && !bms_is_empty(b) && !bms_overlap(a, b);
}

bool serves_other_index(const Planning *planning, Node *clause)
{
    ListCell *lc;
    foreach (lc, planning->tables)
        if (serves_index_of((const RelOptInfo *)lfirst(lc), clause))
            return true;
    return false;
}

// Appends what a clause turns into.
List *guard_clause(Rewriter *r, List *result, Node *clause)
{
    PlannerInfo *root = r->planning->root;
    CompiledProgram compiled;
    if (drives_join(root, clause) || !compile_clause(clause, column_has_index, root, &compiled) ||
        serves_other_index(r->planning, clause))
        return lappend(result, clause);

    bytea *datum = make_program_of(root, &compiled);
    List *program = list_make1(makeConst(r->functions.program_type, -1, InvalidOid, -1,
                                         PointerGetDatum(datum), false, false));
    if (verify_bounds) {
        List *first = lappend(list_copy(program), clause);
        return lappend(result, make_guard(r->functions.verified, first, &compiled));
    }
    result = lappend(result, make_guard(r->functions.possible, program, &compiled));
    Expr *certain = make_guard(r->functions.certain, program, &compiled);
    Expr *undecided = make_guard(r->functions.undecided, program, &compiled);
    return lappend(
        result, make_orclause(list_make2(certain, make_andclause(list_make2(undecided, clause)))));
}

// Quals are implicitly ANDed lists by now.
Node *guard_quals(Rewriter *r, Node *quals)
{
    if (quals == nullptr || !IsA(quals, List))
        return quals;
    List *result = NIL;
    ListCell *lc;
    foreach (lc, (List *)quals)
        result = guard_clause(r, result, (Node *)lfirst(lc));
    return (Node *)result;
}

void guard_jointree(Rewriter *r, Node *node)
{
    if (node == nullptr)
        return;
    check_stack_depth();
    if (IsA(node, FromExpr)) {
        FromExpr *f = (FromExpr *)node;
        ListCell *lc;
        foreach (lc, f->fromlist)
            guard_jointree(r, (Node *)lfirst(lc));
        f->quals = guard_quals(r, f->quals);
    } else if (IsA(node, JoinExpr)) {
        JoinExpr *j = (JoinExpr *)node;
        guard_jointree(r, j->larg);
        guard_jointree(r, j->rarg);
        j->quals = guard_quals(r, j->quals);
    }
}

// ExecInitFunc() asks whether the user may call a guard, though the query names none.
bool may_call_guards(PlannerInfo *root, const GuardFunctions &f)
{
    return verify_bounds ? may_call(root, f.verified)
                         : may_call(root, f.possible) && may_call(root, f.certain) &&
                               may_call(root, f.undecided);
}

// The first cp anywhere in the quals tells the extension's schema; most queries hold none and stop
// here.
bool find_cp_walker(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    if (IsA(node, FuncExpr)) {
        CpFunction f = identify_cp(((FuncExpr *)node)->funcid);
        if (f.form != CpForm::none) {
            *(Oid *)context = f.namespace_oid;
            return true;
        }
    }
    return walk_expression(node, find_cp_walker, context);
}

void guard_level(const Planning *planning)
{
    Query *parse = planning->root->parse;
    Oid namespace_oid = InvalidOid;
    bool found = find_cp_walker((Node *)parse->jointree, &namespace_oid);
    ListCell *lc;
    foreach (lc, parse->rtable)
        found = found || find_cp_walker((Node *)((RangeTblEntry *)lfirst(lc))->securityQuals,
                                        &namespace_oid);

    Rewriter r = {planning};
    if (!found || !find_guard_functions(namespace_oid, &r.functions) ||
        !may_call_guards(planning->root, r.functions))
        return;
    guard_jointree(&r, (Node *)parse->jointree);
    // Row security policies and security-barrier views: one list of quals a level.
    foreach (lc, parse->rtable) {
        RangeTblEntry *rte = (RangeTblEntry *)lfirst(lc);
        ListCell *level;
        foreach (level, rte->securityQuals)
            lfirst(level) = guard_quals(&r, (Node *)lfirst(level));
    }
}

} // namespace

const PlannerPass guard_pass = {nullptr, guard_level, nullptr, nullptr};

} // namespace mq
