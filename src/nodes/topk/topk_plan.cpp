// The plan of a CHI Top-K path. Its custom_scan_tlist is the child's columns and then the sort
// keys, so that PostgreSQL finds the keys in the target list by itself.
#include "nodes/common/child_columns.h"
#include "nodes/topk/topk_path.h"
#include "pg/compat.h"
#include "plan/mask_columns.h"

extern "C" {
#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "optimizer/tlist.h"
}

namespace mq
{

namespace
{

bool contains_walker(Node *node, void *wanted)
{
    if (node == nullptr)
        return false;
    return equal(node, wanted) || walk_expression(node, contains_walker, wanted);
}

} // namespace

bool is_in_result(List *tlist, Node *expr)
{
    ListCell *lc;
    foreach (lc, tlist) {
        TargetEntry *tle = (TargetEntry *)lfirst(lc);
        if (!tle->resjunk && contains_walker((Node *)tle->expr, expr))
            return true;
    }
    return false;
}

namespace
{

template <typename T> T *part(List *parts, PathPart p)
{
    return (T *)list_nth(parts, int(p));
}

Plan *plan_topk(PlannerInfo *root, RelOptInfo *rel, CustomPath *best, List *tlist, List *clauses,
                List *children)
{
    List *parts = best->custom_private;
    List *child_tlist = NIL;
    const bool with_ties = list_nth_int(part<List>(parts, PathPart::flags), 1);
    List *scan_tlist = NIL, *sources = NIL, *columns = NIL, *wanted = NIL;
    ListCell *lc;
    if (children != NIL)
        child_tlist = ((Plan *)linitial(children))->targetlist;
    foreach (lc, part<List>(parts, PathPart::columns))
        child_tlist =
            lappend(child_tlist, makeTargetEntry((Expr *)copy_node((Node *)lfirst(lc)),
                                                 list_length(child_tlist) + 1, nullptr, false));
    scan_tlist = copy_columns(child_tlist);
    foreach (lc, part<List>(parts, PathPart::sources)) {
        const Var *mask = (const Var *)lfirst(lc);
        Expr *tableoid = system_column(mask, TableOidAttributeNumber, OIDOID);
        Expr *ctid = system_column(mask, SelfItemPointerAttributeNumber, TIDOID);
        sources = lappend_int(sources, column_of(child_tlist, (Node *)tableoid));
        sources = lappend_int(sources, column_of(child_tlist, (Node *)ctid));
        sources = lappend_int(sources, column_of(child_tlist, (Node *)mask));
    }
    foreach (lc, part<List>(parts, PathPart::keys)) {
        Node *key = (Node *)lfirst(lc);
        if (tlist_member((Expr *)key, scan_tlist) == nullptr)
            scan_tlist =
                lappend(scan_tlist, makeTargetEntry((Expr *)copy_node(key),
                                                    list_length(scan_tlist) + 1, nullptr, false));
        columns = lappend_int(columns, column_of(scan_tlist, key));
        // The plan's own target list does not tell yet which columns are junk.
        wanted = lappend_int(wanted, with_ties || is_in_result(root->processed_tlist, key));
    }
    auto resolved = [&](PathPart p) { return resolve_columns(part<Node>(parts, p), child_tlist); };

    CustomScan *scan = makeNode(CustomScan);
    scan->scan.plan.targetlist = tlist;
    scan->flags = best->flags;
    scan->custom_plans = children;
    scan->custom_scan_tlist = scan_tlist;
    scan->methods = &topk_methods;
    scan->custom_private =
        list_make5(part<Node>(parts, PathPart::program), sources, resolved(PathPart::inputs),
                   resolved(PathPart::keys), resolved(PathPart::counted));
    scan->custom_private = lappend(scan->custom_private, columns);
    scan->custom_private = lappend(scan->custom_private, wanted);
    scan->custom_private = lappend(scan->custom_private, part<List>(parts, PathPart::ordering));
    scan->custom_private = lappend(scan->custom_private, part<List>(parts, PathPart::limit));
    scan->custom_private = lappend(scan->custom_private, part<List>(parts, PathPart::eager));
    scan->custom_private = lappend(scan->custom_private, part<List>(parts, PathPart::index));
    scan->custom_private =
        lappend(scan->custom_private,
                list_make4_int(list_length(child_tlist),
                               list_nth_int(part<List>(parts, PathPart::flags), 0), with_ties,
                               list_nth_int(part<List>(parts, PathPart::flags), 2)));
    return &scan->scan.plan;
}

} // namespace

const CustomPathMethods topk_path_methods = {kTopKName, plan_topk, nullptr};

} // namespace mq
