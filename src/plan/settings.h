// Settings of the planner code.
#pragma once

namespace mq
{

// GUCs and planner hooks; called once from _PG_init.
void planner_init();

extern bool enable_pruning; // maskquery.enable_pruning
extern bool verify_bounds;  // maskquery.verify

} // namespace mq
