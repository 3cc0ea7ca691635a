// Differences between the PostgreSQL versions that maskquery supports (15 to 18), in one place.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/nodeFuncs.h"
}

namespace mq
{

// expression_tree_walker: PostgreSQL 15 declares its callback without parameters, which C++ takes literally.
typedef bool (*TreeWalker)(Node *node, void *context);
inline bool walk_expression(Node *node, TreeWalker walker, void *context)
{
#if PG_VERSION_NUM >= 160000
    return expression_tree_walker(node, walker, context);
#else
    return expression_tree_walker(
        node, reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)(void)>(walker)), context);
#endif
}

} // namespace mq
