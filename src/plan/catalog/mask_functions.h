// Which functions make and aggregate masks in a way that bounds can follow.
#pragma once

#include "core/chi/aggregate/level_sets.h"
#include "pg/pg.h"

extern "C" {
#include "nodes/pathnodes.h"
}

namespace mq
{

// Is it `mask > t` or the like? *mask_first tells the order of its arguments; the comparison is
// that of the mask with the number.
bool find_mask_comparison(Oid funcid, Comparison *comparison, bool *mask_first);

// Is it mask_intersect, mask_union, mask_avg or mask_sum, however it and its schema are called, or
// an aggregate over `mask_type` that its owner has declared to be monotone? The plan is made anew
// when what the answer depends on changes.
bool find_mask_aggregate(PlannerGlobal *glob, Oid aggfnoid, Oid mask_type, MaskAggregate *kind);

} // namespace mq
