// Whether anything goes on in the database.
#pragma once

#include "pg/pg.h"

namespace mq
{

// Whether no client of this database is in a statement. REQUIRES: not in a transaction.
bool database_is_idle();

} // namespace mq
