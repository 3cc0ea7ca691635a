// What gives CHI Group its rows: a scan/join path that delivers plain columns, with the target list
// of the rows to be grouped and the identity of their masks on it, sorted.
#include "nodes/group/plan/group_path.h"
#include "nodes/topk/topk_path.h"
#include "plan/mask_columns.h"

extern "C" {
#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/tlist.h"
}

namespace mq
{

void require_group_identity(const Planning *planning)
{
    ListCell *lc;
    foreach (lc, masks_of_groups(planning->root))
        require_identity_of(planning, (const Var *)lfirst(lc));
}

namespace
{

// The path below the level's target list, or the path itself, if it gives plain columns; else null.
Path *plain_path(const GroupLevel &level, const List *vars, Path *path)
{
    for (int peeled = 0; peeled < 2 && path->param_info == nullptr; peeled++) {
        bool delivers = true;
        ListCell *lc;
        foreach (lc, vars)
            delivers = delivers && list_member(path->pathtarget->exprs, lfirst(lc));
        foreach (lc, level.masks)
            delivers = delivers && delivers_identity(path, (const Var *)lfirst(lc));
        if (delivers)
            return path;
        if (!IsA(path, ProjectionPath))
            return nullptr;
        path = ((ProjectionPath *)path)->subpath;
    }
    return nullptr;
}

void add_column(PathTarget *target, Expr *column)
{
    if (!list_member(target->exprs, column))
        add_column_to_pathtarget(target, column, 0);
}

// The rows to be grouped, and the identity of their masks.
PathTarget *target_of(const GroupLevel &level, RelOptInfo *input)
{
    PathTarget *target = copy_pathtarget(input->reltarget);
    ListCell *lc;
    foreach (lc, level.masks) {
        const Var *mask = (const Var *)lfirst(lc);
        add_column(target, system_column(mask, TableOidAttributeNumber, OIDOID));
        add_column(target, system_column(mask, SelfItemPointerAttributeNumber, TIDOID));
        add_column(target, (Expr *)mask);
    }
    return set_pathtarget_cost_width(level.root, target);
}

// The paths of a partitioned table: the planner makes them anew when it puts the level's target
// list on them. Null for others, whose paths lie below that target list.
const Planning *kept_paths(const PlannerInfo *root, RelOptInfo *input)
{
    const Planning *planning = find_planning(root);
    return planning && planning->scan_join == input && IS_PARTITIONED_REL(input) &&
                   input->reloptkind == RELOPT_BASEREL
               ? planning
               : nullptr;
}

Path *cheaper(Path *a, Path *b)
{
    return a == nullptr || (b != nullptr && b->total_cost < a->total_cost) ? b : a;
}

} // namespace

Path *sorted_child_of(const GroupLevel &level, RelOptInfo *input)
{
    PlannerInfo *root = level.root;
    const Planning *kept = kept_paths(root, input);
    if ((IS_PARTITIONED_REL(input) && kept == nullptr) ||
        expression_returns_set((Node *)input->reltarget->exprs))
        return nullptr;
    List *paths = kept ? kept->paths : input->pathlist,
         *partial = kept ? kept->partial_paths : input->partial_pathlist;
    List *vars = pull_var_clause((Node *)input->reltarget->exprs, PVC_INCLUDE_PLACEHOLDERS);
    PathTarget *target = target_of(level, input);
    Path *best = nullptr;
    ListCell *lc;
    auto sorted = [&](Path *path) {
        if (pathkeys_contained_in(root->group_pathkeys, path->pathkeys))
            return path;
        return (Path *)create_sort_path(root, input, path, root->group_pathkeys, -1);
    };
    foreach (lc, paths) {
        Path *plain = plain_path(level, vars, (Path *)lfirst(lc));
        if (plain == nullptr)
            continue;
        Path *path = (Path *)create_projection_path(root, input, plain, target);
        best = cheaper(best, sorted(path));
    }
    if (partial != NIL && input->consider_parallel) {
        Path *plain = plain_path(level, vars, (Path *)linitial(partial));
        if (plain != nullptr) {
            Path *path = (Path *)create_projection_path(root, input, plain, target);
            path = (Path *)create_gather_path(root, input, path, target, nullptr, nullptr);
            best = cheaper(best, sorted(path));
        }
    }
    return best;
}

} // namespace mq
