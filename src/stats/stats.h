// What a statement did: masks considered, decided by bounds, loaded. Feeds maskquery_last_query()
// and maskquery_stats.
//
// A *statement* is a top-level execution; what functions and triggers run inside it counts into it.
// Parallel workers add their share to the leader's through a small shared segment (src/session).
#pragma once

#include "pg/pg.h"

extern "C" {
#include "storage/itemptr.h"
}

namespace mq
{

// cp (or another function that reads pixels) is about to read the pixels of one mask value. Call
// once a mask and row: a second cp over the same value in the same row that is served by the tile
// cache does not call it again. toastrelid: the TOAST relation of the value, InvalidOid when the
// value is stored inline.
void stats_mask_loaded(Oid toastrelid);

// Bytes of mask values fetched (from TOAST, or the inline value).
void stats_pixel_bytes(size_t bytes);

// What the bounds said of one mask of one row, in the order in which a row passes through them:
// considered by a clause that did not refute it, then proven or not by it.
enum class Verdict : uint8_t { considered, accepted, undecided, pruned };

// A guard considered the mask in `column` (attribute number) of the row `tid` of table `relid`,
// whose TOAST relation is toastrelid. The same row may be judged by several clauses: it counts as
// one mask, pruned when any clause was refuted, accepted when all were proven.
void stats_mask_judged(Oid relid, ItemPointer tid, Oid toastrelid, Verdict verdict);

// A scan has left out so many rows, since the bounds of their masks refuted a clause, before
// anything else looked at them.
void stats_masks_pruned(Oid toastrelid, int64 masks);

// The number of the statement that is counted now.
int64 stats_statement();
// Masks that were judged pruned by a node which keeps their rows have been asked for after all. The
// statement is the one that was counted then; when it is not any more (a cursor read on after
// another query), its figures stay as they are.
void stats_masks_reopened(int64 statement, int64 masks, Verdict verdict);

} // namespace mq
