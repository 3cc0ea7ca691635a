// Candidates that parallel workers have noted, on their way to the leader.
#pragma once

#include "pg/pg.h"

namespace mq
{

// Room in the shared memory of a parallel plan (src/session/statement.cpp). What does not fit is
// forgotten: the rows stay pending.
struct SharedCandidates;
size_t shared_candidates_size();
void init_shared_candidates(SharedCandidates *shared);
void send_candidates(SharedCandidates *shared);    // a worker, before it ends
void receive_candidates(SharedCandidates *shared); // the leader, when its workers have ended

} // namespace mq
