// Computes a number over cp for every row that an index has a slot for, a page of the TID map at a
// time: what is known of it, as an interval. Rows of a sealed segment are computed all at once.
#pragma once

#include "chi/chi.h"
#include "core/program/program.h"

extern "C" {
#include "utils/snapshot.h"
}

namespace mq
{

// A row of the page at hand.
struct MeasuredRow {
    ItemPointerData tid; // root of its HOT chain
    uint8_t may;         // of Num
    double lo, hi;       // of Num
};

struct NumberScan;

// A scan for a program whose every cp reads the column of this index.
// REQUIRES: the index and its table stay open and locked by AccessShareLock or more while the scan
// is used; program.kind is number; the snapshot is held since before this call, is the active one
// whenever the scan is used, and may use the index (indcheckxmin).
NumberScan *begin_number_scan(Relation index, const Program &program, const ProgramInput *inputs,
                              Snapshot snapshot);

// Pages that a scan over a table of so many blocks has, numbered from 0 in the map's order. Between
// them they hold every row with a mask that the snapshot sees, once; and rows that it does not see.
uint32_t number_scan_pages(BlockNumber heap_blocks);

// The rows of a page; *rows is valid until the next call. Errors: index_corrupted.
uint32_t measure_page(NumberScan *scan, uint32_t page, const MeasuredRow **rows);

} // namespace mq
