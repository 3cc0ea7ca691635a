// Entries that were computed while a mask was encoded, for the insertion that comes later.
#pragma once

#include "chi/chi.h"
#include "types/mask/mask.h"

namespace mq
{

// Computes the entry of a mask that has just been encoded, and keeps it until it is taken, the
// transaction ends, or entries of another kind are made. Does nothing when there are many already:
// then nobody takes them.
void make_ready_entry(const ChiIndexInfo &info, Bytes encoded, const FlatMask &flat);

// The entry of a mask, palloc'd, if it was made ready; null otherwise. It is forgotten.
uint8_t *take_ready_entry(const ChiIndexInfo &info, Bytes encoded, size_t *size);

} // namespace mq
