// The bounds of one row of a plan at run time: a program, the index entries of the masks it reads,
// the values of its inputs. Guards, and the plan nodes that order or group by bounds, are built on
// it.
//
// For every row: set_source() or clear_source() each source, set_input() each input, then
// row_outcomes() or row_number(). What is not known of a row (no usable index, no entry) widens the
// answer and is no error.
#pragma once

#include "chi/chi.h"
#include "facts/row_leaves.h"
#include "learn/learn.h"
#include "stats/stats.h"

namespace mq
{

// The index that serves a source for the rows of one table (a partition, a child, or the table
// itself).
struct TableIndex {
    Oid relid;
    Oid toastrelid;
    Oid index; // InvalidOid: none usable
    ChiIndexInfo *info;
    LearningIndex learning;     // for what is pending in it
    SubTransactionId locked_in; // subtransaction that locked the index
    TableIndex *next;
};

struct BoundsOfSource {
    const char *column;
    TableIndex *tables;
    TableIndex *table;   // of the current row, null when unknown
    ItemPointerData tid; // of the current row
    bool has_mask;       // the current row's mask is not NULL, ...
    Datum mask;          // ... but this value, not detoasted
    bool pending;        // known to the index, but not summarised
    bool learnt;         // this session has learnt it, the index not yet
    bool pixels_read;    // by refine_row(), for the current row
    RowEntry entry;
};

struct RowBounds {
    Program program;
    BoundsOfSource sources[kMaxSources];
    ProgramInput inputs[kMaxInputs];
    RowLeaves leaves;
    MemoryContext context;
    bool shares_rows;       // see share_looked_up_rows()
    MemoryContext refining; // what refine_row() needs for one row; null until it is called
    FmgrInfo reader_site;   // by which it finds the tiles that the query's cp have decoded
};

// Opens a chi_program for rows to come. What the result needs is allocated in `context` and lives
// as long; the datum is copied. Errors: ERRCODE_DATA_CORRUPTED, also when its body is of the other
// kind.
RowBounds *open_row_bounds(Datum program, ProgramBody body, MemoryContext context);

// What is looked up for this b serves others that were opened in the same context, and shared too:
// the two guards of a clause, and guards of other clauses over the same mask, look one row up one
// after the other. REQUIRES: the user of b calls set_source() for each of its rows, and is done
// with a row before any of the others is given one.
void share_looked_up_rows(RowBounds *b);

// Names the row of a source and brings in its index entry, if there is one. The caller's plan holds
// a lock on the table. mask: the row's value, not detoasted; null when it is NULL.
// last_chance: the mask is about to be read unless this row's bounds decide, so a pending row is
// queued to be learnt.
void set_source(RowBounds *b, int source, Oid relid, ItemPointer tid, const Datum *mask,
                bool last_chance);
// There is no row (the NULL side of an outer join), or its identity is lost. is_null: its mask is
// NULL all the same.
void clear_source(RowBounds *b, int source, bool is_null);

// Types: see load_input().
void set_input(RowBounds *b, int input, Oid type, Datum value, bool is_null);

// Outcome bits of the clause for the current row: from the counts, and if these leave it undecided
// from the extremes too.
// REQUIRES: opened as ProgramBody::condition.
uint8_t row_outcomes(RowBounds *b);

// What is known of the number for the current row.
// REQUIRES: opened as ProgramBody::number.
Num row_number(RowBounds *b, Stage stage = Stage::counts);

// Whether a clause is decided by its outcomes.
inline bool is_decided(uint8_t outcomes)
{
    return is_refuted(outcomes) || is_proven(outcomes);
}

// The bounds of every call of the program have left one value for the current row: it is in
// b->leaves.values.
// REQUIRES: row_number() was called for it.
inline bool counts_are_known(const RowBounds *b)
{
    return values_are_exact(b->leaves);
}

// Counts the masks of the current row for maskquery_last_query(). Every mask counts, known to the
// index or not; a source without a row or with a NULL mask does not. A mask whose pixels
// refine_row() has read was not decided by bounds, whatever the verdict.
void count_verdict(const RowBounds *b, Verdict verdict);

} // namespace mq
