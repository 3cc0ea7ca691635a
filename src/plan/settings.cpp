#include "plan/settings.h"

#include "facts/refine_row.h"

extern "C" {
#include "utils/guc.h"
}

namespace mq
{

bool enable_pruning = true;
bool verify_bounds = false;

void define_planner_settings()
{
    DefineCustomBoolVariable(
        "maskquery.enable_pruning", "Lets queries be answered from the bounds of chi indexes.",
        "When off, every mask that a query names is read, and no planner code of maskquery runs.",
        &enable_pruning, true, PGC_USERSET, GUC_EXPLAIN, nullptr, nullptr, nullptr);
    DefineCustomBoolVariable(
        "maskquery.enable_ladder",
        "Lets a filter read a mask tile by tile until its condition is decided.",
        "When off, a mask that the index leaves undecided is read as far as cp needs it.",
        &enable_ladder, true, PGC_USERSET, GUC_EXPLAIN, nullptr, nullptr, nullptr);
    DefineCustomBoolVariable(
        "maskquery.verify",
        "Evaluates every decision that bounds took, and raises an error on a wrong one.",
        "For debugging: every mask is read.", &verify_bounds, false, PGC_USERSET, GUC_EXPLAIN,
        nullptr, nullptr, nullptr);
}

} // namespace mq
