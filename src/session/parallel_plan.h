// Whether parallel workers of a query may count masks.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/plannodes.h"
}

namespace mq
{

// False when no function that workers may call for this plan counts: none is in this library, and
// none is in a language whose functions may call those. A yes may be in vain.
bool workers_may_count(const PlannedStmt *plan);

} // namespace mq
