#include "nodes/common/child_columns.h"

#include "pg/compat.h"

extern "C" {
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "optimizer/tlist.h"
}

namespace mq
{

static Node *resolve_node(Node *node, void *child_tlist)
{
    if (node == nullptr)
        return nullptr;
    if (IsA(node, DefElem)) {
        DefElem *field = (DefElem *)node;
        return (Node *)makeDefElem(field->defname, resolve_node(field->arg, child_tlist), -1);
    }
    if (IsA(node, Integer) || IsA(node, IntList) || IsA(node, OidList))
        return copy_node(node);
    if (IsA(node, Var) && ((Var *)node)->varno == INNER_VAR)
        return copy_node(node);
    if (!IsA(node, List) && !IsA(node, Const)) {
        ListCell *lc;
        foreach (lc, (List *)child_tlist) {
            TargetEntry *tle = (TargetEntry *)lfirst(lc);
            if (equal(tle->expr, node))
                return (Node *)makeVarFromTargetEntry(INDEX_VAR, tle);
        }
    }
    if (IsA(node, Var) || IsA(node, PlaceHolderVar))
        elog(ERROR, "column not found below a plan node of maskquery");
    return mutate_expression(node, resolve_node, child_tlist);
}

Node *resolve_columns(Node *node, List *child_tlist)
{
    return resolve_node(node, child_tlist);
}

List *resolve_columns(List *list, List *child_tlist)
{
    return (List *)resolve_node((Node *)list, child_tlist);
}

AttrNumber column_of(List *tlist, const Node *expr)
{
    TargetEntry *tle = tlist_member((Expr *)expr, tlist);
    if (tle == nullptr)
        elog(ERROR, "column not found below a plan node of maskquery");
    return tle->resno;
}

List *copy_columns(const List *tlist)
{
    List *columns = NIL;
    ListCell *lc;
    foreach (lc, tlist) {
        TargetEntry *tle = (TargetEntry *)lfirst(lc);
        columns = lappend(columns, makeTargetEntry((Expr *)copy_node((Node *)tle->expr), tle->resno,
                                                   nullptr, false));
    }
    return columns;
}

ExprState *open_expression(Node *expr)
{
    return expr ? ExecInitExpr((Expr *)expr, nullptr) : nullptr;
}

} // namespace mq
