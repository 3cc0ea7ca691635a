// What the sort of pending rows gives, one after the other; for pending_rows.cpp.
#pragma once

#include "nodes/order/pending_rows.h"

namespace mq
{

// All rows are there.
void start_reading(PendingRows *rows);

// The next row in the order of best rank, ties and worst rank. With ties, a row of the index that
// begins a run is given as awaited.
void read_sorted_row(PendingRows *rows, PendingRow *row);

// Fetches the run that an awaited row begins; the row becomes its first one, or, when the snapshot
// sees none of them, what comes next. REQUIRES: the row is awaited.
void fetch_run(PendingRows *rows, PendingRow *row);

// Sets what the row's slot says.
void load_pending_row(const PendingRows *rows, PendingRow *row);

} // namespace mq
