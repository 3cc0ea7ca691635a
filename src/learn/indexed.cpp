#include "learn/indexed.h"

#include "chi/chi.h"
#include "chi/build/summary.h"
#include "pg/optional.h"

extern "C" {
#include "access/genam.h"
#include "access/xlog.h"
#include "storage/lmgr.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
}

namespace mq
{

namespace
{

struct IndexedKey {
    IndexFile file;
    ItemPointerData root;
    uint16 zero; // no padding may differ
};
struct IndexedEntry {
    IndexedKey key;
    uint8_t *bytes; // null, and size 0: the entry would be too large
    size_t size;
};

// Entries written at once; and, where they cannot be written, bytes that a session keeps at most.
constexpr long kBatch = 64;
constexpr size_t kMaxKept = size_t{64} << 20;

MemoryContext context = nullptr; // the entries' bytes
HTAB *indexed = nullptr;
size_t kept = 0;

void make_table()
{
    if (indexed)
        return;
    context =
        AllocSetContextCreate(TopMemoryContext, "chi entries to write", ALLOCSET_DEFAULT_SIZES);
    HASHCTL info = {};
    info.keysize = sizeof(IndexedKey);
    info.entrysize = sizeof(IndexedEntry);
    info.hcxt = context;
    indexed =
        hash_create("chi entries to write", 256, &info, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

IndexedKey make_key(const IndexFile &file, const ItemPointerData *root)
{
    IndexedKey key;
    memset(&key, 0, sizeof key);
    key.file = file;
    key.root = *root;
    return key;
}

void forget(IndexedEntry *l)
{
    kept -= l->size;
    if (l->bytes)
        pfree(l->bytes);
    hash_search(indexed, &l->key, HASH_REMOVE, nullptr);
}

// Calls take(IndexedEntry *) for the entries of one index file.
template <typename Take> void for_each_of(const IndexFile &file, Take take)
{
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, indexed);
    while (IndexedEntry *l = (IndexedEntry *)hash_seq_search(&scan))
        if (same_file(l->key.file, file))
            take(l);
}

IndexFile file_to_write()
{
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, indexed);
    IndexFile file = ((IndexedEntry *)hash_seq_search(&scan))->key.file;
    hash_seq_term(&scan);
    return file;
}

// The index may have been dropped since; its lock may be that of a session which waits for us, so
// it is not waited for.
void write_file(const IndexFile &file)
{
    if (!ConditionalLockRelationOid(file.index, AccessShareLock))
        return;
    Relation index = RelationIdGetRelation(file.index);
    if (!RelationIsValid(index))
        return;
    if (relation_file_number(index) == file.number) {
        IndexedEntry **entries =
            (IndexedEntry **)palloc(sizeof(IndexedEntry *) * hash_get_num_entries(indexed));
        int n = 0;
        for_each_of(file, [&](IndexedEntry *l) { entries[n++] = l; });
        for (int i = 0; i < n; i++)
            chi_fill_pending(index, &entries[i]->key.root, entries[i]->bytes, entries[i]->size);
    }
    index_close(index, NoLock);
}

// ---- indexes that cannot be written ----

struct Pause {
    IndexFile file;
    TimestampTz until;
};
constexpr int kPauses = 8;
constexpr int kPauseMs = 60000;
Pause pauses[kPauses];
int next_pause = 0;
bool any_pause = false;

void pause_learning(const IndexFile &file)
{
    pauses[next_pause++ % kPauses] = {file,
                                      TimestampTzPlusMilliseconds(GetCurrentTimestamp(), kPauseMs)};
    any_pause = true;
}

} // namespace

bool learning_is_paused(const IndexFile &file)
{
    if (likely(!any_pause))
        return false;
    TimestampTz now = GetCurrentTimestamp();
    any_pause = false;
    bool paused = false;
    for (const Pause &pause : pauses) {
        bool lasts = pause.until > now;
        any_pause = any_pause || lasts;
        paused = paused || (lasts && same_file(pause.file, file));
    }
    return paused;
}

void index_entry(Relation index, const ItemPointerData *root, Bytes mask)
{
    make_table();
    if (kept >= kMaxKept)
        return;
    const ChiIndexInfo *info = chi_index_info(index);
    size_t size;
    const uint8_t *made = make_entry(info->grid, info->bins, mask, nullptr, &size);
    uint8_t *bytes = made ? (uint8_t *)MemoryContextAlloc(context, size) : nullptr;
    if (made)
        memcpy(bytes, made, size);

    bool found;
    IndexedKey key = make_key(file_of(index), root);
    IndexedEntry *l = (IndexedEntry *)hash_search(indexed, &key, HASH_ENTER, &found);
    if (found) {
        kept -= l->size;
        if (l->bytes)
            pfree(l->bytes);
    }
    l->bytes = bytes;
    l->size = size;
    kept += size;
}

bool find_indexed(const IndexFile &file, const ItemPointerData *root, Bytes *entry)
{
    if (!indexed || hash_get_num_entries(indexed) == 0)
        return false;
    IndexedKey key = make_key(file, root);
    IndexedEntry *l = (IndexedEntry *)hash_search(indexed, &key, HASH_FIND, nullptr);
    if (!l || !l->bytes)
        return false;
    *entry = Bytes{l->bytes, l->size};
    return true;
}

void write_indexed()
{
    static OptionalWork work = {"complete a chi index with masks that a query has read"};
    if (!indexed || RecoveryInProgress())
        return; // a standby keeps them for the session
    while (hash_get_num_entries(indexed) > 0) {
        const IndexFile file = file_to_write();
        bool written = try_optional(&work, [&] { write_file(file); });
        for_each_of(file, forget);
        if (!written)
            pause_learning(file);
    }
}

bool have_many_indexed()
{
    return indexed && hash_get_num_entries(indexed) >= kBatch;
}

} // namespace mq
