// The rows of a node in the order of a sort key of which bounds are known: the loop that CHI Top-K
// and CHI Group share. topk.md has the algorithm and its proof; in short:
//
//   1. All rows are taken in, with the interval of their first sort key.
//   2. Rows are looked at in the order of the best position they may have. A row whose key is not
//      known by then gets it: from its bounds where they leave one value, else from its masks.
//   3. A row with a key goes out as soon as no other row can come before it.
//
// What a row is, and how its keys are computed, the node says by its OrderMethods.
#pragma once

#include "nodes/order/limit.h"
#include "nodes/order/ready_rows.h"

extern "C" {
#include "nodes/execnodes.h"
}

namespace mq
{

// What the loop asks of the node. The row it is about is the head of the pending rows.
struct OrderMethods {
    // Do scan tuples begin with the columns of the rows that wait? A key may then be one of these.
    bool of_child;
    // Gives every row there is to keep_pending_row(), add_pending_tid() or add_ready().
    void (*take_rows)(CustomScanState *node);
    // May the head go out before its first key is computed? False when that key is shown, or when
    // the row may turn out not to be in the result.
    bool (*can_go_unread)(CustomScanState *node);
    // The head as it then goes out, a scan tuple without the first key.
    TupleTableSlot *(*make_unread_row)(CustomScanState *node);
    // What tile extremes say of the head's first key. False: the row is not in the result.
    bool (*refine)(CustomScanState *node, Num *key);
    // Computes the head's keys and gives them to add_ready(), unless the row is not in the result.
    void (*compute)(CustomScanState *node);
};

struct OrderLoop {
    CustomScanState *node;
    const OrderMethods *methods;
    const RowFetcher *fetcher; // null: the node takes in rows, not TIDs

    Oid key_type; // of the first key
    RankOrder direction;
    SortKeys keys;
    TieKeys ties;
    bool with_ties;            // LIMIT ... WITH TIES
    ExprState *limit, *offset; // null: not known
    NullableDatum *row_ties;   // of the row that is taken in

    bool filled;       // all rows are taken in
    bool head_emitted; // the head of the pending rows is what the node gave last
    PendingRows *pending;
    ReadyRows *ready;
    WorstRanks worst;
};

// The next row, a scan tuple; null at the end. Valid until the next call.
TupleTableSlot *next_in_order(OrderLoop *o);

// Forgets all rows: the next call of next_in_order() takes them in anew.
void end_order(OrderLoop *o);

// ---- for the node's methods ----

// Do rows that tie with the last of the LIMIT by all that is known while rows are taken in matter?
bool ties_matter(const OrderLoop *o);

// Keeps a row by the rank of its first key, and by row_ties. False: it is out of the LIMIT's reach.
// key: null when it is not computed; certain: the row is in the result if no others come before it,
// so it makes others superfluous.
bool keep_pending_row(OrderLoop *o, TupleTableSlot *row, Rank rank, const NullableDatum *key,
                      bool certain);

// Adds a scan tuple that has all its keys. Returns the rank of the first one.
Rank add_ready(OrderLoop *o, TupleTableSlot *row);

// May a first key of which `known` is known have this value?
bool may_have_value(const OrderLoop *o, const Num &known, NullableDatum value);

} // namespace mq
