// The plan of a CHI Top-K path. Its custom_scan_tlist is the child's columns and then the sort
// keys, so that PostgreSQL finds the keys in the target list by itself.
#include "nodes/common/child_columns.h"
#include "nodes/topk/topk_path.h"
#include "pg/compat.h"

extern "C" {
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

// What the child gives, or the index in its place.
List *rows_of(const TopKFields &path, List *children)
{
    if (children != NIL)
        return ((Plan *)linitial(children))->targetlist;
    List *tlist = NIL;
    ListCell *lc;
    foreach (lc, path.table_columns)
        tlist = lappend(tlist, makeTargetEntry((Expr *)copy_node((Node *)lfirst(lc)),
                                               list_length(tlist) + 1, nullptr, false));
    return tlist;
}

// The columns of the scan tuple that hold the keys; those that it lacks are added to it.
List *key_columns(List *keys, List **scan_tlist)
{
    List *columns = NIL;
    ListCell *lc;
    foreach (lc, keys) {
        Expr *key = (Expr *)lfirst(lc);
        if (tlist_member(key, *scan_tlist) == nullptr)
            *scan_tlist =
                lappend(*scan_tlist, makeTargetEntry((Expr *)copy_node((Node *)key),
                                                     list_length(*scan_tlist) + 1, nullptr, false));
        columns = lappend_int(columns, column_of(*scan_tlist, (Node *)key));
    }
    return columns;
}

Plan *plan_topk(PlannerInfo *root, RelOptInfo *rel, CustomPath *best, List *tlist, List *clauses,
                List *children)
{
    TopKFields f = unpack_fields<TopKFields>(best->custom_private);
    List *rows = rows_of(f, children), *scan_tlist = copy_columns(rows);
    f.sort.columns = key_columns(f.keys, &scan_tlist);
    ListCell *lc;
    // The plan's own target list does not tell yet which columns are junk.
    foreach (lc, f.keys)
        f.wanted = lappend_int(
            f.wanted, f.sort.with_ties || is_in_result(root->processed_tlist, (Node *)lfirst(lc)));
    f.program = resolve_columns(f.program, rows);
    f.keys = resolve_columns(f.keys, rows);
    f.counted = resolve_columns(f.counted, rows);
    f.table_columns = NIL;
    f.n_child = list_length(rows);

    CustomScan *scan = makeNode(CustomScan);
    scan->scan.plan.targetlist = tlist;
    scan->flags = best->flags;
    scan->custom_plans = children;
    scan->custom_scan_tlist = scan_tlist;
    scan->methods = &topk_methods;
    scan->custom_private = pack_fields(f);
    return &scan->scan.plan;
}

} // namespace

const CustomPathMethods topk_path_methods = {kTopKName, plan_topk, nullptr};

} // namespace mq
