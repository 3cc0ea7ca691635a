// What the planning of CHI Top-K is made of; shared by topk_keys.cpp, topk_child.cpp, topk_path.cpp
// and topk_plan.cpp.
#pragma once

#include "nodes/topk/topk.h"
#include "plan/compile/compile.h"
#include "plan/planning.h"

namespace mq
{

// All that is the same for every path of a level.
struct SortLevel {
    PlannerInfo *root;
    RelOptInfo *input, *ordered;
    CompiledProgram compiled;
    List *keys, *ordering;
    List *eager; // integers, one a key: 1 when it is evaluated for every row
    int ties;    // how many keys behind the first need no mask
};

// ---- topk_keys.cpp: what is sorted by ----

// Does the level sort rows of its own FROM list, and nothing made of several of them?
bool sorts_plain_rows(const Query *parse);

// Compiles a sort key. False when bounds say nothing about it, or when it may not be evaluated
// later or less often than the planner has it evaluated.
bool compile_key(PlannerInfo *root, const SortGroupClause *clause, CompiledProgram *out);

// Sort clauses from the first one that is not constant for the level on.
List *leading_sort_clauses(PlannerInfo *root);

// Is it certain before the query runs that an expression over cp raises an error for no row?
bool never_fails(Node *key);

// Fills in what the level is sorted by; false when the node cannot do that.
bool describe_level(PlannerInfo *root, SortLevel *level);

// ---- topk_child.cpp: what gives the rows ----

// Marks the identity of sorted masks' rows as needed at the top of the level's join.
// REQUIRES: as require_identity_of().
void require_identity(const Planning *planning);

// The cheapest path that gives all columns that the node needs, null when there is none.
Path *child_of_level(const SortLevel &level);

// The index that can give all rows of the level: of a single table with no other condition than
// that there is a mask, since rows without one are not in the index. Null when there is none;
// *columns are the table's columns that are needed.
const IndexOptInfo *index_of_level(const SortLevel &level, List **columns);

// ---- topk_plan.cpp: from path to plan ----

// Does a visible column of the result hold the expression?
bool is_in_result(List *tlist, Node *expr);

extern const CustomPathMethods topk_path_methods;

} // namespace mq
