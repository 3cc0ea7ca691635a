#include "nodes/settings.h"

#include "nodes/group/group.h"
#include "nodes/scan/chi_scan.h"
#include "nodes/topk/topk.h"

extern "C" {
#include "utils/guc.h"
}

namespace mq
{

void define_node_settings()
{
    DefineCustomBoolVariable(
        "maskquery.enable_chi_scan", "Enables the planner's use of CHI Scan plans.", nullptr,
        &enable_chi_scan, true, PGC_USERSET, GUC_EXPLAIN, nullptr, nullptr, nullptr);
    DefineCustomBoolVariable("maskquery.enable_topk",
                             "Enables the planner's use of CHI Top-K plans.", nullptr, &enable_topk,
                             true, PGC_USERSET, GUC_EXPLAIN, nullptr, nullptr, nullptr);
    DefineCustomBoolVariable(
        "maskquery.enable_group", "Enables the planner's use of CHI Group plans.", nullptr,
        &enable_group, true, PGC_USERSET, GUC_EXPLAIN, nullptr, nullptr, nullptr);
}

} // namespace mq
