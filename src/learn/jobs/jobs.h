// Building index entries as work for the background worker (src/work): of rows, which a guard has
// found pending, and of masks, which have to be found among the pending rows first.
#pragma once

#include "learn/index_file.h"
#include "work/kind.h"

extern "C" {
#include "storage/itemptr.h"
}

namespace mq
{

// Payload: CandidateBlocks of one index file, ascending; the relation is the index.
extern const JobKind rows_job;
// Payload: CandidateMasks of one TOAST table, ascending; the relation is that table.
extern const JobKind masks_job;

// The settings of a worker that learns.
void begin_learning_job();

// Builds the entries of rows of an index that are still pending. False when the index cannot be
// had, now or any more.
bool build_rows(const IndexFile &file, const ItemPointerData *roots, int n);

} // namespace mq
