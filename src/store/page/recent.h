// Pages of chi indexes, looked for where they lay in shared buffers the last time.
//
// A walk over an index visits thousands of pages and does little on each. What takes the time is
// waiting for memory: the search in the server's table of buffers, then the first bytes of the
// page. A backend therefore remembers in which buffer it found a page; that spares the search, and
// lets it ask the CPU early for bytes that it is going to read.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "storage/bufmgr.h"
#include "utils/rel.h"
}

namespace mq
{

// ReadBuffer of the main fork: the page, pinned.
Buffer read_recent(Relation index, BlockNumber block);

// Asks the CPU to fetch bytes [offset, offset + size) of a page, and its header and its special
// space, if it was in shared buffers when this backend saw it last. A hint: pins nothing, waits for
// nothing, and does no harm when another page lies there by now. REQUIRES: offset + size <= BLCKSZ.
void prefetch_recent(Relation index, BlockNumber block, size_t offset, size_t size);

} // namespace mq
