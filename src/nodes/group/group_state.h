// State of a CHI Group node. group_node.cpp sets it up, group_exec.cpp runs it.
#pragma once

#include "nodes/group/group.h"
#include "nodes/group/leaves/group_leaf.h"
#include "nodes/group/group_rows.h"
#include "nodes/order/order_loop.h"
#include "plan/settings.h"
#include "stats/statement.h"

extern "C" {
#include "nodes/execnodes.h"
#include "utils/hsearch.h"
}

namespace mq
{

struct ChiGroupState;

// CHI Group Rows: gives the Agg the rows of the group that is being computed.
struct GroupFeeder {
    CustomScanState css;  // first
    ChiGroupState *group; // null until the node above has found it
    TupleTableSlot *row;
    int64 position; // of the next row
    int64 left;     // rows still to come
};

// A bound program over leaves.
struct LeafProgram {
    RowProgram *program;  // null: nothing is known
    int leaf[kMaxInputs]; // that an input is, -1 for one evaluated on the group's first row
};

// A group's rows, one after the other in ChiGroupState::rows.
struct Group {
    int64 start, n;
    int64 masks; // that are not NULL
};

// What the bounds say of a group.
struct GroupKnown {
    uint8_t having; // outcomes of HAVING
    Num key;
};

// How groups fared, for EXPLAIN: those neither accepted nor computed were pruned.
struct GroupCounters {
    int64 considered, accepted, computed;
};

// A table whose rows were met.
struct GroupTable {
    Oid relid; // first: the key of ChiGroupState::tables
    Oid toastrelid;
};

struct ChiGroupState {
    CustomScanState css; // first
    PlanState *child, *agg;
    GroupFeeder *feeder;
    bool agg_used; // since it was initialised or rescanned

    int n_leaves;
    GroupLeaf **leaves;
    int passes; // the most that a leaf wants
    LeafProgram having, key;
    bool has_having, ordered, needs_aggregates;
    int n_masks;
    SourceColumns *masks;
    HTAB *tables;          // of GroupTable
    GroupTable table;      // the one of the last mask
    ExprState *same_group; // of the rows ecxt_innertuple and ecxt_outertuple; null: always
    ExprState **plain;     // columns of the scan tuple, null where needs_aggregates

    // The child's rows.
    bool child_done, row_waits; // row_waits: `waiting` is the first of the next group
    TupleTableSlot *waiting;    // the child's
    TupleTableSlot *first;      // of the group being read or looked at
    TupleTableSlot *again;      // a row read from `rows`
    GroupRows *rows;

    // Sorting. Pending rows have the columns start, n and masks of a Group, and whether HAVING is
    // proven.
    OrderLoop order;
    ExprState **tie_values; // of each tie, over the rows to be grouped
    TupleTableSlot *head;   // a row to be kept
    TupleTableSlot *output; // a scan tuple being made

    int64 statement; // whose counters hold the rows as pruned
    Counters counters;
    GroupCounters groups;
};

// Is every group computed? A plan may be older than the setting.
inline bool computes_all()
{
    return verify_bounds || !enable_pruning;
}

// ---- group_feeder.cpp ----

// The node that gives the Agg its rows. ereport(ERROR) when there is none below it.
GroupFeeder *find_feeder(PlanState *agg);

// ---- one_group.cpp: one group ----

// Reads the next group of the child's rows and what the counts of their entries say. False at the
// end.
bool read_group(ChiGroupState *g, Group *group, GroupKnown *known);
// What the bounds say of a group that was read; in the stage of extremes before its masks are read.
GroupKnown bound_group(ChiGroupState *g, const Group &group, Stage stage);
// Has the Agg compute the group: its row, or null when HAVING is not true. Valid until the next
// group is computed.
TupleTableSlot *compute_group(ChiGroupState *g, const Group &group);
// The group's row without the Agg. REQUIRES: !needs_aggregates.
TupleTableSlot *make_plain_row(ChiGroupState *g, const Group &group);
// With maskquery.verify: ereport(ERROR) when the group's row, null when there is none, is not what
// the bounds say.
void verify_group(ChiGroupState *g, const GroupKnown &known, TupleTableSlot *row);

// ---- group_exec.cpp ----

// The next group of the output, when the node does not sort; null at the end. Valid until the next
// call.
TupleTableSlot *next_group(ChiGroupState *g);

// ---- group_sort.cpp ----

extern const OrderMethods group_order_methods;

} // namespace mq
