// The shared library: magic block and set-up.
#include "chi/chi.h"
#include "learn/learn.h"
#include "nodes/group/group.h"
#include "nodes/scan/chi_scan.h"
#include "nodes/settings.h"
#include "nodes/topk/topk.h"
#include "pg/guard.h"
#include "pg/pause.h"
#include "plan/hooks.h"
#include "plan/rewrite.h"
#include "plan/settings.h"
#include "session/debug_job.h"
#include "session/statement.h"

extern "C" {
#include "nodes/extensible.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);
}

namespace mq
{

// The guards come first: CHI Scan judges rows by those of its relation.
static const PlannerPass *const planner_passes[] = {
    &guard_pass,
    &chi_scan_pass,
    &topk_pass,
    &group_pass,
};

static void define_settings()
{
    pause_init();
    chi_init();
    learn_init();
    debug_job_init();
    define_statement_settings();
    define_planner_settings();
    define_node_settings();
    MarkGUCPrefixReserved("maskquery");
}

static void install_hooks()
{
    install_planner_hooks(planner_passes, lengthof(planner_passes));
    install_executor_hooks();
}

// Also in parallel workers, which look the methods up when they read the plan.
static void register_nodes()
{
    RegisterCustomScanMethods(&chi_scan_methods);
    RegisterCustomScanMethods(&topk_methods);
    RegisterCustomScanMethods(&group_methods);
    RegisterCustomScanMethods(&group_rows_methods);
}

} // namespace mq

// Runs once a process, when the first function of the library is called or looked up.
extern "C" void _PG_init(void)
{
    mq::define_settings();
    mq::install_hooks();
    mq::register_nodes();
}
