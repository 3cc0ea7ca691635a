// Entries of many masks at once, on several threads.
#pragma once

#include "core/chi/entry.h"

namespace mq
{

struct BatchItem {
    Bytes mask;
    uint8_t *entry;  // room for `capacity` bytes; null: nothing to build
    size_t capacity; // from chi_entry_size
    size_t size;     // of the finished entry
    bool failed;     // its entry could not be built
};

// Builds the entries of all items. Pure: works on the items' memory alone, all signals blocked in
// its threads. Errors: the first one met; the items that failed are marked, all others are
// finished.
bool build_batch(BatchItem *items, size_t count, const ChiGrid &grid, const ChiBins &bins,
                 int threads, Error &err);

} // namespace mq
