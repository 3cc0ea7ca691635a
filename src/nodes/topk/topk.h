// Custom Scan "CHI Top-K": sorts the rows of a child plan by an expression over cp and reads only
// masks whose bounds leave the order open. topk.md explains the algorithm, and why the result is
// exact. topk_path.cpp plans it, topk_node.cpp and nodes/order/order_loop.cpp execute it.
#pragma once

#include "nodes/common/sort_keys.h"
#include "plan/hooks.h"

extern "C" {
#include "nodes/extensible.h"
#include "nodes/pathnodes.h"
}

namespace mq
{

constexpr char kTopKName[] = "CHI Top-K";

extern bool enable_topk; // maskquery.enable_topk

extern const PlannerPass topk_pass;
extern const CustomScanMethods topk_methods;

// What the path tells the plan, and the plan the executor: custom_private of both. In a plan, a Var
// with varno INDEX_VAR is a column of the node's scan tuple: the child's columns, then the sort
// keys that are not columns of the child.
struct TopKFields {
    List *program; // row_program_fields() of the first sort key
    List *keys;    // expressions, one a sort key
    Node *counted; // the first key once more, with a Var (INNER_VAR, n) in the place of its n-th cp
    List *eager;   // integers, one a sort key: 1 when it is evaluated for every row
    SortFields sort;
    Oid index; // of the index that gives the rows; InvalidOid when a child plan does
    // Of paths only:
    List *table_columns; // Vars, when an index gives the rows: what is needed of the table
    // Of plans only:
    List *wanted; // integers, one a sort key: 1 when the node's output holds it
    int n_child;  // columns of the child
    template <typename Visitor> void visit(Visitor &v)
    {
        v("program", &program);
        v("keys", &keys);
        v("counted", &counted);
        v("eager", &eager);
        v("sort", &sort);
        v("index", &index);
        v("table_columns", &table_columns);
        v("wanted", &wanted);
        v("n_child", &n_child);
    }
};

// State of a node, for the CustomScan methods.
Node *make_topk_state(CustomScan *plan);

} // namespace mq
