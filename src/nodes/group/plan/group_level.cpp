// What a query level asks of its groups.
#include "nodes/group/plan/group_path.h"
#include "nodes/topk/topk_path.h"
#include "pg/compat.h"
#include "plan/catalog/operators.h"

extern "C" {
#include "access/transam.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/tlist.h"
#include "utils/lsyscache.h"
}

namespace mq
{

bool groups_rows(const Query *parse)
{
    return parse->commandType == CMD_SELECT && parse->groupClause != NIL &&
           parse->groupingSets == NIL && parse->hasAggs && parse->setOperations == nullptr &&
           parse->jointree->fromlist != NIL;
}

namespace
{

// Masks outside of aggregates tell a group nothing.
bool no_column(const Var *, void *)
{
    return false;
}

// ---- errors ----

// Aggregates that are not leaves, and the rest of the expression around all aggregates.
struct Remainder {
    LeafList *leaves;
    List *grouping; // expressions that the rows are grouped by: computed for every row, below
    bool fails;
};

Remainder remainder_of(LeafList *leaves)
{
    const PlannerInfo *root = leaves->root;
    List *grouping = get_sortgrouplist_exprs(root->parse->groupClause, root->processed_tlist);
    return Remainder{leaves, grouping};
}

// Can the aggregate raise an error for rows of a group? Those of PostgreSQL do for their arguments
// only.
bool aggregate_can_fail(Aggref *agg)
{
    if (agg->aggfnoid >= FirstGenbkiObjectId || can_fail((Node *)agg->aggfilter) ||
        can_fail((Node *)agg->aggdirectargs))
        return true;
    ListCell *lc;
    foreach (lc, agg->args) {
        Node *arg = (Node *)lfirst_node(TargetEntry, lc)->expr;
        if (contains_cp(arg) ? !never_fails(arg) : can_fail(arg))
            return true;
    }
    return false;
}

Node *replace_aggregates(Node *node, void *context)
{
    Remainder *r = (Remainder *)context;
    bool bounded;
    if (node == nullptr)
        return nullptr;
    if (find_leaf(node, r->leaves, &bounded) || list_member(r->grouping, node))
        return (Node *)makeNullConst(exprType(node), -1, exprCollation(node));
    if (IsA(node, Aggref)) {
        r->fails = r->fails || aggregate_can_fail((Aggref *)node);
        return (Node *)makeNullConst(exprType(node), -1, exprCollation(node));
    }
    return mutate_expression(node, replace_aggregates, context);
}

// Can computing an expression over groups raise an error that no leaf tells of? Finds its leaves.
// An aggregate is computed for every group, wherever it stands in the expression.
bool aggregates_can_fail(LeafList *leaves, Node *expr)
{
    Remainder r = remainder_of(leaves);
    replace_aggregates(expr, &r);
    return r.fails;
}
bool expression_can_fail(LeafList *leaves, Node *expr)
{
    Remainder r = remainder_of(leaves);
    return can_fail(replace_aggregates(expr, &r)) || r.fails;
}

// ---- HAVING ----

bool describe_having(GroupLevel *level)
{
    List *clauses = (List *)level->root->parse->havingQual;
    if (clauses == NIL)
        return true;
    Node *having = (Node *)make_ands_explicit(clauses);
    const ForeignParts parts = {find_leaf, &level->leaves};
    if (!is_steady(having) || aggregates_can_fail(&level->leaves, having))
        return false;
    level->having.exists =
        compile_clause(having, no_column, nullptr, &level->having.compiled, &parts);
    return level->having.exists || !expression_can_fail(&level->leaves, having);
}

// ---- ORDER BY ----

// Does the level sort groups, and nothing made of several of them?
bool sorts_groups(PlannerInfo *root)
{
    const Query *parse = root->parse;
    return root->sort_pathkeys != NIL && parse->distinctClause == NIL && !parse->hasWindowFuncs &&
           !parse->hasTargetSRFs;
}

bool compile_group_key(GroupLevel *level, const SortGroupClause *clause, Node *key)
{
    CompareOp op;
    Oid left, right;
    const ForeignParts parts = {find_leaf, &level->leaves};
    if (!find_comparison(clause->sortop, &op) || (op != CompareOp::lt && op != CompareOp::gt))
        return false;
    op_input_types(clause->sortop, &left, &right);
    if (left != exprType(key) || right != left ||
        !compile_number(key, no_column, nullptr, &level->key.compiled, &parts))
        return false;
    // Groups that do not pass HAVING never have their key evaluated.
    ListCell *lc;
    foreach (lc, level->key.compiled.inputs)
        if (level->root->parse->havingQual &&
            expression_can_fail(&level->leaves, (Node *)lfirst(lc)))
            return false;
    return true;
}

// Fills in by what the node sorts. False when it cannot: it then leaves the order to others.
bool describe_order(GroupLevel *level)
{
    PlannerInfo *root = level->root;
    if (!sorts_groups(root))
        return false;
    List *keys = NIL, *ordering = NIL;
    ListCell *lc;
    foreach (lc, leading_sort_clauses(root)) {
        SortGroupClause *clause = (SortGroupClause *)lfirst(lc);
        Node *key = get_sortgroupclause_expr(clause, root->processed_tlist);
        if (!is_steady(key))
            return false;
        if (keys == NIL
                ? !compile_group_key(level, clause, key) || aggregates_can_fail(&level->leaves, key)
                : expression_can_fail(&level->leaves, key))
            return false;
        keys = lappend(keys, key);
        ordering = append_ordering(ordering, clause, key);
    }
    level->keys = keys;
    level->ordering = ordering;
    return keys != NIL;
}

bool is_aggregate_walker(Node *node, void *)
{
    return node && (IsA(node, Aggref) || walk_expression(node, is_aggregate_walker, nullptr));
}

} // namespace

bool needs_aggregates(const GroupLevel &level)
{
    const Query *parse = level.root->parse;
    ListCell *lc;
    foreach (lc, level.root->processed_tlist) {
        const TargetEntry *tle = (const TargetEntry *)lfirst(lc);
        const bool seen =
            !tle->resjunk || !level.ordered || parse->limitOption == LIMIT_OPTION_WITH_TIES;
        if (seen && is_aggregate_walker((Node *)tle->expr, nullptr))
            return true;
    }
    return false;
}

List *masks_of_groups(PlannerInfo *root)
{
    LeafList leaves = {root};
    ListCell *lc;
    aggregates_can_fail(&leaves, root->parse->havingQual);
    foreach (lc, root->parse->sortClause)
        aggregates_can_fail(&leaves, get_sortgroupclause_expr((SortGroupClause *)lfirst(lc),
                                                              root->processed_tlist));
    return masks_of_leaves(&leaves);
}

bool describe_groups(PlannerInfo *root, GroupLevel *level)
{
    *level = GroupLevel{root, LeafList{root}};
    if (!is_steady((Node *)root->processed_tlist) ||
        (!contains_cp(root->parse->havingQual) && !contains_cp((Node *)root->processed_tlist)))
        return false;
    if (!describe_having(level))
        return false;
    const int leaves = list_length(level->leaves.nodes);
    level->ordered = level->key.exists = describe_order(level);
    if (!level->ordered) {
        level->leaves.nodes = list_truncate(level->leaves.nodes, leaves);
        level->leaves.fields = list_truncate(level->leaves.fields, leaves);
    }
    level->masks = masks_of_leaves(&level->leaves);
    return (level->having.exists || level->ordered) && level->masks != NIL;
}

} // namespace mq
