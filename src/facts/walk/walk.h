// Walks the rows of a table in heap order, or nearly, by the TID maps of its chi indexes, and
// judges the rows of one tid page at a time by what their entries say.
//
// The walk is driven by one index: it meets every row that has a slot there, hence every row with a
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

constexpr int kMaxWalkClauses = 32;
constexpr int kMaxWalkIndexes = 8;

// A bound program that rows are judged by.
struct WalkClause {
    Program program;
    const ProgramInput *inputs;           // null while they are not known: the clause judges nobody
    int index_of_source[kMaxWalkIndexes]; // which of the walk's indexes serves it; -1: none
    bool keep_refuted; // rows that it refutes stay in the walk, for whoever wants to verify
};

// A row that may satisfy all clauses. Bit i: what the bounds say of it by clause i; neither bit is
// set when they leave it open, or know nothing of the row.
struct WalkRow {
    ItemPointerData tid; // root of its HOT chain
    uint32_t proven;
    uint32_t refuted; // only by a clause with keep_refuted
};

struct WalkIndex;
struct RowLeaves;
struct ColumnRoom;

struct ChiWalk {
    WalkClause *clauses;
    int n_clauses;
    WalkIndex *indexes; // the first one drives
    int n_indexes;
    int single[kMaxWalkClauses], n_single; // clauses that are judged row by row
    Snapshot snapshot;
    MemoryContext context;
    RowLeaves *leaves; // a clause
    ColumnRoom *columns;

    WalkRow *rows; // of the tid page at hand
    int n_rows;
};

// A walk over the given indexes of one table. REQUIRES: all of them, and the table, stay open and
// locked by AccessShareLock or more while the walk is used; n_clauses <= kMaxWalkClauses; n_indexes
// is 1 to kMaxWalkIndexes; the snapshot is held since before this call, is the active one whenever
// the walk is used, and may use the indexes (indcheckxmin).
ChiWalk *begin_walk(Relation *indexes, int n_indexes, WalkClause *clauses, int n_clauses,
                    Snapshot snapshot);

// Pages that a walk over a table of so many blocks has, numbered from 0 in the order of the map.
uint32_t walk_pages(BlockNumber heap_blocks);

// Finds the rows of a page and judges them by all clauses whose inputs are known; those that one
// refutes are left out. Returns how many that were. Errors: index_corrupted.
int load_page(ChiWalk *walk, uint32_t page);

// Judges the rows at hand again from `from` on, since further inputs have become known. Errors:
// index_corrupted.
int judge_rows(ChiWalk *walk, int from);

// To be called when inputs have changed, become known or unknown, before rows are judged again.
void inputs_changed(ChiWalk *walk);

// What a few rows from all over the table look like, for estimates.
struct WalkSample {
    int rows, refuted, proven; // by the first clause
};
WalkSample sample_walk(ChiWalk *walk, BlockNumber heap_blocks);

} // namespace mq
