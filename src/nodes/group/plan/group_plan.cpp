// The plan of a CHI Group path. Its custom_scan_tlist is what the Agg gives, so that PostgreSQL
// finds the aggregates in the target list by itself.
#include "nodes/common/child_columns.h"
#include "nodes/group/plan/group_path.h"
#include "pg/compat.h"
#include "plan/catalog/operators.h"
#include "plan/mask_columns.h"

extern "C" {
#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/tlist.h"
}

namespace mq
{

namespace
{

// A program over leaves, with the numbers of the leaves among its inputs.
List *program_parts(const GroupLevel &level, const GroupProgram &program)
{
    if (!program.exists)
        return NIL;
    List *numbers = NIL, *inputs = NIL;
    ListCell *lc;
    foreach (lc, program.compiled.inputs) {
        int leaf = -1;
        ListCell *node;
        foreach (node, level.leaves.nodes)
            if (equal(lfirst(node), lfirst(lc)))
                leaf = foreach_current_index(node);
        numbers = lappend_int(numbers, leaf);
        inputs = lappend(inputs, leaf < 0 ? lfirst(lc) : nullptr);
    }
    CompiledProgram compiled = program.compiled;
    compiled.inputs = inputs;
    return list_make2(row_program_parts(level.root, compiled), numbers);
}

template <typename T> T *part(List *parts, GroupPathPart p)
{
    return (T *)list_nth(parts, int(p));
}
bool flag(List *parts, GroupFlag f)
{
    return list_nth_int(part<List>(parts, GroupPathPart::flags), int(f));
}

// resolve_columns() of a program, whose second part are integers.
List *resolve_program(List *program, List *child_tlist)
{
    if (program == NIL)
        return NIL;
    return list_make2(resolve_columns((Node *)linitial(program), child_tlist), lsecond(program));
}

// Expressions of the scan tuple that hold no aggregate, over rows to be grouped; null for others.
List *plain_columns(List *scan_tlist, List *child_tlist)
{
    List *columns = NIL;
    ListCell *lc;
    foreach (lc, scan_tlist) {
        Node *expr = (Node *)((TargetEntry *)lfirst(lc))->expr;
        const bool plain = !contain_agg_clause(expr);
        columns = lappend(columns, plain ? resolve_columns(expr, child_tlist) : nullptr);
    }
    return columns;
}

// The identity of all masks.
List *mask_columns(List *masks, List *child_tlist)
{
    List *columns = NIL;
    ListCell *lc;
    foreach (lc, masks) {
        const Var *mask = (const Var *)lfirst(lc);
        columns = lappend(columns, system_column(mask, TableOidAttributeNumber, OIDOID));
        columns = lappend(columns, system_column(mask, SelfItemPointerAttributeNumber, TIDOID));
        columns = lappend(columns, (void *)mask);
    }
    return (List *)resolve_columns((Node *)columns, child_tlist);
}

Plan *plan_group(PlannerInfo *root, RelOptInfo *rel, CustomPath *best, List *tlist, List *clauses,
                 List *children)
{
    List *parts = best->custom_private;
    List *rows = ((Plan *)linitial(children))->targetlist;
    List *scan_tlist = copy_columns(((Plan *)lsecond(children))->targetlist);
    List *grouping = NIL, *equality = NIL, *columns = NIL;
    ListCell *lc;
    foreach (lc, group_clauses(root)) {
        const SortGroupClause *clause = (const SortGroupClause *)lfirst(lc);
        TargetEntry *tle = get_sortgroupclause_tle((SortGroupClause *)clause, rows);
        grouping = lappend_int(grouping, tle->resno);
        equality = lappend_oid(equality, clause->eqop);
        equality = lappend_oid(equality, exprCollation((Node *)tle->expr));
    }
    foreach (lc, part<List>(parts, GroupPathPart::keys))
        columns = lappend_int(columns, column_of(scan_tlist, (const Node *)lfirst(lc)));
    List *ties = NIL;
    for_each_from(lc, part<List>(parts, GroupPathPart::keys), 1)
    {
        Node *key = (Node *)lfirst(lc);
        if (contain_agg_clause(key))
            break;
        ties = lappend(ties, resolve_columns(key, rows));
    }
    List *plain = flag(parts, GroupFlag::needs_aggregates) ? NIL : plain_columns(scan_tlist, rows);

    CustomScan *scan = makeNode(CustomScan);
    scan->scan.plan.targetlist = tlist;
    scan->flags = best->flags;
    scan->custom_plans = children;
    scan->custom_scan_tlist = scan_tlist;
    scan->methods = &group_methods;
    scan->custom_private =
        list_make5(resolve_program(part<List>(parts, GroupPathPart::having), rows),
                   resolve_program(part<List>(parts, GroupPathPart::key), rows),
                   resolve_columns(part<Node>(parts, GroupPathPart::leaves), rows),
                   mask_columns(part<List>(parts, GroupPathPart::masks), rows), grouping);
    scan->custom_private = lappend(scan->custom_private, equality);
    scan->custom_private = lappend(scan->custom_private, plain);
    scan->custom_private = lappend(scan->custom_private, columns);
    scan->custom_private = lappend(scan->custom_private, ties);
    scan->custom_private =
        lappend(scan->custom_private, part<List>(parts, GroupPathPart::ordering));
    scan->custom_private = lappend(scan->custom_private, part<List>(parts, GroupPathPart::limit));
    scan->custom_private = lappend(scan->custom_private, part<List>(parts, GroupPathPart::flags));
    return &scan->scan.plan;
}

Plan *plan_group_rows(PlannerInfo *root, RelOptInfo *rel, CustomPath *best, List *tlist,
                      List *clauses, List *children)
{
    CustomScan *scan = makeNode(CustomScan);
    scan->scan.plan.targetlist = tlist;
    scan->custom_scan_tlist = copy_columns(tlist);
    scan->methods = &group_rows_methods;
    return &scan->scan.plan;
}

} // namespace

List *group_path_parts(const GroupLevel &level, List *limit)
{
    CompareOp direction = CompareOp::lt;
    const Query *parse = level.root->parse;
    if (level.ordered)
        find_comparison(linitial_oid(level.ordering), &direction);
    List *flags =
        list_make5_int(parse->havingQual != nullptr, level.ordered, direction == CompareOp::gt,
                       parse->limitOption == LIMIT_OPTION_WITH_TIES, needs_aggregates(level));
    List *parts = list_make5(program_parts(level, level.having), program_parts(level, level.key),
                             level.leaves.parts, level.masks, level.keys);
    parts = lappend(parts, level.ordering);
    parts = lappend(parts, limit);
    return lappend(parts, flags);
}

const CustomPathMethods group_path_methods = {kGroupName, plan_group, nullptr};
const CustomPathMethods group_rows_path_methods = {kGroupRowsName, plan_group_rows, nullptr};

} // namespace mq
