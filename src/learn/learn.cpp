#include "learn/learn.h"

#include "chi/chi.h"
#include "chi/summary.h"
#include "pg/compat.h"
#include "pg/toast.h"

extern "C" {
#include "access/genam.h"
#include "access/xlog.h"
#include "storage/lmgr.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
}

namespace mq
{

namespace
{

bool enable_learning = true; // maskquery.enable_learning

// An index file: an OID may be given a new file by REINDEX, and then knows nothing of what was
// learnt.
struct IndexFile {
    Oid index;
    RelFileNumber number;
};

// ---- rows announced ----

// How many announcements may be open at once: the masks of one row, of a few joined tables.
constexpr int kAnnounced = 8;

// A mask is recognised by its TOAST pointer, or by its bytes when it lies in the tuple: an address
// would not do, since the next row may lie at the same one.
struct Announced {
    bool open;
    IndexFile file;
    ItemPointerData root;
    bool external;
    struct varatt_external pointer;
    size_t inline_size;
    char inline_bytes[BLCKSZ];
};
Announced *announced = nullptr; // kAnnounced of them
int next_announced = 0;

Announced *find_announced(const struct varlena *stored)
{
    if (!announced)
        return nullptr;
    struct varatt_external pointer;
    bool external = get_toast_pointer(stored, &pointer);
    for (int i = 0; i < kAnnounced; i++) {
        Announced &a = announced[i];
        if (!a.open || a.external != external)
            continue;
        if (external ? memcmp(&a.pointer, &pointer, sizeof pointer) == 0
                     : a.inline_size == VARSIZE_ANY(stored) &&
                           memcmp(a.inline_bytes, stored, a.inline_size) == 0)
            return &a;
    }
    return nullptr;
}

// ---- entries learnt ----

struct LearntKey {
    IndexFile file;
    ItemPointerData root;
    uint16 zero; // no padding may differ
};
struct Learnt {
    LearntKey key;
    uint8_t *bytes;
    size_t size;
};

// Entries written at once; and, where they cannot be written, bytes that a session keeps at most.
constexpr long kBatch = 64;
constexpr size_t kMaxKept = size_t{64} << 20;

MemoryContext context = nullptr; // the entries' bytes
HTAB *learnt = nullptr;
size_t kept = 0;

void make_table()
{
    if (learnt)
        return;
    context = AllocSetContextCreate(TopMemoryContext, "masks learnt", ALLOCSET_DEFAULT_SIZES);
    HASHCTL info = {};
    info.keysize = sizeof(LearntKey);
    info.entrysize = sizeof(Learnt);
    info.hcxt = context;
    learnt = hash_create("masks learnt", 256, &info, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

LearntKey make_key(IndexFile file, const ItemPointerData *root)
{
    LearntKey key;
    memset(&key, 0, sizeof key);
    key.file = file;
    key.root = *root;
    return key;
}

IndexFile file_of(Relation index)
{
    return IndexFile{RelationGetRelid(index), relation_file_number(index)};
}

void forget(Learnt *l)
{
    kept -= l->size;
    pfree(l->bytes);
    hash_search(learnt, &l->key, HASH_REMOVE, nullptr);
}

} // namespace

void learn_announce(Relation index, const ItemPointerData *root, Datum mask)
{
    if (!enable_learning)
        return;
    struct varlena *stored = (struct varlena *)DatumGetPointer(mask);
    Announced *known = find_announced(stored);
    if (!announced)
        announced =
            (Announced *)MemoryContextAllocZero(TopMemoryContext, kAnnounced * sizeof(Announced));
    Announced *a = known ? known : &announced[next_announced++ % kAnnounced];
    a->open = false;
    a->file = file_of(index);
    a->root = *root;
    a->external = get_toast_pointer(stored, &a->pointer);
    if (!a->external) {
        if (VARATT_IS_EXTERNAL(stored) || VARSIZE_ANY(stored) > sizeof a->inline_bytes)
            return; // computed, or expanded: not a mask in a tuple
        a->inline_size = VARSIZE_ANY(stored);
        memcpy(a->inline_bytes, stored, a->inline_size);
    }
    a->open = true;
}

bool learn_wants(const struct varlena *stored)
{
    return find_announced(stored) != nullptr;
}

void learn_offer(const struct varlena *stored, Bytes mask)
{
    Announced *a = find_announced(stored);
    if (!a)
        return;
    a->open = false;
    LearntKey key = make_key(a->file, &a->root);

    // The guard holds a lock on the index; the reference is for its facts only.
    Relation index = RelationIdGetRelation(a->file.index);
    if (!RelationIsValid(index))
        return;
    if (relation_file_number(index) == a->file.number) {
        make_table();
        const ChiIndexInfo *info = chi_index_info(index);
        size_t size = 0;
        uint8_t *bytes = nullptr;
        if (kept < kMaxKept) {
            MemoryContext old = MemoryContextSwitchTo(context);
            bytes = make_entry(info->grid, info->bins, mask, &size);
            MemoryContextSwitchTo(old);
            if (!bytes && !RecoveryInProgress())
                chi_fill_pending(index, &key.root, nullptr, 0); // too large for any entry
        }
        if (bytes) {
            bool found;
            Learnt *l = (Learnt *)hash_search(learnt, &key, HASH_ENTER, &found);
            if (found) {
                kept -= l->size;
                pfree(l->bytes);
            }
            l->bytes = bytes;
            l->size = size;
            kept += size;
        }
    }
    RelationClose(index);
    if (learnt && hash_get_num_entries(learnt) >= kBatch)
        learn_flush();
}

bool learn_lookup(Relation index, const ItemPointerData *root, Bytes *entry)
{
    if (!learnt || hash_get_num_entries(learnt) == 0)
        return false;
    LearntKey key = make_key(file_of(index), root);
    Learnt *l = (Learnt *)hash_search(learnt, &key, HASH_FIND, nullptr);
    if (l)
        *entry = Bytes{l->bytes, l->size};
    return l != nullptr;
}

// Nothing here is transactional: an entry is true of its row whether or not the transaction that
// computed it commits.
void learn_flush()
{
    if (!learnt || hash_get_num_entries(learnt) == 0 || RecoveryInProgress())
        return; // a standby keeps them for the session

    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, learnt);
    Learnt *l;
    Relation index = nullptr;
    while ((l = (Learnt *)hash_seq_search(&scan)) != nullptr) {
        // The index may have been dropped since; its lock may be somebody's who waits for us, so
        // none is waited for.
        if (!index || RelationGetRelid(index) != l->key.file.index) {
            if (index)
                index_close(index, NoLock);
            index = nullptr;
            if (ConditionalLockRelationOid(l->key.file.index, AccessShareLock))
                index = RelationIdGetRelation(l->key.file.index);
        }
        if (index && relation_file_number(index) == l->key.file.number)
            chi_fill_pending(index, &l->key.root, l->bytes, l->size);
        forget(l);
    }
    if (index)
        index_close(index, NoLock);
}

void learn_init()
{
    DefineCustomBoolVariable(
        "maskquery.enable_learning",
        "Lets queries complete incremental chi indexes with the masks they read.", nullptr,
        &enable_learning, true, PGC_USERSET, GUC_EXPLAIN, nullptr, nullptr, nullptr);
}

} // namespace mq
