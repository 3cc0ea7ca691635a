// Entries of many masks at once, on several threads.
#pragma once

#include <atomic>
#include <pthread.h>

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

// The building of the entries of some items, beside whatever the caller does. Pure: it works on the
// items' memory and this, all signals blocked in its threads. A plain struct in memory that
// outlives the work; until finish_batch or cancel_batch has returned neither may be touched.
constexpr int kMaxBatchThreads = 64;
struct BatchWork {
    BatchItem *items;
    size_t count;
    ChiGrid grid;
    ChiBins bins;
    std::atomic<size_t> next; // item to be built next
    std::atomic<bool> failed; // then `error` is the first error met
    Error error;
    int helpers; // threads started
    pthread_t threads[kMaxBatchThreads];
};

// Starts threads - 1 helpers (fewer for few items, or when the system gives none) and returns. With
// one thread all is left to finish_batch.
void start_batch(BatchWork *work, BatchItem *items, size_t count, const ChiGrid &grid,
                 const ChiBins &bins, int threads);

// Takes part in what is left, and waits for the helpers. Errors: the first one met; the items that
// failed are marked, all others are finished.
bool finish_batch(BatchWork *work, Error &err);

// Gives up what has not been begun, and waits for the helpers.
void cancel_batch(BatchWork *work);

} // namespace mq
