// Choosing the grid, the value range and the bins of a new index.
#pragma once

#include "chi/chi.h"

extern "C" {
#include "nodes/execnodes.h"
}

namespace mq
{

// From the index's options, and where those leave it open from a sample of the table's masks: the
// union of their domains as value range, quantiles of their pixels as equi-depth edges. Bounded
// work: a few dozen blocks. heap = null: as for an empty table.
ChiIndexInfo choose_info(Relation heap, Relation index, IndexInfo *index_info);

} // namespace mq
