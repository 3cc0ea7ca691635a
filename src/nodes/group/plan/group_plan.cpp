// The plan of a CHI Group path. Its custom_scan_tlist is what the Agg gives, so that PostgreSQL
// finds the aggregates in the target list by itself.
#include "nodes/common/child_columns.h"
#include "nodes/group/plan/group_path.h"
#include "pg/compat.h"

extern "C" {
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/tlist.h"
}

namespace mq
{

namespace
{

// LeafProgramFields of a program over leaves, NIL when there is none.
List *program_fields(const GroupLevel &level, const GroupProgram &program)
{
    if (!program.exists)
        return NIL;
    LeafProgramFields f = {};
    CompiledProgram compiled = program.compiled;
    compiled.inputs = NIL;
    ListCell *lc;
    foreach (lc, program.compiled.inputs) {
        int leaf = -1;
        ListCell *node;
        foreach (node, level.leaves.nodes)
            if (equal(lfirst(node), lfirst(lc)))
                leaf = foreach_current_index(node);
        f.leaves = lappend_int(f.leaves, leaf);
        compiled.inputs = lappend(compiled.inputs, leaf < 0 ? lfirst(lc) : nullptr);
    }
    f.program = row_program_fields(level.root, compiled);
    return pack_fields(f);
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

// Fills in how rows of one group are told from the next one's.
void find_grouping(const PlannerInfo *root, List *rows, GroupFields *f)
{
    ListCell *lc;
    foreach (lc, group_clauses(root)) {
        SortGroupClause *clause = (SortGroupClause *)lfirst(lc);
        TargetEntry *tle = get_sortgroupclause_tle(clause, rows);
        f->grouping = lappend_int(f->grouping, tle->resno);
        f->equality = lappend_oid(f->equality, clause->eqop);
        f->equality = lappend_oid(f->equality, exprCollation((Node *)tle->expr));
    }
}

// The keys right behind the first one that hold no aggregate, over rows to be grouped.
List *tie_keys(List *keys, List *rows)
{
    List *ties = NIL;
    ListCell *lc;
    for_each_from(lc, keys, 1)
    {
        Node *key = (Node *)lfirst(lc);
        if (contain_agg_clause(key))
            break;
        ties = lappend(ties, resolve_columns(key, rows));
    }
    return ties;
}

Plan *plan_group(PlannerInfo *root, RelOptInfo *rel, CustomPath *best, List *tlist, List *clauses,
                 List *children)
{
    GroupFields f = unpack_fields<GroupFields>(best->custom_private);
    List *rows = ((Plan *)linitial(children))->targetlist;
    List *scan_tlist = copy_columns(((Plan *)lsecond(children))->targetlist);
    find_grouping(root, rows, &f);
    ListCell *lc;
    foreach (lc, f.keys)
        f.sort.columns =
            lappend_int(f.sort.columns, column_of(scan_tlist, (const Node *)lfirst(lc)));
    f.ties = tie_keys(f.keys, rows);
    f.sort.ties = list_length(f.ties);
    f.keys = NIL; // read as columns of the scan tuple
    f.plain = f.needs_aggregates ? NIL : plain_columns(scan_tlist, rows);
    f.having = resolve_columns(f.having, rows);
    f.key = resolve_columns(f.key, rows);
    f.leaves = resolve_columns(f.leaves, rows);
    f.masks = resolve_columns(f.masks, rows);

    CustomScan *scan = makeNode(CustomScan);
    scan->scan.plan.targetlist = tlist;
    scan->flags = best->flags;
    scan->custom_plans = children;
    scan->custom_scan_tlist = scan_tlist;
    scan->methods = &group_methods;
    scan->custom_private = pack_fields(f);
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

List *group_path_fields(const GroupLevel &level)
{
    const Query *parse = level.root->parse;
    GroupFields f = {};
    f.having = program_fields(level, level.having);
    f.key = program_fields(level, level.key);
    f.leaves = level.leaves.fields;
    f.masks = identity_columns(level.masks);
    f.has_having = parse->havingQual != nullptr;
    f.ordered = level.ordered;
    f.needs_aggregates = needs_aggregates(level);
    if (level.ordered) {
        f.keys = level.keys;
        f.sort = sort_fields(parse, level.ordering);
    }
    return pack_fields(f);
}

const CustomPathMethods group_path_methods = {kGroupName, plan_group, nullptr};
const CustomPathMethods group_rows_path_methods = {kGroupRowsName, plan_group_rows, nullptr};

} // namespace mq
