// The shared library: magic block and set-up.
#include "chi/chi.h"
#include "nodes/init.h"
#include "learn/learn.h"
#include "pg/guard.h"
#include "pg/pause.h"
#include "plan/settings.h"
#include "session/statement.h"

extern "C" {
#include "utils/guc.h"

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);
}

// Runs once a process, when the first function of the library is called or looked up. Each
// capability sets itself up in its own function; the prefix is reserved after all of them have
// defined their settings.
extern "C" void _PG_init(void)
{
    mq::pause_init();
    mq::chi_init();
    mq::define_statement_settings();
    mq::install_executor_hooks();
    mq::planner_init();
    mq::executor_init();
    mq::learn_init();
    MarkGUCPrefixReserved("maskquery");
}
