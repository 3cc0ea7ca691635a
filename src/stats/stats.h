// What a statement did: masks considered, decided by bounds, loaded. Feeds maskquery_last_query() and maskquery_stats.
//
// A *statement* is a top-level execution; nested ones (functions, triggers) count into it. Parallel workers add their
// share to the leader's through a small shared segment.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "storage/itemptr.h"
}

namespace mq
{

// cp (or another function that reads pixels) is about to read the pixels of one mask value. Call once a mask and row: a
// second cp over the same value in the same row that is served by the tile cache does not call it again.
// toastrelid: the TOAST relation of the value, InvalidOid when the value is stored inline.
void stats_mask_loaded(Oid toastrelid);

// Bytes of mask values fetched (from TOAST, or the inline value).
void stats_pixel_bytes(size_t bytes);

} // namespace mq
