// Expressions of the planner, turned into expressions over the rows of a child plan.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/execnodes.h"
#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
}

namespace mq
{

// A copy of an expression, of a list of them or of fields (fields.h), in which what the child
// computes is a column of its rows: Vars with varno INDEX_VAR. A Var that stands for no column
// (varno INNER_VAR) stays as it is. ereport(ERROR) when the child lacks a column.
Node *resolve_columns(Node *node, List *child_tlist);
List *resolve_columns(List *list, List *child_tlist);

// Number of the column that holds the expression. ereport(ERROR) when there is none.
AttrNumber column_of(List *tlist, const Node *expr);

// The columns of a plan once more, as a custom_scan_tlist begins.
List *copy_columns(const List *tlist);

// For the executor: null for null. Without a parent, since it meets rows in slots of several kinds.
ExprState *open_expression(Node *expr);

} // namespace mq
