// What is kept of the planning of one query level, from one of the planner's hooks to the next.
//
// It lives in root->planner_cxt and is found by the address of the PlannerInfo. When that context
// goes, at the end of the planning or by an error, it is forgotten, since a later planning may get
// the same address.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/pathnodes.h"
#include "utils/hsearch.h"
}

namespace mq
{

struct Planning {
    PlannerInfo *root;
    Index last_table; // of the join tree's tables, the one that the planner meets last
    List *tables;     // RelOptInfo of those that it has met

    // The level's scan/join relation, and its paths before the target list is put on them. Null
    // until they are known.
    const RelOptInfo *scan_join;
    List *paths, *partial_paths;

    HTAB *samples; // estimate.cpp's; null until the first is taken
    MemoryContextCallback forget;
};

// Null when the planner has met no table of the level.
Planning *find_planning(const PlannerInfo *root);

// Takes in a table of the level's join tree that the planner meets.
Planning *meet_table(PlannerInfo *root, RelOptInfo *table);

// Has the planner met all of them?
bool knows_all_tables(const Planning *planning);

// The table with this number in the range table; null when it is not one of those met.
RelOptInfo *find_table(const Planning *planning, Index varno);

// Keeps the paths of a relation if it is the level's scan/join relation.
// REQUIRES: no path of the relation is freed before the planning ends.
void keep_scan_join_paths(PlannerInfo *root, const RelOptInfo *rel);

} // namespace mq
