// Leaves of a condition or a sort key over groups: the parts whose value an aggregate computes from
// all rows of a group, such as avg(cp(...)) or cp(mask_union(mask), ...). A leaf's interval comes
// from the bounds of the group's rows; all that stands above the leaves is an ordinary bound
// program (plan/compile/compile.cpp), in which a leaf is a number input.
//
// Life of a leaf, once the plan runs:
//
//   open, then for every group: begin_group, add_row for each row (again from the first row, with
//   the next pass, when the leaf has several passes), value.
#pragma once

#include "nodes/common/row_program.h"
#include "plan/compile/compile.h"

namespace mq
{

struct GroupLeaf;

// How a group's rows are gone through.
struct GroupPass {
    Stage stage;      // which bounds of a row are asked for, by what they cost
    int number;       // 0 for the first time, up to GroupLeaf::passes - 1
    bool last_chance; // masks are read next, unless the group is decided: see set_source()
};

struct GroupLeafKind {
    // At plan time: what the executor has to know of the leaf, as fields; NIL when the node is no
    // leaf of this kind. Expressions in them are over the columns of the rows to be grouped (as
    // row_program_fields() makes them); open gets them with their Vars turned into columns of the
    // rows that come. *bounded: whether its value depends on masks that
    // an index knows. A node is a leaf only if evaluating it row by row, as the leaf does before it
    // is known whether the group will be computed, can raise no error that the query would not.
    List *(*compile)(PlannerInfo *root, Node *node, bool *bounded);

    // In the executor, in a memory context that lives as long as the leaf.
    GroupLeaf *(*open)(const List *fields);
    void (*begin_group)(GroupLeaf *leaf, const GroupPass &pass);
    // The row is the context's scan tuple; memory of the context lives until the next row.
    void (*add_row)(GroupLeaf *leaf, ExprContext *context, const GroupPass &pass);
    // Interval of the value that the leaf has for the group, as PostgreSQL computes it, whatever
    // the order of the rows is. kMayError in it when computing it may raise an error: the group is
    // then computed.
    Num (*value)(GroupLeaf *leaf);
};

// Base of what a kind's open() returns.
struct GroupLeaf {
    const GroupLeafKind *kind; // set by open_leaf()
    int passes; // set by open(): how often it wants to see the rows of a group, 1 or 2
};

// group_scalar.cpp: count, sum, avg, min and max of numbers.
extern const GroupLeafKind scalar_leaf;

// group_mask.cpp: cp of an aggregate of masks.
extern const GroupLeafKind mask_leaf;

// ---- group_leaf.cpp ----

// The leaves of one query level, in the order in which they were met; equal ones are one.
struct LeafList {
    PlannerInfo *root;
    List *nodes;  // expressions
    List *fields; // LeafFields of each
};

struct LeafFields {
    int kind;
    bool bounded; // its value depends on masks that an index knows
    List *fields; // what its kind's compile() gave
    template <typename Visitor> void visit(Visitor &v)
    {
        v("kind", &kind);
        v("bounded", &bounded);
        v("fields", &fields);
    }
};

// ForeignParts::is_part with a LeafList as context: adds the node if it is a leaf.
bool find_leaf(Node *node, void *leaves, bool *bounded);

// fields: LeafFields, whose Vars are columns of the rows that come.
GroupLeaf *open_leaf(const List *fields);

// Vars of all mask columns with an index that the leaves name.
List *masks_of_leaves(const LeafList *leaves);

} // namespace mq
