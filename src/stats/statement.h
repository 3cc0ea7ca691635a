// Statement boundaries and the counters of parallel workers.
#pragma once

#include "pg/pg.h"

namespace mq
{

struct Counters {
    int64 masks = 0;       // masks whose bounds were asked, or that were loaded without
    int64 pruned = 0;      // not loaded: bounds refuted a clause
    int64 accepted = 0;    // not loaded for a clause: bounds proved all
    int64 loaded = 0;      // masks whose pixels were read
    int64 pixel_bytes = 0; // bytes of mask values fetched
};
void add_counters(Counters *to, const Counters &from);

// stats.cpp
void begin_statement(); // a new top-level statement runs; its first count resets the counters
void end_statement();   // its execution has ended, all workers have reported
Counters statement_counters();    // this process and its workers
const Counters &local_counters(); // this process alone
Counters session_totals();
Counters process_counters(); // everything counted so far, for taking differences within a statement

// statement.cpp
Counters worker_counters(); // what this leader's workers have added for the current statement
void clear_worker_counters();

} // namespace mq
