#include "read/tile_cache.h"

#include "pg/toast.h"

extern "C" {
#include "access/heaptoast.h"
#include "access/xact.h"
#include "nodes/primnodes.h"
#include "utils/timestamp.h"
}

namespace mq
{

// A query looks at one mask, at most a few, at a time: the masks of one row.
constexpr int kSlots = 4;
// Bytes of decoded tiles and directories that one query may keep; beyond that it decodes without
// keeping.
constexpr size_t kBudget = size_t{64} << 20;
// Values in the tuple are compared byte by byte: no more than a heap page can hold.
constexpr size_t kMaxInlineKey = BLCKSZ;

struct TileCache {
    MemoryContext owner; // fn_mcxt
    TileCache *next;
    MemoryContextCallback callback;
    TimestampTz statement; // in which the slots were filled
    uint64_t clock;
    size_t kept;
    LoadedMask slots[kSlots];
};

// What a call site remembers in fn_extra.
struct CallSite {
    TileCache *cache;
    bool computed_argument;
};

// The caches of the queries that run now; few, since queries nest only through functions.
static TileCache *caches = nullptr;

static void unlink_cache(void *arg)
{
    for (TileCache **p = &caches; *p; p = &(*p)->next)
        if (*p == arg) {
            *p = (*p)->next;
            return;
        }
}

static TileCache *cache_of_context(MemoryContext owner)
{
    for (TileCache *c = caches; c; c = c->next)
        if (c->owner == owner)
            return c;
    TileCache *cache = static_cast<TileCache *>(MemoryContextAllocZero(owner, sizeof(TileCache)));
    cache->owner = owner;
    cache->statement = GetCurrentStatementStartTimestamp();
    for (LoadedMask &slot : cache->slots)
        slot.context = AllocSetContextCreate(owner, "mask tile cache", ALLOCSET_DEFAULT_SIZES);
    cache->callback.func = unlink_cache;
    cache->callback.arg = cache;
    MemoryContextRegisterResetCallback(owner, &cache->callback);
    cache->next = caches;
    caches = cache;
    return cache;
}

static bool first_argument_is_computed(const Node *call)
{
    List *args = NIL;
    if (call && IsA(call, FuncExpr))
        args = reinterpret_cast<const FuncExpr *>(call)->args;
    else if (call && IsA(call, OpExpr))
        args = reinterpret_cast<const OpExpr *>(call)->args;
    if (args == NIL)
        return false;
    const Node *first = static_cast<const Node *>(linitial(args));
    return IsA(first, FuncExpr) || IsA(first, OpExpr) || IsA(first, Aggref);
}

static CallSite *call_site(FmgrInfo *flinfo)
{
    if (!flinfo->fn_extra) {
        CallSite *site =
            static_cast<CallSite *>(MemoryContextAlloc(flinfo->fn_mcxt, sizeof(CallSite)));
        site->cache = cache_of_context(flinfo->fn_mcxt);
        site->computed_argument = first_argument_is_computed(flinfo->fn_expr);
        flinfo->fn_extra = site;
    }
    return static_cast<CallSite *>(flinfo->fn_extra);
}

bool argument_is_computed(FmgrInfo *flinfo)
{
    return flinfo && call_site(flinfo)->computed_argument;
}

static void empty_slot(TileCache *cache, LoadedMask *slot)
{
    MemoryContext context = slot->context;
    cache->kept -= slot->kept;
    *slot = LoadedMask{};
    slot->context = context;
    MemoryContextReset(context);
}

// A TOAST pointer cannot come to mean another value while a query runs: the rows of the value that
// it read the pointer from are visible to its snapshot, so vacuum cannot remove them, and a new
// value never takes the OID of one that is there. Some contexts outlive a query (PL/pgSQL evaluates
// simple expressions in one a transaction), so the slots are emptied when a new statement of the
// client begins; within a statement, reuse of an OID would take four billion others first.
TileCache *find_tile_cache(FmgrInfo *flinfo)
{
    if (!flinfo)
        return nullptr;
    TileCache *cache = call_site(flinfo)->cache;
    TimestampTz statement = GetCurrentStatementStartTimestamp();
    if (cache->statement != statement) {
        for (LoadedMask &slot : cache->slots)
            empty_slot(cache, &slot);
        cache->statement = statement;
    }
    return cache;
}

static bool same_value(const LoadedMask &mask, const struct varlena *stored)
{
    struct varatt_external pointer;
    if (get_toast_pointer(stored, &pointer))
        return mask.external && memcmp(&pointer, &mask.pointer, sizeof pointer) == 0;
    // The address tells rows apart that hold equal masks: each is a mask loaded.
    return !mask.external && mask.address == stored && mask.copy_size == VARSIZE_ANY(stored) &&
           memcmp(mask.copy, stored, mask.copy_size) == 0;
}

LoadedMask *cache_lookup(TileCache *cache, const struct varlena *stored)
{
    for (LoadedMask &slot : cache->slots)
        if (slot.published && same_value(slot, stored)) {
            slot.last_used = ++cache->clock;
            return &slot;
        }
    return nullptr;
}

bool cache_accepts(const struct varlena *stored, size_t size)
{
    if (size > kBudget / kSlots)
        return false;
    return VARATT_IS_EXTERNAL_ONDISK(stored) ||
           (!VARATT_IS_EXTERNAL(stored) && VARSIZE_ANY(stored) <= kMaxInlineKey);
}

LoadedMask *cache_reserve(TileCache *cache, struct varlena *stored)
{
    LoadedMask *mask = &cache->slots[0];
    for (LoadedMask &slot : cache->slots)
        if (slot.last_used < mask->last_used)
            mask = &slot;
    empty_slot(cache, mask);

    mask->cache = cache;
    mask->external = get_toast_pointer(stored, &mask->pointer);
    if (!mask->external) {
        mask->address = stored;
        mask->copy_size = VARSIZE_ANY(stored);
        mask->copy =
            static_cast<struct varlena *>(MemoryContextAlloc(mask->context, mask->copy_size));
        memcpy(mask->copy, stored, mask->copy_size);
    }
    return mask;
}

void cache_publish(LoadedMask *mask)
{
    TileCache *cache = mask->cache;
    mask->last_used = ++cache->clock;
    mask->kept = mask->prefix.size + mask->header.tiles() * sizeof(void *);
    if (mask->chunks)
        mask->kept += (mask->value_size / TOAST_MAX_CHUNK_SIZE + 1) * sizeof(void *);
    cache->kept += mask->kept;
    mask->published = true;
}

// Empties slots, those used longest ago first, until `size` more bytes fit. Never the two used
// last, which a function of two masks reads now.
static bool make_room(TileCache *cache, size_t size)
{
    while (cache->kept + size > kBudget) {
        LoadedMask *victim = nullptr;
        for (LoadedMask &slot : cache->slots)
            if (slot.published && slot.last_used + 1 < cache->clock &&
                (!victim || slot.last_used < victim->last_used))
                victim = &slot;
        if (!victim)
            return false;
        empty_slot(cache, victim);
    }
    return true;
}

bool cache_reserve_bytes(LoadedMask *mask, size_t size)
{
    if (!mask->cache || !make_room(mask->cache, size))
        return false;
    mask->kept += size;
    mask->cache->kept += size;
    return true;
}

const void *cache_keep_tile(LoadedMask *mask, uint32_t tile, const void *pixels, size_t size)
{
    if (!cache_reserve_bytes(mask, size))
        return nullptr;
    void *copy = MemoryContextAlloc(mask->context, size);
    memcpy(copy, pixels, size);
    mask->tiles[tile] = copy;
    return copy;
}

} // namespace mq
