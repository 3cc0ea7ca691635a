// The mask columns of a query level.
#pragma once

#include "plan/compile/compile.h"
#include "plan/planning.h"

namespace mq
{

// HasIndex callback: is the Var a column of a base relation of the level, with a chi index on it or
// on a child's? root: PlannerInfo.
bool column_has_index(const Var *mask, void *root);

// ctid or tableoid of the row that a mask comes from.
Expr *system_column(const Var *mask, AttrNumber attno, Oid type);

// Says that the top of the level's join needs ctid and tableoid of the row that a mask comes from.
// REQUIRES: the planner has met all tables of the level and planned none of them.
void require_identity_of(const Planning *planning, const Var *mask);

// Does the path deliver the mask, ctid and tableoid?
bool delivers_identity(const Path *path, const Var *mask);

// A chi_program datum of a compiled program, with the names of its columns.
bytea *make_program_of(PlannerInfo *root, const CompiledProgram *compiled);

} // namespace mq
