#include "learn/learnt.h"

#include "chi/chi.h"
#include "chi/build/summary.h"

extern "C" {
#include "access/genam.h"
#include "access/xlog.h"
#include "storage/lmgr.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
}

namespace mq
{

namespace
{

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

LearntKey make_key(const IndexFile &file, const ItemPointerData *root)
{
    LearntKey key;
    memset(&key, 0, sizeof key);
    key.file = file;
    key.root = *root;
    return key;
}

void forget(Learnt *l)
{
    kept -= l->size;
    pfree(l->bytes);
    hash_search(learnt, &l->key, HASH_REMOVE, nullptr);
}

} // namespace

void learn_entry(Relation index, const ItemPointerData *root, Bytes mask)
{
    make_table();
    if (kept >= kMaxKept)
        return;
    const ChiIndexInfo *info = chi_index_info(index);
    size_t size;
    MemoryContext caller = MemoryContextSwitchTo(context);
    uint8_t *bytes = make_entry(info->grid, info->bins, mask, nullptr, &size);
    MemoryContextSwitchTo(caller);
    if (!bytes) { // too large for any entry
        if (!RecoveryInProgress())
            chi_fill_pending(index, root, nullptr, 0);
        return;
    }

    bool found;
    LearntKey key = make_key(file_of(index), root);
    Learnt *l = (Learnt *)hash_search(learnt, &key, HASH_ENTER, &found);
    if (found) {
        kept -= l->size;
        pfree(l->bytes);
    }
    l->bytes = bytes;
    l->size = size;
    kept += size;
    if (hash_get_num_entries(learnt) >= kBatch)
        write_learnt();
}

bool find_learnt(const IndexFile &file, const ItemPointerData *root, Bytes *entry)
{
    if (!learnt || hash_get_num_entries(learnt) == 0)
        return false;
    LearntKey key = make_key(file, root);
    Learnt *l = (Learnt *)hash_search(learnt, &key, HASH_FIND, nullptr);
    if (l)
        *entry = Bytes{l->bytes, l->size};
    return l != nullptr;
}

void write_learnt()
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

} // namespace mq
