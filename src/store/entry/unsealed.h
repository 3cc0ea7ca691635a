// Row-shaped entries that this backend has stored, remembered until they are enough for a segment.
#pragma once

#include "store/store.h"

namespace mq
{

// Notes that this backend has published a row-shaped entry; seals a segment's worth of what it
// noted. REQUIRES: not building; no buffer lock is held.
void note_unsealed(Relation index, const ItemPointerData *tid, const uint8_t *entry, size_t size);

} // namespace mq
