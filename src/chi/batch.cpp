#include "chi/batch.h"

#include <exception>
#include <new>

#include "chi/threads.h"

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

bool build_batch(BatchItem *items, size_t count, const ChiGrid &grid, const ChiBins &bins,
                 int threads, Error &err)
{
    bool ok = true;
    SignalBlock signals;

    // To start threads takes as long as hundreds of masks.
    threads = int(std::min<size_t>(threads, 1 + count / kMasksPerThread));

    signals.enter();
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
    for (size_t i = 0; i < count; i++) {
        Error mine;
        items[i].failed = !build_item(&items[i], grid, bins, mine);
        if (items[i].failed) {
#pragma omp critical(mq_batch_error)
            {
                if (ok)
                    err = mine;
                ok = false;
            }
        }
    }
    signals.leave();
    return ok;
}

} // namespace mq
