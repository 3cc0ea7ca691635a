// Plan nodes of maskquery. README.md beside this file.
#pragma once

#include "pg/pg.h"

namespace mq
{

// GUCs, the planner hook and the nodes' methods; called once from _PG_init.
void executor_init();

extern bool enable_chi_scan; // maskquery.enable_chi_scan

} // namespace mq
