#include "plan/planning.h"

#include "pg/compat.h"

extern "C" {
#include "nodes/bitmapset.h"
#include "parser/parsetree.h"
}

namespace mq
{

namespace
{

struct Slot {
    const PlannerInfo *root; // the key
    Planning *planning;
};
HTAB *plannings = nullptr; // of Slot: the plannings under way; made once a session

void make_plannings()
{
    HASHCTL control = {};
    control.keysize = sizeof(const PlannerInfo *);
    control.entrysize = sizeof(Slot);
    plannings = hash_create("maskquery plannings", 16, &control, HASH_ELEM | HASH_BLOBS);
}

// A reset callback of the planner's context.
void forget_planning(void *planning)
{
    hash_search(plannings, &((Planning *)planning)->root, HASH_REMOVE, nullptr);
}

// In the order of add_base_rels_to_query(); 0 when the node holds no table.
Index last_table_of(const List *rtable, Node *node)
{
    check_stack_depth();
    if (IsA(node, RangeTblRef)) {
        const int index = ((RangeTblRef *)node)->rtindex;
        return rt_fetch(index, rtable)->rtekind == RTE_RELATION ? index : 0;
    }
    if (IsA(node, JoinExpr)) {
        const Index right = last_table_of(rtable, ((JoinExpr *)node)->rarg);
        return right != 0 ? right : last_table_of(rtable, ((JoinExpr *)node)->larg);
    }
    Index last = 0;
    ListCell *lc;
    foreach (lc, castNode(FromExpr, node)->fromlist) {
        const Index found = last_table_of(rtable, (Node *)lfirst(lc));
        last = found != 0 ? found : last;
    }
    return last;
}

Planning *begin_planning(PlannerInfo *root)
{
    if (plannings == nullptr)
        make_plannings();
    Planning *planning = (Planning *)MemoryContextAllocZero(root->planner_cxt, sizeof(Planning));
    planning->root = root;
    planning->last_table = last_table_of(root->parse->rtable, (Node *)root->parse->jointree);
    planning->forget.func = forget_planning;
    planning->forget.arg = planning;
    bool found;
    ((Slot *)hash_search(plannings, &planning->root, HASH_ENTER, &found))->planning = planning;
    Assert(!found);
    MemoryContextRegisterResetCallback(root->planner_cxt, &planning->forget); // does not raise
    return planning;
}

} // namespace

Planning *find_planning(const PlannerInfo *root)
{
    if (plannings == nullptr)
        return nullptr;
    const Slot *slot = (const Slot *)hash_search(plannings, &root, HASH_FIND, nullptr);
    return slot ? slot->planning : nullptr;
}

Planning *meet_table(PlannerInfo *root, RelOptInfo *table)
{
    Planning *planning = find_planning(root);
    if (planning == nullptr)
        planning = begin_planning(root);
    MemoryContext old = MemoryContextSwitchTo(root->planner_cxt);
    planning->tables = lappend(planning->tables, table);
    MemoryContextSwitchTo(old);
    return planning;
}

bool knows_all_tables(const Planning *planning)
{
    return find_table(planning, planning->last_table) != nullptr;
}

RelOptInfo *find_table(const Planning *planning, Index varno)
{
    ListCell *lc;
    foreach (lc, planning->tables)
        if (((RelOptInfo *)lfirst(lc))->relid == varno)
            return (RelOptInfo *)lfirst(lc);
    return nullptr;
}

void keep_scan_join_paths(PlannerInfo *root, const RelOptInfo *rel)
{
    Planning *planning = find_planning(root);
    if (planning == nullptr || !bms_equal(rel->relids, all_joined_relations(root)))
        return;
    MemoryContext old = MemoryContextSwitchTo(root->planner_cxt);
    planning->scan_join = rel;
    planning->paths = list_copy(rel->pathlist);
    planning->partial_paths = list_copy(rel->partial_pathlist);
    MemoryContextSwitchTo(old);
}

} // namespace mq
