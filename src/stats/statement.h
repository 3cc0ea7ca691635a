// Counters of a statement, and the share of parallel workers.
#pragma once

#include "stats/counters.h"

namespace mq
{

// stats.cpp
void begin_statement(); // a new top-level statement runs; its first count resets the counters
void end_statement();   // its execution has ended, all workers have reported
Counters statement_counters();    // this process and its workers
const Counters &local_counters(); // this process alone
Counters session_totals();
Counters process_counters(); // everything counted so far, for taking differences within a statement

// src/session/statement.cpp
Counters worker_counters(); // what this leader's workers have added for the current statement
void clear_worker_counters();

} // namespace mq
