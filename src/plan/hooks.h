// The planner's hooks, and what runs in them.
#pragma once

#include "plan/planning.h"

extern "C" {
#include "optimizer/planner.h"
}

namespace mq
{

// What one part of maskquery adds to the planning of a query level. A function that it does not
// need is null. None is called when the setting is off.
struct PlannerPass {
    const bool *enabled; // its setting; null when it has none

    // Once a level, when its tables are known and its clauses have not been handed out to them yet:
    // may change the clauses in root->parse, and ask tables for columns.
    void (*prepare_level)(const Planning *planning);
    // Once a base relation or child: may add paths.
    void (*add_paths)(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *rte);
    // Once an upper relation: may add paths.
    void (*add_upper_paths)(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
                            RelOptInfo *output);
};

// Chains the hooks; called once from _PG_init. In each of them the passes run in the order given;
// the array is kept.
void install_planner_hooks(const PlannerPass *const *passes, int n);

} // namespace mq
