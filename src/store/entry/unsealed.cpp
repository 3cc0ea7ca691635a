// What is remembered are TIDs, nothing else, and it may be as old as it likes. Sealing changes no
// answer: whatever row-shaped entry the slot of a TID leads to when the time has come may be
// sealed, be it the one that was noted or that of another row by now. So the notes need no care
// about transactions that abort, rows that die, or indexes that are dropped; those of a file that
// is gone are never met again. They may be forgotten at any time: VACUUM seals what is left over.
// So a seal that fails, with no room to write segments for instance, fails no statement.
#include "store/entry/unsealed.h"

#include <algorithm>

#include "store/segment/seal.h"
#include "store/segment/segments.h"
#include "pg/compat.h"
#include "pg/optional.h"

extern "C" {
#include "utils/hsearch.h"
}

namespace mq
{

// Entries of one header in one index.
struct UnsealedKey {
    Oid index;
    RelFileNumber file;
    uint32_t size;
    uint8_t header[kChiEntryHeaderSize];
};
struct Unsealed {
    UnsealedKey key;
    uint32_t count;
    ItemPointerData tids[kSegmentRows];
};

// More lists than a backend keeps, about 200 kB of them: then it forgets them all.
constexpr long kMaxLists = 128;

static HTAB *lists = nullptr;

static void make_lists()
{
    HASHCTL info = {};
    info.keysize = sizeof(UnsealedKey);
    info.entrysize = sizeof(Unsealed);
    lists = hash_create("chi entries to seal", kMaxLists, &info, HASH_ELEM | HASH_BLOBS);
}

static void seal_tids(Sealer *sealer, const ItemPointerData *tids, uint32_t count)
{
    Relation index = sealer->index;
    ChiEntryBuffer buffer;
    buffer.context = CurrentMemoryContext;

    // Before the slots are read: as long as it is held, VACUUM takes no line pointer from a row
    // that is being sealed.
    lock_seals(index);
    for (uint32_t i = 0; i < count; i++) {
        ItemPointerData slot;
        if ((i == 0 || !same_slot(&tids[i], &tids[i - 1])) &&
            read_slot(index, &tids[i], nullptr, &slot) && slot_is_chunk(&slot) &&
            read_entry(index, &slot, &tids[i], nullptr, &buffer) == ChiState::built)
            add_to_seal(sealer, &tids[i], &slot, buffer.data, buffer.size);
    }
    finish_sealer(sealer);
    unlock_seals(index);
    if (buffer.data)
        pfree(buffer.data);
}

// Seals the row-shaped entries that the slots of these TIDs lead to, if that can be done. Sorts
// them: a TID that was used again since it was noted may be there twice.
static void try_seal(Relation index, ItemPointerData *tids, uint32_t count)
{
    static OptionalWork work = {"seal entries of a chi index"};
    Sealer sealer = {};
    sealer.index = index;
    std::sort(tids, tids + count, [](ItemPointerData &a, ItemPointerData &b) {
        return ItemPointerCompare(&a, &b) < 0;
    });
    if (!try_optional(&work, [&] {
            sealer = make_sealer(index, false);
            seal_tids(&sealer, tids, count);
        }))
        abandon_sealer(&sealer);
}

void note_unsealed(Relation index, const ItemPointerData *tid, const uint8_t *entry, size_t size)
{
    uint32_t limit = size > kChiEntryHeaderSize ? segment_rows_for(size) : 0;
    if (limit == 0)
        return;
    if (lists && hash_get_num_entries(lists) >= kMaxLists) {
        hash_destroy(lists);
        lists = nullptr;
    }
    if (!lists)
        make_lists();

    UnsealedKey key = {};
    key.index = RelationGetRelid(index);
    key.file = relation_file_number(index);
    key.size = size;
    memcpy(key.header, entry, sizeof key.header);
    bool found;
    Unsealed *list = (Unsealed *)hash_search(lists, &key, HASH_ENTER, &found);
    if (!found)
        list->count = 0;
    list->tids[list->count++] = *tid;
    if (list->count < limit)
        return;

    ItemPointerData tids[kSegmentRows];
    uint32_t count = list->count;
    memcpy(tids, list->tids, count * sizeof *tids);
    hash_search(lists, &key, HASH_REMOVE, nullptr);
    try_seal(index, tids, count);
}

} // namespace mq
