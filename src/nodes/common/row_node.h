// What plan nodes that make rows of their own do alike.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/execnodes.h"
}

namespace mq
{

// Frees what the node gave last, before it makes its next row.
void forget_given_row(CustomScanState *node);

// Gives a row that has the columns of the node's scan tuple; null: there are no more.
TupleTableSlot *give_row(CustomScanState *node, TupleTableSlot *row);

// Rescans all children, or has them rescanned when they are next asked for a row.
void rescan_children(CustomScanState *node);

} // namespace mq
