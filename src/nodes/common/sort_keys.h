// What a plan says of the order of a node that sorts by itself.
#pragma once

#include "nodes/common/fields.h"
#include "nodes/order/order_loop.h"
#include "pg/compat.h"

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
    int ties;             // keys right behind the first that need no mask
    template <typename Visitor> void visit(Visitor &v)
    {
        v("ordering", &ordering);
        v("columns", &columns);
        v("limit", &limit);
        v("offset", &offset);
        v("descending", &descending);
        v("with_ties", &with_ties);
        v("ties", &ties);
    }
};

// Of a path that sorts the rows of a query level. The limit is told when it is all that lies
// between the sorting node and its reader.
SortFields sort_fields(const Query *parse, List *ordering);

// A sort clause's part of SortFields::ordering, added to it.
List *append_ordering(List *ordering, const SortGroupClause *clause, Node *key);

// Sets the loop up in the current memory context, for pending rows of this kind. REQUIRES: the
// node's scan slot is set up, methods last as long as the node.
void open_order(OrderLoop *o, CustomScanState *node, const OrderMethods *methods,
                const SortFields &sort, TupleDesc pending);

// "Sort Key", as EXPLAIN shows that of a Sort.
void explain_sort_keys(const SortKeys &keys, CustomScanState *node, List *ancestors,
                       ExplainState *es);

} // namespace mq
