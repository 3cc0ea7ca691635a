// Candidates for an index entry of which only the mask is known: TOASTed masks that cp has read
// without a guard's asking, where an incremental index waits for masks of that TOAST table.
#pragma once

#include "pg/pg.h"

namespace mq
{

// A mask by its TOAST pointer: va_toastrelid and va_valueid.
struct CandidateMask {
    Oid toast;
    Oid value;
};

// Notes that a mask is about to be read. Each is noted once.
void note_candidate_mask(const CandidateMask &mask);
void forget_candidate_masks(Oid toast);

// How many masks have not been taken yet.
uint32 waiting_candidate_masks();

// They, in ascending order, palloc'd. They count as taken from now on.
struct CandidateMasks {
    CandidateMask *masks;
    uint32 count;
};
CandidateMasks take_candidate_masks();

// The taker could not do anything about them: they may be taken again.
void give_back_candidate_masks(const CandidateMasks &masks);

} // namespace mq
