// Masks that a query has opened lately, with the tiles that it has decoded. Used by tile_reader.cpp
// only.
//
// All call sites of one query have the same FmgrInfo.fn_mcxt (the executor's per-query context),
// and the cache belongs to that context: it is found by it, allocated in it, and unlinked by a
// reset callback when the query ends.
#pragma once

#include "core/mask/codec.h"
#include "pg/pg.h"

namespace mq
{

struct TileCache;

// An open mask. `prefix` holds the first bytes of the value, at least the tile directory, or all of
// it. Of a value that is fetched by slices it ends with a TOAST chunk or with the value.
struct LoadedMask {
    // What the value is known by. On-disk TOAST values: the TOAST pointer. Small values in the
    // tuple: address and bytes.
    bool external;
    struct varatt_external pointer;
    const void *address;
    struct varlena *copy;
    size_t copy_size;

    MemoryContext context; // of all that follows; reset when the slot is reused
    TileCache *cache;      // null when nothing is kept
    bool published;        // look-ups find it
    bool reported;         // counted as loaded
    uint64_t last_used;
    size_t kept; // bytes of the cache's budget that this mask holds

    size_t value_size;
    Bytes prefix;
    MaskHeader header;
    TileDirectory directory; // points into prefix and header
    void **tiles; // decoded tiles, null where not kept; null as a whole when nothing is kept
    const uint8_t **chunks; // TOAST chunks of the value behind the prefix, null where not kept;
                            // null as a whole when none are
};

// The cache of this call site. Null when flinfo is null.
TileCache *find_tile_cache(FmgrInfo *flinfo);

// True when the call site's mask argument is the result of another function, so that a value in
// memory says nothing about what was loaded from a table.
bool argument_is_computed(FmgrInfo *flinfo);

// The mask with this stored value, or null.
LoadedMask *cache_lookup(TileCache *cache, const struct varlena *stored);

// Whether a value of this form, of which `size` bytes would be held in memory from the start, may
// enter the cache.
bool cache_accepts(const struct varlena *stored, size_t size);

// An empty slot keyed by the stored value; the mask used longest ago leaves. cache_publish() makes
// it visible to look-ups once it is filled, so that an error in between leaves no half-open mask
// behind.
LoadedMask *cache_reserve(TileCache *cache, struct varlena *stored);
void cache_publish(LoadedMask *mask);

// Reserves `size` bytes of the budget for something that the caller allocates in mask->context;
// false when there is no room, or nothing is kept.
bool cache_reserve_bytes(LoadedMask *mask, size_t size);

// Keeps a decoded tile if the budget has room, and returns the copy to use from now on; null when
// it has not.
const void *cache_keep_tile(LoadedMask *mask, uint32_t tile, const void *pixels, size_t size);

} // namespace mq
