#include <sched.h>
#include <unistd.h>

#include "chi/build/threads.h"
#include "pg/pg.h"

extern "C" {
#include "utils/guc.h"
}

namespace mq
{

constexpr int kMaxThreads = 1024;

static int threads_setting = 0;

// That this process may run on.
static int processors()
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        return CPU_COUNT(&set);
    return int(sysconf(_SC_NPROCESSORS_ONLN));
}

void define_thread_setting()
{
    DefineCustomIntVariable(
        "maskquery.threads", "Number of threads that work on pixels, as when an index is built.",
        "0 uses max_parallel_maintenance_workers. Never more than there are processors.",
        &threads_setting, 0, 0, kMaxThreads, PGC_USERSET, 0, nullptr, nullptr, nullptr);
}

int thread_count()
{
    int wanted = threads_setting > 0 ? threads_setting : max_parallel_maintenance_workers;
    return std::max(1, std::min(wanted, processors()));
}

} // namespace mq
