// The guards among the clauses of one relation that a CHI Scan can judge rows by.
#pragma once

#include "facts/program_datum.h"

extern "C" {
#include "nodes/primnodes.h"
}

namespace mq
{

// A guard whose masks are all columns of one relation and whose inputs are none of its columns.
struct ScanGuard {
    Const *program; // of type chi_program
    bool verified;  // it is a chi_verified()
    List *inputs;   // Expr
    int sources, sites;
    AttrNumber columns[kMaxSources]; // of the masks, by source
};

// Tells whether an expression is such a guard over the relation `relid` of the range table.
bool as_scan_guard(Node *clause, Index relid, ScanGuard *out);

// What PlanCustomPath hands to the executor in custom_private, a list of two lists: the OIDs of the
// indexes, the driving one first, and their columns. Copied, printed and read like any node.
List *make_scan_private(List *index_oids, List *columns);
List *scan_index_oids(List *custom_private);
List *scan_columns(List *custom_private);

} // namespace mq
