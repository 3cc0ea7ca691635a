// Planner support functions.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/pathnodes.h"
}

namespace mq
{

// Called whenever the planner asks what a cp of a query level costs.
extern void (*cp_cost_asked)(PlannerInfo *root);

} // namespace mq
