// Custom Scan "CHI Top-K": sorts the rows of a child plan by an expression over cp and reads only
// masks whose bounds leave the order open. topk.md explains the algorithm, and why the result is
// exact. topk_path.cpp plans it, topk_node.cpp and nodes/order/order_loop.cpp execute it.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/extensible.h"
#include "nodes/pathnodes.h"
}

namespace mq
{

constexpr char kTopKName[] = "CHI Top-K";

extern const CustomScanMethods topk_methods;

extern bool enable_topk; // maskquery.enable_topk

// GUC, planner hooks and the node's methods; called once from executor_init().
void topk_init();

// What the planner tells the executor: the members of CustomScan.custom_private, in this order. In
// its expressions a Var with varno INDEX_VAR is a column of the node's scan tuple: the child's
// columns, then the sort keys that are not columns of the child.
enum class TopKPart : int {
    program,  // Const: chi_program of the first sort key
    sources,  // integers, three a source: columns of tableoid, ctid and mask
    inputs,   // expressions, of the program
    keys,     // expressions, one a sort key
    counted,  // the first key once more, with a Var (INNER_VAR, n) in the place of its n-th cp
    columns,  // integers, one a sort key: its column in the scan tuple
    wanted,   // integers, one a sort key: 1 when the node's output holds it
    ordering, // OIDs, three a sort key: operator, collation, 1 for NULLS FIRST
    limit,    // two expressions, LIMIT and OFFSET, either may be null; empty when not known
    eager,    // integers, one a sort key: 1 when it is evaluated for every row
    index,    // OID of the index that gives the rows; empty when a child plan does
    flags,    // integers: columns of the child, 1 for DESC, 1 for WITH TIES, keys that are ties
};

// State of a node, for the CustomScan methods.
Node *make_topk_state(CustomScan *plan);

} // namespace mq
