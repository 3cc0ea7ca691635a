// The sort keys of a plan node that sorts by itself.
#pragma once

#include "nodes/order/ties.h"

namespace mq
{

// columns: integers, the columns of the node's scan tuple; ordering: OIDs, three a key: operator,
// collation, 1 for NULLS FIRST. In the current memory context.
void open_sort_keys(SortKeys *keys, List *columns, List *ordering);

// As EXPLAIN shows a Sort's keys. context: of deparse_expression().
char *describe_sort_key(const SortKeys *keys, int i, Node *key, List *context, bool prefix);

} // namespace mq
