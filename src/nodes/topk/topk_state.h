// State of a CHI Top-K node. topk_node.cpp sets it up, topk_exec.cpp and the others run it.
#pragma once

#include "store/row_fetch.h"
#include "nodes/common/row_program.h"
#include "nodes/order/order_loop.h"
#include "facts/row_bounds.h"
#include "stats/statement.h"

extern "C" {
#include "access/tableam.h"
#include "executor/executor.h"
#include "nodes/execnodes.h"
}

namespace mq
{

struct TopKState {
    CustomScanState css;   // first
    int n_child;           // columns of the child
    RowProgram *program;   // of the first key
    RowBounds *bounds;     // program->bounds
    ExprState *counted;    // the first key, from the counts in site_slot
    TupleTableSlot *sites; // a float8 column for every cp of the program
    OrderLoop order;
    ExprState **key_values; // null for a key that is a column of the child
    bool *wanted;           // the key's value is part of the result
    bool *eager;            // the key is evaluated for every row, since it may fail

    // Rows that an index gives, without a child: topk_index.cpp.
    Relation table, index; // null with a child
    AttrNumber *columns;   // of the table, by column of the child
    RowFetcher fetcher;
    RowFetch fetch;
    TupleTableSlot *table_row;
    MemoryContext scan_context;

    TupleTableSlot *row; // a scan tuple being made
    int64 statement;     // whose counters hold the rows as pruned
    Counters counters;
};

// ---- topk_index.cpp ----

void begin_topk_index(TopKState *t);
// Takes the rows in, as fill() does from a child.
void fill_from_index(TopKState *t);
void end_topk_index(TopKState *t);

// ---- topk_row.cpp: one row ----

// Evaluates the program's inputs for the row of the expression context, or for no row.
void set_inputs(TopKState *t);

// Makes the row that of the expression context.
void begin_row(TopKState *t, TupleTableSlot *row);

// Finds the index entries of the child's row. last_chance: its masks are read next, if at all.
void set_row(TopKState *t, TupleTableSlot *row, bool last_chance);

int64 masks_of_row(const TopKState *t);

// What is known of the first key. The row is the expression context's, set_row() was called for it.
Num known_of_key(TopKState *t, Stage stage);

// The value of the first key, after known_of_key(); *from_counts: without a mask. What is read is
// added to the node's counters.
NullableDatum compute_first_key(TopKState *t, TupleTableSlot *row, bool *from_counts);

NullableDatum evaluate_key(TopKState *t, int key, TupleTableSlot *row);

// The ties of the row, whose columns are the child's.
void evaluate_ties(TopKState *t, TupleTableSlot *row, NullableDatum *ties);

// ---- topk_fill.cpp ----

// OrderMethods::take_rows.
void take_topk_rows(CustomScanState *node);

// ---- topk_exec.cpp ----

extern const OrderMethods topk_order_methods;

} // namespace mq
