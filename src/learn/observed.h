// Rows that the running statement has found pending. Two guards ask about each of them, and most
// rows come with their neighbours: a page of the TID map is looked at once for a whole block of the
// table.
#pragma once

#include "learn/index_file.h"

namespace mq
{

// Remembers which rows of a heap block are pending; the index is locked.
void observe_pending(Relation index, const IndexFile &file, BlockNumber block);

// Whether observe_pending() saw this row. False is no answer.
bool has_observed_pending(const IndexFile &file, const ItemPointerData *root);

// Nothing is remembered from now on, until the next statement begins: forget_observed().
void stop_observing();
void forget_observed();

} // namespace mq
