// Settings of the planner code.
#pragma once

namespace mq
{

// Called once from _PG_init.
void define_planner_settings();

extern bool enable_pruning; // maskquery.enable_pruning
extern bool verify_bounds;  // maskquery.verify

} // namespace mq
