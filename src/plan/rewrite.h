// Guards around the clauses of a query level.
#pragma once

#include "plan/hooks.h"

namespace mq
{

extern const PlannerPass guard_pass;

} // namespace mq
