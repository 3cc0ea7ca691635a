// Custom Scan "CHI Scan": reads a table by its chi indexes, leaving out the rows that the bounds
// refute. chi_scan_path.cpp plans it, chi_scan.cpp executes it.
#pragma once

#include "plan/hooks.h"

extern "C" {
#include "nodes/extensible.h"
#include "nodes/pathnodes.h"
}

namespace mq
{

constexpr char kChiScanName[] = "CHI Scan";

extern bool enable_chi_scan; // maskquery.enable_chi_scan

extern const PlannerPass chi_scan_pass;
extern const CustomScanMethods chi_scan_methods;

} // namespace mq
