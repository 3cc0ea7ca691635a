// Scans the rows of a table in heap order, or nearly, by the TID maps of its chi indexes, and
// decides the rows of one tid page at a time by what their entries say.
//
// The scan is driven by one index: it meets every row that has a slot there, hence every row with a
// mask in that column that the snapshot sees (README.md, "Walking all rows"). Further indexes, of
// other mask columns of the table, add to what is known of a row.
#pragma once

#include "chi/chi.h"
#include "core/program/program.h"

extern "C" {
#include "utils/snapshot.h"
}

namespace mq
{

constexpr int kMaxScanClauses = 32;
constexpr int kMaxScanIndexes = 8;

// A bound program that rows are decided by.
struct ScanClause {
    Program program;
    const ProgramInput *inputs; // null while they are not known: the clause decides no row
    int index_of_source[kMaxScanIndexes]; // which of the scan's indexes serves it; -1: none
    bool keep_refuted;                    // rows that it refutes stay in the scan, to be verified
};

// A row that may satisfy all clauses. Bit i: what the bounds say of it by clause i; neither bit is
// set when they leave it open, or know nothing of the row.
struct ScanRow {
    ItemPointerData tid; // root of its HOT chain
    uint32_t proven;
    uint32_t refuted; // only by a clause with keep_refuted
};

// What a number is for a row.
struct MeasuredRow {
    ItemPointerData tid; // root of its HOT chain
    uint8_t may;         // of Num
    double lo, hi;       // of Num
};

struct ScanIndex;
struct RowLeaves;
struct ColumnRoom;

struct RowScan {
    ScanClause *clauses;
    int n_clauses;
    ScanIndex *indexes; // the first one drives
    int n_indexes;
    int single[kMaxScanClauses], n_single; // clauses that are decided row by row
    Snapshot snapshot;
    MemoryContext context;
    RowLeaves *leaves; // a clause
    ColumnRoom *columns;

    ScanRow *rows; // of the tid page at hand
    int n_rows;
    MeasuredRow *measured; // not null: the only clause is a number
};

// A scan over the given indexes of one table. REQUIRES: all of them, and the table, stay open and
// locked by AccessShareLock or more while the scan is used; n_clauses <= kMaxScanClauses; n_indexes
// is 1 to kMaxScanIndexes; the snapshot is held since before this call, is the active one whenever
// the scan is used, and may use the indexes (indcheckxmin).
RowScan *begin_row_scan(Relation *indexes, int n_indexes, ScanClause *clauses, int n_clauses,
                        Snapshot snapshot);

// Pages that a scan over a table of so many blocks has, numbered from 0 in the order of the map.
uint32_t scan_pages(BlockNumber heap_blocks);

// Finds the rows of a page and decides them by all clauses whose inputs are known; those that one
// refutes are left out. Returns how many that were. Errors: index_corrupted.
int load_page(RowScan *scan, uint32_t page);

// Decides the rows at hand again from `from` on, since further inputs have become known. Errors:
// index_corrupted.
int decide_rows(RowScan *scan, int from);

// To be called when inputs have changed, become known or unknown, before rows are decided again.
void inputs_changed(RowScan *scan);

// What a few rows from all over the table look like, for estimates.
struct ScanSample {
    int rows, refuted, proven; // by the first clause
};
ScanSample sample_rows(RowScan *scan, BlockNumber heap_blocks);

// ---- numbers ----

// A scan that computes a number for the rows of the table, by the one index that its program reads.
// REQUIRES: as above; program.kind is number.
RowScan *begin_number_scan(Relation index, const Program &program, const ProgramInput *inputs,
                           Snapshot snapshot);

// The rows of a page, all of them; *rows is valid until the next call. Between them the pages hold
// every row with a mask that the snapshot sees, once; and rows that it does not see. Errors:
// index_corrupted.
uint32_t measure_page(RowScan *scan, uint32_t page, const MeasuredRow **rows);

} // namespace mq
