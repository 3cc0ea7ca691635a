// Evaluates a program for many rows at once. Inputs are the same for all rows; what differs is what
// the index knows of their masks. For every row the result is that of evaluate() or
// evaluate_number(), to the bit, with a BoundSource that has `bounds` alone: pixel_sum, overlaps
// and shares take more than a column of counts. A program with any of these (by_row) is decided
// more often by evaluate().
#pragma once

#include "core/program/program.h"

namespace mq
{

constexpr uint32_t kBatchRows = 1024; // most rows of one call

// Tells the bounds of one cp for the rows 0 .. n-1 of the batch: lo[i] <= count <= hi[i], and
// known[i] other than 0; 0 where the index does not know the row. All three have room for
// kBatchRows elements. May leave by longjmp: nothing here owns anything.
struct BatchSource {
    void (*bounds)(void *context, const CpCall &call, uint32_t n, uint32_t *lo, uint32_t *hi,
                   uint8_t *known);
    void *context;
};

// Bytes of memory that the functions below need, aligned as for a double.
size_t batch_memory_size(const Program &program);

// Outcomes of the clause for each of n rows. A cp is not asked for when no row's outcome depends on
// it. REQUIRES: inputs of all the program has, program.kind is condition, n <= kBatchRows.
void evaluate_batch(const Program &program, const ProgramInput *inputs, const BatchSource &source,
                    uint32_t n, void *memory, uint8_t *outcomes);

// What is known of the number for each of n rows: Num's lo, hi and may. REQUIRES: inputs of
// all the program has, program.kind is number, n <= kBatchRows.
void evaluate_number_batch(const Program &program, const ProgramInput *inputs,
                           const BatchSource &source, uint32_t n, void *memory, double *lo,
                           double *hi, uint8_t *may);

} // namespace mq
