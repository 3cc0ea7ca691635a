// Planning of CHI Group: its pass, the path and its costs.
#include "nodes/group/plan/group_path.h"
#include "nodes/topk/topk_path.h"
#include "pg/compat.h"

extern "C" {
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/prep.h"
#include "optimizer/tlist.h"
#include "utils/selfuncs.h"
}

namespace mq
{

bool enable_group = true;

namespace
{

// What the bounds of a row cost; and the groups whose bounds decide nothing.
constexpr double kBoundsOperators = 40;
constexpr double kUndecided = 0.1;

// The rows of one group, when the Agg asks for them.
Path *make_rows_path(RelOptInfo *grouped, const Path *child)
{
    CustomPath *path = makeNode(CustomPath);
    path->path.pathtype = T_CustomScan;
    path->path.parent = grouped;
    path->path.pathtarget = child->pathtarget;
    path->path.rows = child->rows;
    path->path.total_cost = child->rows * cpu_operator_cost;
    path->path.pathkeys = child->pathkeys;
    path->methods = &group_rows_path_methods;
    return &path->path;
}

Path *make_agg_path(PlannerInfo *root, RelOptInfo *grouped, Path *rows)
{
    AggClauseCosts costs = {};
    List *clauses = group_clauses(root);
    List *exprs = get_sortgrouplist_exprs(clauses, root->processed_tlist);
    get_agg_clause_costs(root, AGGSPLIT_SIMPLE, &costs);
    double groups = clauses == NIL ? 1
                                   : estimate_num_groups(root, exprs, clamp_row_est(rows->rows),
                                                         nullptr, nullptr);
    return (Path *)create_agg_path(root, grouped, rows, grouped->reltarget, AGG_SORTED,
                                   AGGSPLIT_SIMPLE, clauses, (List *)root->parse->havingQual,
                                   &costs, groups);
}

void cost_group(CustomPath *path, const GroupLevel &level, const Path *child, const Path *agg)
{
    const double masks = list_length(level.leaves.nodes);
    const double bounds =
        child->rows * (masks * kBoundsOperators * cpu_operator_cost + cpu_tuple_cost);
    path->path.rows = agg->rows;
    path->path.startup_cost = child->startup_cost;
    path->path.total_cost = child->total_cost + bounds;
    if (level.ordered) {
        // All bounds come before the first group, and a few groups are computed by then.
        path->path.startup_cost = path->path.total_cost + kUndecided * agg->total_cost;
        path->path.total_cost += agg->total_cost;
    } else {
        // The groups that pass are computed if their aggregates are shown.
        const double shown = needs_aggregates(level) ? 0.5 : 0.0;
        path->path.total_cost += (kUndecided + (1 - kUndecided) * shown) * agg->total_cost;
    }
}

void add_group_path(PlannerInfo *root, RelOptInfo *input, RelOptInfo *grouped)
{
    GroupLevel level;
    if (!describe_groups(root, &level))
        return;
    Path *child = sorted_child_of(level, input);
    if (child == nullptr)
        return;
    Path *agg = make_agg_path(root, grouped, make_rows_path(grouped, child));
    CustomPath *path = makeNode(CustomPath);
    path->path.pathtype = T_CustomScan;
    path->path.parent = grouped;
    path->path.pathtarget = grouped->reltarget;
    path->path.pathkeys = level.ordered ? root->sort_pathkeys : agg->pathkeys;
    path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
    path->custom_paths = list_make2(child, agg);
    path->custom_private = group_path_fields(level);
    path->methods = &group_path_methods;
    cost_group(path, level, child, agg);
    add_path(grouped, &path->path);
}

void prepare_group(const Planning *planning)
{
    if (groups_rows(planning->root->parse))
        require_group_identity(planning);
}

void add_group_upper_paths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
                           RelOptInfo *output)
{
    if (stage == UPPERREL_GROUP_AGG && groups_rows(root->parse) && !IS_OTHER_REL(input) &&
        (IS_SIMPLE_REL(input) || IS_JOIN_REL(input)) && !IS_DUMMY_REL(input))
        add_group_path(root, input, output);
}

} // namespace

const PlannerPass group_pass = {&enable_group, prepare_group, nullptr, add_group_upper_paths};

const CustomScanMethods group_methods = {kGroupName, make_group_state};
const CustomScanMethods group_rows_methods = {kGroupRowsName, make_group_rows_state};

} // namespace mq
