// Custom Scan "CHI Scan": reads a table by its chi indexes, leaving out the rows that the bounds
// refute. chi_scan_path.cpp plans it, chi_scan.cpp executes it.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/extensible.h"
#include "nodes/pathnodes.h"
}

namespace mq
{

constexpr char kChiScanName[] = "CHI Scan";

extern const CustomScanMethods chi_scan_methods;

// set_rel_pathlist_hook's part: adds CHI Scan paths to a relation that has guards for it.
void add_chi_scan_paths(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *rte);

} // namespace mq
