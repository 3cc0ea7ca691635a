// What parallel workers have touched, on its way to their leader.
#pragma once

#include "pg/pg.h"

namespace mq
{

// Room in the shared memory of a parallel plan (src/session/statement.cpp). What does not fit is
// forgotten: the rows stay pending.
struct SharedTouches;
size_t shared_touches_size();
void init_shared_touches(SharedTouches *shared);
void send_touches(SharedTouches *shared);    // a worker, before it ends
void receive_touches(SharedTouches *shared); // the leader, when its workers have ended

} // namespace mq
