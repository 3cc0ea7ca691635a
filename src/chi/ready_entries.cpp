// Entries are found by a fingerprint of the mask as encoded, under a key that only this process
// knows: the bytes themselves would take twenty times the memory. src/core/base/fingerprint.h has
// the chance of a mistake.
#include "chi/ready_entries.h"

#include "chi/build/summary.h"
#include "core/base/fingerprint.h"

extern "C" {
#include "access/xact.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
}

namespace mq
{

namespace
{

// COPY keeps 1,000 rows back at most.
constexpr long kMaxReady = 1024;
constexpr size_t kMaxReadyBytes = size_t{16} << 20;

struct Ready {
    Fingerprint mask; // the key
    uint8_t *entry;
    size_t size;
};

MemoryContext context = nullptr; // the table and the entries; null: there are none
HTAB *table = nullptr;
size_t bytes = 0;
ChiIndexInfo *made_for = nullptr;
FingerprintKey key;
bool have_key = false;

void forget_ready()
{
    if (context)
        MemoryContextDelete(context);
    context = nullptr;
    table = nullptr;
    made_for = nullptr;
    bytes = 0;
}

void forget_at_end(XactEvent event, void *)
{
    if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
        forget_ready();
}

bool choose_key()
{
    uint8_t random[sizeof(FingerprintKey)];
    if (have_key)
        return true;
    if (!pg_strong_random(random, sizeof random))
        return false;
    key = random_key(random);
    RegisterXactCallback(forget_at_end, nullptr);
    have_key = true;
    return true;
}

bool same_entries(const ChiIndexInfo &a, const ChiIndexInfo &b)
{
    return a.grid.cell_width == b.grid.cell_width && a.grid.cell_height == b.grid.cell_height &&
           a.grid.grid_x == b.grid.grid_x && a.grid.grid_y == b.grid.grid_y &&
           a.grid.extremes == b.grid.extremes && a.bins == b.bins;
}

bool prepare(const ChiIndexInfo &info)
{
    if (!choose_key())
        return false;
    if (context && made_for && same_entries(*made_for, info))
        return true;
    forget_ready();
    context =
        AllocSetContextCreate(TopMemoryContext, "chi entries made ready", ALLOCSET_DEFAULT_SIZES);
    HASHCTL ctl = {};
    ctl.keysize = sizeof(Fingerprint);
    ctl.entrysize = sizeof(Ready);
    ctl.hcxt = context;
    table = hash_create("chi entries made ready", kMaxReady, &ctl,
                        HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    made_for = (ChiIndexInfo *)MemoryContextAlloc(context, sizeof info);
    *made_for = info;
    return true;
}

} // namespace

void make_ready_entry(const ChiIndexInfo &info, Bytes encoded, const FlatMask &flat)
{
    if (!prepare(info) || hash_get_num_entries(table) >= kMaxReady || bytes >= kMaxReadyBytes)
        return;
    Fingerprint mask = fingerprint(key, encoded);
    if (hash_search(table, &mask, HASH_FIND, nullptr))
        return; // of an equal mask
    size_t size;
    MemoryContext caller = MemoryContextSwitchTo(context);
    uint8_t *entry = make_entry(info.grid, info.bins, encoded, flat.pixels, &size);
    MemoryContextSwitchTo(caller);
    if (!entry)
        return; // too large for an index
    Ready *ready = (Ready *)hash_search(table, &mask, HASH_ENTER, nullptr);
    ready->entry = entry;
    ready->size = size;
    bytes += size;
}

uint8_t *take_ready_entry(const ChiIndexInfo &info, Bytes encoded, size_t *size)
{
    if (!table || hash_get_num_entries(table) == 0 || !same_entries(*made_for, info))
        return nullptr;
    Fingerprint mask = fingerprint(key, encoded);
    Ready *ready = (Ready *)hash_search(table, &mask, HASH_FIND, nullptr);
    if (!ready)
        return nullptr;
    uint8_t *taken = (uint8_t *)palloc(ready->size);
    memcpy(taken, ready->entry, ready->size);
    *size = ready->size;
    bytes -= ready->size;
    pfree(ready->entry);
    hash_search(table, &mask, HASH_REMOVE, nullptr);
    return taken;
}

} // namespace mq
