// CHI Group: GROUP BY with conditions or an order over aggregates of cp, in which only groups are
// computed that can matter. group.md explains the algorithm. group_path.cpp plans it,
// group_node.cpp executes it.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/extensible.h"
#include "nodes/pathnodes.h"
}

namespace mq
{

constexpr char kGroupName[] = "CHI Group";
constexpr char kGroupRowsName[] = "CHI Group Rows";

extern const CustomScanMethods group_methods, group_rows_methods;

extern bool enable_group; // maskquery.enable_group

// GUC, planner hooks and the nodes' methods; called once from executor_init().
void group_init();

// What the planner tells the executor: the members of CustomScan.custom_private, in this order. In
// its expressions a Var with varno INDEX_VAR is a column of the rows to be grouped, which the first
// child gives, sorted by group. The second child computes a group from the rows that CHI Group Rows
// gives it, and its rows are the node's scan tuples.
enum class GroupPart : int {
    having,   // a bound program (below), empty when there is none
    key,      // likewise, of the first sort key
    leaves,   // parts of each leaf (group_leaf.h)
    masks,    // expressions, three a mask column: tableoid, ctid and mask
    grouping, // integers: the columns that rows are grouped by
    equality, // OIDs, two a grouping column: operator, collation
    plain,    // expressions, one a column of the scan tuple: null where an aggregate is in it
    columns,  // integers: the scan tuple's columns that are sorted by
    ties,     // expressions: the keys right behind the first one that hold no aggregate
    ordering, // OIDs, three a sort key: operator, collation, 1 for NULLS FIRST
    limit,    // two expressions, LIMIT and OFFSET, either may be null; empty when not known
    flags     // integers: GroupFlag
};
// A program over the leaves of a group: its row_program_parts(), in which inputs that are leaves
// are null, and integers: the number of the leaf that an input is, else -1.

enum class GroupFlag : int {
    has_having,
    ordered,    // the node sorts
    descending, // by its first key
    with_ties,
    needs_aggregates // somebody wants to see the value of an aggregate
};

// States of both nodes, for the CustomScan methods.
Node *make_group_state(CustomScan *plan);
Node *make_group_rows_state(CustomScan *plan);

} // namespace mq
