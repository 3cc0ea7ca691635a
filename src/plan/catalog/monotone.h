// Aggregates over masks that their owners have declared to be monotone: what
// maskquery_monotone_aggregate() keeps in the extension's table.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/pathnodes.h"
}

namespace mq
{

// Is the declaration of the aggregate in force? Has the plan depend on what the answer depends on:
// the table of declarations and, of a declared aggregate, the functions that it names.
bool is_declared_monotone(PlannerGlobal *glob, Oid aggfnoid, Oid mask_type);

} // namespace mq
