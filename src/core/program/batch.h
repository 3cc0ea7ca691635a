// Evaluates a program for many rows at once. Inputs are the same for all rows; what differs is what
// is known of the leaves. For every row the result is that of evaluate() or evaluate_number(), to
// the bit, with the same known of the leaves that batches follow (LeafColumns), nothing of others,
// and without shares. A program with either (by_row) is decided more often by evaluate().
#pragma once

#include "core/program/program.h"

namespace mq
{

constexpr uint32_t kBatchRows = 1024; // most rows of one call

// What is known of one leaf for the rows 0 .. n-1 of a batch; by LeafKind::columns.
struct LeafColumn {
    bool given = false;
    // counts: lo[i] <= count <= hi[i] where known[i] is not 0; there nothing is known
    uint32_t *lo = nullptr, *hi = nullptr;
    uint8_t *known = nullptr;
    uint8_t *outcomes = nullptr; // outcomes: Outcome bits
};

// Bytes of memory that the functions below need, aligned as for a double.
size_t batch_memory_size(const Program &program);

constexpr int kBatchDone = -1;

// Outcomes of the clause for each of n rows. `calls` are those of read_leaf_calls() for the inputs;
// columns, by site, are needed of usable calls of a kind that batches follow. Evaluation ends at
// the first one that is not given and that some row's outcome depends on: returns its site, and
// `outcomes` is garbage. kBatchDone else. REQUIRES: inputs of all the program has, program.kind is
// condition, n <= kBatchRows.
int evaluate_batch(const Program &program, const ProgramInput *inputs, const LeafCall *calls,
                   const LeafColumn *columns, uint32_t n, void *memory, uint8_t *outcomes);

// What is known of the number for each of n rows: Num's lo, hi and may. As above, but REQUIRES:
// program.kind is number.
int evaluate_number_batch(const Program &program, const ProgramInput *inputs, const LeafCall *calls,
                          const LeafColumn *columns, uint32_t n, void *memory, double *lo,
                          double *hi, uint8_t *may);

// Is a column of this leaf of use?
inline bool needs_column(const LeafCall &call)
{
    return call.state == CallState::usable && call.leaf->kind->columns != LeafColumns::none;
}

// Evaluates until it is done: evaluate() is one of the two above, fetch(site) gives the column of
// that site; false when it cannot be had any more, which ends it. Where a column was missing, the
// ones that follow it may be too: 1 is fetched, then 2, 4, ... more, so that a program of many
// leaves is not evaluated as many times, while one of few leaves fetches little that it does not
// need. Between evaluations nothing of the core is under way, so fetch() may leave by longjmp.
template <typename Evaluate, typename Fetch>
bool evaluate_with_columns(const Program &program, const LeafCall *calls, LeafColumn *columns,
                           Evaluate evaluate, Fetch fetch)
{
    int n = 1;
    for (int missing; (missing = evaluate()) != kBatchDone; n *= 2) {
        for (int site = missing, left = n; site < program.sites && left > 0; site++) {
            if (columns[site].given || !needs_column(calls[site]))
                continue;
            if (!fetch(site))
                return false;
            columns[site].given = true;
            left--;
        }
    }
    return true;
}

} // namespace mq
