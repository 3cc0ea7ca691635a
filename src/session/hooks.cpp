// The executor's hooks: each is saved and assigned here and nowhere else. What another library has
// put there runs within ours.
#include "session/statement.h"

#include "pg/compat.h"

extern "C" {
#include "executor/executor.h"
}

namespace mq
{

namespace
{

ExecutorStart_hook_type previous_start = nullptr;
ExecutorRun_hook_type previous_run = nullptr;

void start(QueryDesc *query, int eflags)
{
    before_executor_start(query, eflags);
    if (previous_start)
        previous_start(query, eflags);
    else
        standard_ExecutorStart(query, eflags);
}

void run(MQ_RUN_PARAMETERS)
{
    before_executor_run(query);
    PG_TRY();
    {
        if (previous_run)
            previous_run(MQ_RUN_ARGUMENTS);
        else
            standard_ExecutorRun(MQ_RUN_ARGUMENTS);
    }
    PG_FINALLY();
    {
        leave_executor_run();
    }
    PG_END_TRY();
    after_executor_run();
}

} // namespace

void install_executor_hooks()
{
    previous_start = ExecutorStart_hook;
    ExecutorStart_hook = start;
    previous_run = ExecutorRun_hook;
    ExecutorRun_hook = run;
}

} // namespace mq
