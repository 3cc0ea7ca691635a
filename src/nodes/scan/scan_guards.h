// The guards among the clauses of one relation that a CHI Scan can decide rows by.
#pragma once

#include "facts/program_datum.h"
#include "nodes/common/fields.h"

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

// What the path tells the executor: custom_private of path and plan.
struct ScanFields {
    List *indexes; // OIDs, the driving index first
    List *columns; // integers: the column that each is on
    template <typename Visitor> void visit(Visitor &v)
    {
        v("indexes", &indexes);
        v("columns", &columns);
    }
};

} // namespace mq
