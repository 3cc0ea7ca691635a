// What a session does as its statements start, run and end; hooks.cpp calls it.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "executor/execdesc.h"
}

namespace mq
{

// The setting by which workers find their leader's shared segment; called once from _PG_init.
void define_statement_settings();

// Chains the executor's hooks; called once from _PG_init (hooks.cpp).
void install_executor_hooks();

// ExecutorStart is about to prepare the query.
void before_executor_start(const QueryDesc *query, int eflags);

// ExecutorRun is about to run the query; functions and triggers run further ones inside of it.
void before_executor_run(const QueryDesc *query);
// It is over, by an error or without.
void leave_executor_run();
// It has returned.
void after_executor_run();

} // namespace mq
