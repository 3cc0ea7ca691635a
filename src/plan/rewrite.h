#pragma once

namespace mq
{

// Chains get_relation_info_hook; called once from planner_init().
void install_rewriter();

} // namespace mq
