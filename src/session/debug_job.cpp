#include "session/debug_job.h"

#include <climits>

#include "work/kind.h"

extern "C" {
#include "utils/guc.h"
}

namespace mq
{

#ifdef USE_ASSERT_CHECKING

namespace
{

int setting = 0;
uint32 waiting = 0; // units

void set_waiting(int value, void *)
{
    waiting = uint32(value);
}

// A few units are worth a worker.
uint64 cost()
{
    return waiting > 0 ? 1000 : 0;
}

void take(WorkList *list)
{
    memcpy(add_work(list, InvalidOid, sizeof waiting), &waiting, sizeof waiting);
    waiting = 0;
}

uint32 units_of(const void *payload)
{
    uint32 units;
    memcpy(&units, payload, sizeof units);
    return units;
}

void give_back(const WorkItem &, const void *payload)
{
    waiting = units_of(payload);
    elog(LOG, "debug job: %u units given back", waiting);
}

bool still_wanted(const WorkItem &, const void *)
{
    return true;
}

bool run(WorkSlice *slice)
{
    if (!slice->state)
        slice->state = MemoryContextAllocZero(slice->context, sizeof(uint32));
    uint32 *done = (uint32 *)slice->state;
    const uint32 all = units_of(slice->payload);
    slice->done = Min(slice->units, all - *done);
    *done += slice->done;
    if (*done == all)
        elog(LOG, "debug job: %u units done", all);
    return *done < all;
}

const JobKind kind = {"debugging", 0, true, cost, take, give_back, nullptr, still_wanted, run};

} // namespace

void debug_job_init()
{
    DefineCustomIntVariable("maskquery.debug_idle_job",
                            "For tests: units of work left to the background worker.", nullptr,
                            &setting, 0, 0, INT_MAX, PGC_SUSET, GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE,
                            nullptr, set_waiting, nullptr);
    register_job_kind(&kind);
}

#else

void debug_job_init()
{
}

#endif

} // namespace mq
