// What the chi indexes of a row's masks tell of the leaves of a program, one row at a time: the
// values that core/program computes with. For each row: read_leaf_calls() into `calls`, the entries
// of its sources, find_values().
#pragma once

#include "chi/chi.h"
#include "core/program/program.h"
#include "facts/edge_cache.h"
#include "facts/program_datum.h"

namespace mq
{

// What values are taken from: the counts, about a quarter of a microsecond a cp, or the counts
// narrowed by tile extremes, a few.
enum class Stage : uint8_t { counts, extremes };

// A mask of the current row, and what its index knows of it.
struct RowEntry {
    const ChiBins *bins; // of the index
    ChiRow *row;         // `own`, or that of a guard that has just looked the same row up
    ChiRow own;
    bool known;     // row is the current row's
    bool is_null;   // the mask is NULL
    bool has_whole; // a leaf needed all that the index knows of the mask:
    bool is_whole;  // then `entry` is that, or its segment has gone
    ChiEntry entry;
};

// Nothing is known of the next row yet.
inline void forget_entry(RowEntry *e)
{
    e->known = e->is_null = e->has_whole = e->is_whole = false;
}

struct RowLeaves {
    const Program *program;
    RowEntry *entries[kMaxSources]; // by source; null: it has no index
    // By site.
    LeafCall *calls;
    LeafValue *values;
    EdgeCache edges;
};

// For a program that stays where it is; memory comes from `context` and lasts as long. The entries
// are to be set.
RowLeaves make_row_leaves(const Program *program, MemoryContext context);

// The values of all leaves for the current row. REQUIRES: calls and entries are the row's.
void find_values(RowLeaves *l, Stage stage);

// Turns values from the counts into what extremes make of them. False when no entry has any.
// REQUIRES: find_values() gave them for the current row.
bool narrow_by_extremes(RowLeaves *l);

// The rests (LeafValue::rest) that are not known yet: of leaves whose quotients may be known by
// their values, which is done by the two above, or of all.
void find_rests(RowLeaves *l, bool all);

// Whether the entries have left one value for every leaf of numbers.
bool values_are_exact(const RowLeaves &l);

} // namespace mq
