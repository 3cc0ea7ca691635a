#include "work/idle.h"

#include "pg/compat.h"

extern "C" {
#include "access/xact.h"
#include "pgstat.h"
#include "utils/backend_status.h"
}

namespace mq
{

static bool is_in_statement(const PgBackendStatus &backend)
{
    return backend.st_backendType == B_BACKEND && backend.st_databaseid == MyDatabaseId &&
           (backend.st_state == STATE_RUNNING || backend.st_state == STATE_FASTPATH);
}

bool database_is_idle()
{
    Assert(!IsTransactionState());
    bool idle = true;
    const int n = pgstat_fetch_stat_numbackends();
    for (int i = 1; i <= n && idle; i++)
        idle = !is_in_statement(backend_status(i));
    pgstat_clear_backend_activity_snapshot(); // or the next call would see this one's
    return idle;
}

} // namespace mq
