#include "chi/build/batch.h"

#include <algorithm>
#include <exception>
#include <new>

#include "chi/build/threads.h"

namespace mq
{

// Fewer masks are not worth a further thread.
constexpr size_t kMasksPerThread = 8;

static bool build_item(BatchItem *item, const ChiGrid &grid, const ChiBins &bins, Error &err)
{
    if (!item->entry)
        return true;
    try {
        return chi_build_entry(item->mask, grid, bins, item->entry, item->capacity, &item->size,
                               err);
    } catch (const std::bad_alloc &) {
        return err.set(ErrorCode::out_of_memory, "out of memory");
    } catch (const std::exception &e) {
        return err.set(ErrorCode::internal, "unexpected C++ exception: %s", e.what());
    } catch (...) {
        return err.set(ErrorCode::internal, "unexpected C++ exception");
    }
}

static void *build_items(void *arg)
{
    BatchWork *work = (BatchWork *)arg;
    for (size_t i; (i = work->next.fetch_add(1)) < work->count;) {
        BatchItem *item = &work->items[i];
        Error mine;
        item->failed = !build_item(item, work->grid, work->bins, mine);
        // Only the first writes the error, and it is read when all threads have ended.
        if (item->failed && !work->failed.exchange(true))
            work->error = mine;
    }
    return nullptr;
}

static void join_helpers(BatchWork *work)
{
    while (work->helpers > 0)
        pthread_join(work->threads[--work->helpers], nullptr);
}

void start_batch(BatchWork *work, BatchItem *items, size_t count, const ChiGrid &grid,
                 const ChiBins &bins, int threads)
{
    work->items = items;
    work->count = count;
    work->grid = grid;
    work->bins = bins;
    work->next = 0;
    work->failed = false;
    work->helpers = 0;

    // A thread starts with the signals blocked that its creator blocks.
    SignalBlock signals;
    size_t helpers =
        std::min<size_t>(std::min(threads - 1, kMaxBatchThreads), count / kMasksPerThread);
    signals.enter();
    while (size_t(work->helpers) < helpers &&
           pthread_create(&work->threads[work->helpers], nullptr, build_items, work) == 0)
        work->helpers++;
    signals.leave();
}

bool finish_batch(BatchWork *work, Error &err)
{
    build_items(work);
    join_helpers(work);
    if (work->failed)
        err = work->error;
    return !work->failed;
}

void cancel_batch(BatchWork *work)
{
    work->next = work->count;
    join_helpers(work);
}

} // namespace mq
