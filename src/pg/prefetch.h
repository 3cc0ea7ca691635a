// Asking for pages before they are read.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "storage/bufmgr.h"
#include "utils/rel.h"
}

namespace mq
{

// Tells the kernel that a block of a relation's main fork is about to be read, unless it is in
// shared buffers. Only a hint; effective_io_concurrency = 0 turns it off, as elsewhere in
// PostgreSQL. A number above it is not kept to: pages asked for here are ones that are read next, a
// few dozen at most, not guesses. REQUIRES: the block exists.
inline void prefetch_block(Relation relation, BlockNumber block)
{
    if (effective_io_concurrency > 0)
        PrefetchBuffer(relation, MAIN_FORKNUM, block);
}

} // namespace mq
