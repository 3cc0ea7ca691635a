// What the planning of CHI Group is made of; shared by group_level.cpp, group_child.cpp,
// group_path.cpp and group_plan.cpp.
#pragma once

#include "nodes/group/group.h"
#include "nodes/group/leaves/group_leaf.h"
#include "plan/compile/compile.h"
#include "plan/planning.h"

namespace mq
{

// A condition or a number over leaves.
struct GroupProgram {
    bool exists;
    CompiledProgram compiled;
};

// What is asked of the groups of a query level.
struct GroupLevel {
    PlannerInfo *root;
    LeafList leaves;
    GroupProgram having, key;
    bool ordered;   // by the node: key exists
    List *keys;     // expressions that are sorted by
    List *ordering; // OIDs, three a key: operator, collation, 1 for NULLS FIRST
    List *masks;    // Vars of mask columns that the leaves name
};

// ---- group_level.cpp: what is grouped, and what is asked of the groups ----

bool groups_rows(const Query *parse);

// Vars of the mask columns that leaves of the level may name. Works before the level's joins are
// planned.
List *masks_of_groups(PlannerInfo *root);

// Fills in the level; false when bounds tell nothing that could save a group.
bool describe_groups(PlannerInfo *root, GroupLevel *level);

// Is the value of an aggregate shown?
bool needs_aggregates(const GroupLevel &level);

// ---- group_child.cpp: what gives the rows ----

// Marks the identity of the rows of masks as needed at the top of the level's join.
// REQUIRES: as require_identity_of().
void require_group_identity(const Planning *planning);

// The cheapest path that gives the rows to be grouped, with the identity of their masks, sorted by
// group. Null when there is none.
Path *sorted_child_of(const GroupLevel &level, RelOptInfo *input);

// ---- group_plan.cpp: from path to plan ----

List *group_path_fields(const GroupLevel &level);

extern const CustomPathMethods group_path_methods, group_rows_path_methods;

} // namespace mq
