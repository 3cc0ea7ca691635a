// Settings of the plan nodes.
#pragma once

namespace mq
{

// Called once from _PG_init. The variables stand with each node.
void define_node_settings();

} // namespace mq
