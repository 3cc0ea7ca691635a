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

void require_group_identity(PlannerInfo *root, RelOptInfo *rel)
{
    ListCell *lc;
    foreach (lc, masks_of_groups(root))
        require_identity_of((const Var *)lfirst(lc), rel);
}

// The partitioned table whose paths were made last. Nothing but the planning of its own level comes
// between that and its use.
static struct PartitionedPaths {
    const PlannerInfo *root;
    const RelOptInfo *rel;
    List *paths, *partial;
} partitioned;

void forget_partitioned_paths(const PlannerInfo *root)
{
    if (partitioned.root == root)
        partitioned = {};
}

void note_partitioned_paths(PlannerInfo *root, RelOptInfo *rel)
{
    if (bms_equal(rel->relids, root->all_baserels))
        partitioned =
            PartitionedPaths{root, rel, list_copy(rel->pathlist), list_copy(rel->partial_pathlist)};
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

Path *cheaper(Path *a, Path *b)
{
    return a == nullptr || (b != nullptr && b->total_cost < a->total_cost) ? b : a;
}

} // namespace

Path *sorted_child_of(const GroupLevel &level, RelOptInfo *input)
{
    PlannerInfo *root = level.root;
    const bool noted = partitioned.root == root && partitioned.rel == input;
    if ((IS_PARTITIONED_REL(input) && !noted) ||
        expression_returns_set((Node *)input->reltarget->exprs))
        return nullptr;
    List *paths = noted ? partitioned.paths : input->pathlist,
         *partial = noted ? partitioned.partial : input->partial_pathlist;
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
