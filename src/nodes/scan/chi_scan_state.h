// State of a CHI Scan node. chi_scan_node.cpp sets it up, chi_scan.cpp runs it.
#pragma once

#include "store/row_fetch.h"
#include "facts/scan/scan.h"
#include "nodes/common/node_counters.h"
#include "nodes/scan/scan_ahead.h"
#include "facts/scanned_row.h"

extern "C" {
#include "access/relscan.h"
#include "nodes/execnodes.h"
#include "port/atomics.h"
}

namespace mq
{

struct SharedScan { // in the parallel query's shared memory
    pg_atomic_uint64 next_page;
    uint32 pages;
    SharedCounters counters;
};

struct ChiScanState {
    CustomScanState css; // first
    Relation *indexes;
    int n_indexes;
    RowScan *row_scan; // null until the first row is asked for
    ScanClause *clauses;
    ScannedRow row; // its clauses go along with `clauses`
    RowFetch fetch;

    SharedScan *shared;           // null in a scan that is not parallel
    uint32_t next_page, end_page; // pages taken and not yet walked
    uint32_t pages;
    const ScanRow *rows; // the row scan's own, or `batch`
    int n_rows, next_row;
    int decided_clauses; // clauses that the row scan's rows were decided by

    ScanAhead *ahead; // null: it never looks ahead
    ScanRow *batch;   // rows of several pages
    uint32_t batch_pages;
    int64 reads; // of shared buffers, in this process, when rows were looked for last

    Counters counters; // of this process, with instrumentation
};

// ExecProcNode of the node.
TupleTableSlot *exec_chi_scan(CustomScanState *node);

} // namespace mq
