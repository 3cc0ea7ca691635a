// What gives CHI Top-K its rows: a scan/join path that delivers plain columns, those that the
// result needs and the identity of the masks' rows, or an index.
#include "chi/chi.h"
#include "nodes/topk/topk_path.h"
#include "pg/compat.h"
#include "plan/mask_columns.h"
#include "plan/settings.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/tlist.h"
#include "parser/parsetree.h"
#include "utils/syscache.h"
}

namespace mq
{

// ---- the identity of rows ----

void require_identity(const Planning *planning)
{
    ListCell *lc;
    foreach (lc, planning->root->parse->sortClause) {
        CompiledProgram compiled;
        if (!compile_key(planning->root, (SortGroupClause *)lfirst(lc), &compiled))
            continue;
        ListCell *source;
        foreach (source, compiled.sources)
            require_identity_of(planning, (const Var *)lfirst(source));
    }
}

// ---- a child ----

namespace
{

// The paths with the level's target list on them compute the sort key for every row already, and
// add_path() may have freed those that come sorted.
Path *cheapest_child(PlannerInfo *root, RelOptInfo *rel)
{
    const Planning *planning = find_planning(root);
    if (planning == nullptr || planning->scan_join != rel)
        return nullptr;
    Path *best = nullptr;
    ListCell *lc;
    foreach (lc, planning->paths) {
        Path *path = (Path *)lfirst(lc);
        if (path->param_info == nullptr && (best == nullptr || path->total_cost < best->total_cost))
            best = path;
    }
    if (planning->partial_paths != NIL && rel->consider_parallel) {
        Path *partial = (Path *)linitial(planning->partial_paths);
        Path *gather =
            (Path *)create_gather_path(root, rel, partial, partial->pathtarget, nullptr, nullptr);
        if (best == nullptr || gather->total_cost < best->total_cost)
            best = gather;
    }
    return best;
}

// Does the child deliver every column that the node needs?
bool has_columns(PlannerInfo *root, const Path *child, const CompiledProgram *compiled)
{
    ListCell *lc;
    foreach (lc, pull_var_clause((Node *)root->processed_tlist, PVC_INCLUDE_PLACEHOLDERS))
        if (!list_member(child->pathtarget->exprs, lfirst(lc)))
            return false;
    foreach (lc, compiled->sources)
        if (!delivers_identity(child, (const Var *)lfirst(lc)))
            return false;
    return true;
}

} // namespace

Path *child_of_level(const SortLevel &level)
{
    Path *child = cheapest_child(level.root, level.input);
    return child && has_columns(level.root, child, &level.compiled) ? child : nullptr;
}

const IndexOptInfo *index_of_level(const SortLevel &level, List **columns)
{
    PlannerInfo *root = level.root;
    const RelOptInfo *rel = level.input;
    const CompiledProgram &compiled = level.compiled;
    const Planning *planning = find_planning(root);
    if (verify_bounds || list_member_int(level.eager, 1) || rel->reloptkind != RELOPT_BASEREL ||
        root->parse->rowMarks != NIL || list_length(compiled.sources) != 1 || planning == nullptr ||
        planning->scan_join != rel)
        return nullptr;
    const RangeTblEntry *rte = planner_rt_fetch(rel->relid, root);
    if (rte->rtekind != RTE_RELATION || rte->inh || rte->tablesample != nullptr)
        return nullptr;
    const Var *mask = (const Var *)linitial(compiled.sources);
    bool not_null = is_not_null_column(rel, rte->relid, mask->varattno);
    ListCell *lc;
    foreach (lc, rel->baserestrictinfo) {
        const NullTest *test = (const NullTest *)((RestrictInfo *)lfirst(lc))->clause;
        if (!IsA(test, NullTest) || test->nulltesttype != IS_NOT_NULL || !equal(test->arg, mask))
            return nullptr;
        not_null = true;
    }
    // Inputs are computed even when no row is there.
    if (!not_null || contain_var_clause((Node *)compiled.inputs) ||
        can_fail((Node *)compiled.inputs))
        return nullptr;
    // The target list of the scan/join paths, before the planner replaced it in the relation.
    *columns = ((Path *)linitial(planning->paths))->pathtarget->exprs;
    foreach (lc, *columns)
        if (!IsA(lfirst(lc), Var) || ((Var *)lfirst(lc))->varattno == 0)
            return nullptr;
    foreach (lc, rel->indexlist) {
        const IndexOptInfo *index = (const IndexOptInfo *)lfirst(lc);
        if (index->relam == chi_am_oid() && index->nkeycolumns == 1 &&
            index->indexkeys[0] == mask->varattno && index->indpred == NIL)
            return index;
    }
    return nullptr;
}

} // namespace mq
