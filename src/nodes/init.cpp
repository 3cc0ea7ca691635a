#include "nodes/scan/chi_scan.h"
#include "nodes/group/group.h"
#include "nodes/init.h"
#include "nodes/topk/topk.h"
#include "plan/settings.h"

extern "C" {
#include "optimizer/paths.h"
#include "utils/guc.h"
}

namespace mq
{

bool enable_chi_scan = true;

static set_rel_pathlist_hook_type previous_set_rel_pathlist = nullptr;

static void add_paths(PlannerInfo *root, RelOptInfo *rel, Index rti, RangeTblEntry *rte)
{
    if (previous_set_rel_pathlist)
        previous_set_rel_pathlist(root, rel, rti, rte);
    if (enable_pruning && enable_chi_scan)
        add_chi_scan_paths(root, rel, rte);
}

void executor_init()
{
    DefineCustomBoolVariable(
        "maskquery.enable_chi_scan", "Enables the planner's use of CHI Scan plans.", nullptr,
        &enable_chi_scan, true, PGC_USERSET, GUC_EXPLAIN, nullptr, nullptr, nullptr);
    // Also in parallel workers, which look the methods up when they read the plan.
    RegisterCustomScanMethods(&chi_scan_methods);
    previous_set_rel_pathlist = set_rel_pathlist_hook;
    set_rel_pathlist_hook = add_paths;
    topk_init();
    group_init();
}

} // namespace mq
