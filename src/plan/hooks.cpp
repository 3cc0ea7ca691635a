// The planner's hooks: each is saved and assigned here and nowhere else. A library that was there
// before runs first; then the passes, in the order in which src/module.cpp names them.
//
// What a level goes through:
//
//   get_relation_info_hook     each table of its join tree. It runs while query_planner() walks the
//                              join tree, after the clauses were preprocessed (views expanded,
//                              subqueries pulled up, constants folded) and before
//                              deconstruct_jointree() hands them out to relations and joins. At the
//                              last table all are known: prepare_level()
//   set_rel_pathlist_hook      each base relation and child: add_paths()
//   join_search_hook           the level's join, when it is planned
//   create_upper_paths_hook    grouping, ordering, ...: add_upper_paths()
//
// Behind the scan/join paths the planner puts the level's target list on them, in place, so that
// they are kept before (planning.h). They are when no library that was loaded later has chained its
// hook before ours: it could free paths of the relation after us.
#include "plan/hooks.h"

#include "plan/settings.h"

extern "C" {
#include "optimizer/geqo.h"
#include "optimizer/paths.h"
#include "optimizer/plancat.h"
}

namespace mq
{

namespace
{

get_relation_info_hook_type previous_get_relation_info = nullptr;
set_rel_pathlist_hook_type previous_set_rel_pathlist = nullptr;
join_search_hook_type previous_join_search = nullptr;
create_upper_paths_hook_type previous_create_upper_paths = nullptr;

const PlannerPass *const *passes = nullptr;
int n_passes = 0;

bool is_enabled(const PlannerPass *pass)
{
    return pass->enabled == nullptr || *pass->enabled;
}

void prepare_level(const Planning *planning)
{
    for (int i = 0; i < n_passes; i++)
        if (passes[i]->prepare_level && is_enabled(passes[i]))
            passes[i]->prepare_level(planning);
}

void get_table_info(PlannerInfo *root, Oid relation_oid, bool inhparent, RelOptInfo *rel)
{
    if (previous_get_relation_info)
        previous_get_relation_info(root, relation_oid, inhparent, rel);
    // Children of an inheritance tree get their parent's clauses, translated. CLUSTER and CREATE
    // INDEX ask for a table without a query.
    if (!enable_pruning || rel->reloptkind != RELOPT_BASEREL || root->parse->jointree == nullptr)
        return;
    const Planning *planning = meet_table(root, rel);
    if (knows_all_tables(planning))
        prepare_level(planning);
}

void add_rel_paths(PlannerInfo *root, RelOptInfo *rel, Index rti, RangeTblEntry *rte)
{
    if (previous_set_rel_pathlist)
        previous_set_rel_pathlist(root, rel, rti, rte);
    if (!enable_pruning)
        return;
    for (int i = 0; i < n_passes; i++)
        if (passes[i]->add_paths && is_enabled(passes[i]))
            passes[i]->add_paths(root, rel, rte);
    if (set_rel_pathlist_hook == add_rel_paths)
        keep_scan_join_paths(root, rel);
}

RelOptInfo *search_joins(PlannerInfo *root, int levels_needed, List *initial_rels)
{
    RelOptInfo *rel;
    if (previous_join_search)
        rel = previous_join_search(root, levels_needed, initial_rels);
    else if (enable_geqo && levels_needed >= geqo_threshold) // as make_rel_from_joinlist()
        rel = geqo(root, levels_needed, initial_rels);
    else
        rel = standard_join_search(root, levels_needed, initial_rels);
    if (enable_pruning && join_search_hook == search_joins)
        keep_scan_join_paths(root, rel);
    return rel;
}

void add_upper_paths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
                     RelOptInfo *output, void *extra)
{
    if (previous_create_upper_paths)
        previous_create_upper_paths(root, stage, input, output, extra);
    if (!enable_pruning)
        return;
    for (int i = 0; i < n_passes; i++)
        if (passes[i]->add_upper_paths && is_enabled(passes[i]))
            passes[i]->add_upper_paths(root, stage, input, output);
}

} // namespace

void install_planner_hooks(const PlannerPass *const *all_passes, int n)
{
    Assert(passes == nullptr);
    passes = all_passes;
    n_passes = n;
    previous_get_relation_info = get_relation_info_hook;
    get_relation_info_hook = get_table_info;
    previous_set_rel_pathlist = set_rel_pathlist_hook;
    set_rel_pathlist_hook = add_rel_paths;
    previous_join_search = join_search_hook;
    join_search_hook = search_joins;
    previous_create_upper_paths = create_upper_paths_hook;
    create_upper_paths_hook = add_upper_paths;
}

} // namespace mq
