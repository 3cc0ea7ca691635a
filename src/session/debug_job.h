// A kind of work for tests, on servers with assertions: units that do nothing, while the database
// is idle. maskquery.debug_idle_job says how many the next statement leaves behind.
#pragma once

#include "pg/pg.h"

namespace mq
{

// Defines the setting and registers the kind; called once from _PG_init.
void debug_job_init();

} // namespace mq
