// The sort keys of a plan node that sorts by itself.
#pragma once

#include "nodes/common/fields.h"
#include "nodes/order/ties.h"

extern "C" {
#include "nodes/parsenodes.h"
}

namespace mq
{

// What a plan says of its order.
struct SortFields {
    List *ordering;       // OIDs, three a key: operator, collation, 1 for NULLS FIRST
    List *columns;        // integers, one a key: its column in the node's scan tuple; of plans only
    Node *limit, *offset; // expressions, null where there is none or it is of no use
    bool descending;      // by the first key
    bool with_ties;       // LIMIT ... WITH TIES
    template <typename Visitor> void visit(Visitor &v)
    {
        v("ordering", &ordering);
        v("columns", &columns);
        v("limit", &limit);
        v("offset", &offset);
        v("descending", &descending);
        v("with_ties", &with_ties);
    }
};

// Of a path that sorts the rows of a query level. The limit is told when it is all that lies
// between the sorting node and its reader.
SortFields sort_fields(const Query *parse, List *ordering);

// columns: integers, the columns of the node's scan tuple; ordering: OIDs, three a key: operator,
// collation, 1 for NULLS FIRST. In the current memory context.
void open_sort_keys(SortKeys *keys, List *columns, List *ordering);

// As EXPLAIN shows a Sort's keys. context: of deparse_expression().
char *describe_sort_key(const SortKeys *keys, int i, Node *key, List *context, bool prefix);

} // namespace mq
