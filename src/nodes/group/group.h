// CHI Group: GROUP BY with conditions or an order over aggregates of cp, in which only groups are
// computed that can matter. group.md explains the algorithm. group_path.cpp plans it,
// group_node.cpp executes it.
#pragma once

#include "nodes/common/sort_keys.h"
#include "plan/hooks.h"

extern "C" {
#include "nodes/extensible.h"
#include "nodes/pathnodes.h"
}

namespace mq
{

constexpr char kGroupName[] = "CHI Group";
constexpr char kGroupRowsName[] = "CHI Group Rows";

extern bool enable_group; // maskquery.enable_group

extern const PlannerPass group_pass;
extern const CustomScanMethods group_methods, group_rows_methods;

// What the path tells the plan, and the plan the executor: custom_private of both. In a plan, a Var
// with varno INDEX_VAR is a column of the rows to be grouped, which the first child gives, sorted
// by group. The second child computes a group from the rows that CHI Group Rows gives it, and its
// rows are the node's scan tuples.
struct GroupFields {
    List *having; // LeafProgramFields; NIL when nothing is known of it, or there is none
    List *key;    // likewise, of the first sort key
    List *leaves; // LeafFields of each leaf (group_leaf.h)
    List *masks;  // identity_columns() of the mask columns that leaves name
    List *keys;   // expressions, one a sort key
    SortFields sort;
    bool has_having;
    bool ordered;          // the node sorts: keys and sort are set
    bool needs_aggregates; // the value of an aggregate is shown
    // Of plans only:
    List *grouping; // integers: the columns that rows are grouped by
    List *equality; // OIDs, two a grouping column: operator, collation
    List *plain;    // expressions, one a column of the scan tuple: null where an aggregate is in it
    List *ties;     // the keys right behind the first one that hold no aggregate
    template <typename Visitor> void visit(Visitor &v)
    {
        v("having", &having);
        v("key", &key);
        v("leaves", &leaves);
        v("masks", &masks);
        v("keys", &keys);
        v("sort", &sort);
        v("has_having", &has_having);
        v("ordered", &ordered);
        v("needs_aggregates", &needs_aggregates);
        v("grouping", &grouping);
        v("equality", &equality);
        v("plain", &plain);
        v("ties", &ties);
    }
};

// A program over the leaves of a group.
struct LeafProgramFields {
    List *program; // row_program_fields(), in which inputs that are leaves are null
    List *leaves;  // integers, one an input: the number of the leaf that it is, else -1
    template <typename Visitor> void visit(Visitor &v)
    {
        v("program", &program);
        v("leaves", &leaves);
    }
};

// States of both nodes, for the CustomScan methods.
Node *make_group_state(CustomScan *plan);
Node *make_group_rows_state(CustomScan *plan);

} // namespace mq
