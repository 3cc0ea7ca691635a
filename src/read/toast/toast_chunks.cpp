// detoast_attr_slice() fetches what lies between two offsets, page after page, and opens the TOAST
// table anew each time. Tiles lie here and there in a value, and on a disk the pages they take are
// so many waits. So here the index of the TOAST table is asked for all of them first, PostgreSQL
// told which pages will be read (a hint to the kernel), and then they are read.
#include "read/toast/toast_chunks.h"

#include "pg/compat.h"
#include "pg/prefetch.h"

extern "C" {
#include "access/genam.h"
#include "access/nbtree.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/toast_internals.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "utils/fmgroids.h"
}

namespace mq
{

namespace
{

// Columns of every TOAST table, the first two of its index.
constexpr AttrNumber kValueId = 1, kChunkNumber = 2, kChunkData = 3;

// Chunks farther apart than this are looked for anew, instead of walking over the index entries
// between them. A page of the index has some 300.
constexpr uint32_t kFarApart = 128;

[[noreturn]] void missing_chunk(const struct varatt_external &pointer, uint32_t chunk)
{
    ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
                    errmsg("stored mask is corrupted: chunk %u of TOAST value %u is missing", chunk,
                           pointer.va_valueid)));
}

// Where the chunks lie: entries of chunk numbers not asked for are passed over. A number that is
// met twice is that of a value long dead besides ours; which of them is there the heap knows, so
// both are kept. Returns how many were found.
struct ChunkPlace {
    uint32_t chunk; // place in the list of those asked for
    ItemPointerData tid;
};

struct Places {
    ChunkPlace *at;
    size_t n, room;

    void add(uint32_t chunk, const ItemPointerData &tid)
    {
        if (n == room) {
            room *= 2;
            at = (ChunkPlace *)repalloc(at, room * sizeof(ChunkPlace));
        }
        at[n++] = ChunkPlace{chunk, tid};
    }
};

void find_chunks(IndexScanDesc scan, const struct varatt_external &pointer, const uint32_t *chunks,
                 size_t n, Places *places)
{
    TupleDesc entry = RelationGetDescr(scan->indexRelation);
    for (size_t from = 0; from < n;) {
        size_t to = from + 1;
        while (to < n && chunks[to] - chunks[to - 1] <= kFarApart)
            to++;
        ScanKeyData keys[3];
        ScanKeyInit(&keys[0], kValueId, BTEqualStrategyNumber, F_OIDEQ,
                    ObjectIdGetDatum(pointer.va_valueid));
        ScanKeyInit(&keys[1], kChunkNumber, BTGreaterEqualStrategyNumber, F_INT4GE,
                    Int32GetDatum(int32(chunks[from])));
        ScanKeyInit(&keys[2], kChunkNumber, BTLessEqualStrategyNumber, F_INT4LE,
                    Int32GetDatum(int32(chunks[to - 1])));
        index_rescan(scan, keys, lengthof(keys), nullptr, 0);
        size_t next = from;
        while (ItemPointer tid = index_getnext_tid(scan, ForwardScanDirection)) {
            CHECK_FOR_INTERRUPTS();
            bool is_null;
            uint32_t number = uint32_t(
                DatumGetInt32(index_getattr(scan->xs_itup, kChunkNumber, entry, &is_null)));
            while (next < to && chunks[next] < number)
                next++;
            if (next < to && chunks[next] == number)
                places->add(uint32_t(next), *tid);
        }
        from = to;
    }
}

void prefetch_places(Relation toast, const Places &places)
{
    BlockNumber last = InvalidBlockNumber;
    for (size_t i = 0; i < places.n; i++) {
        BlockNumber block = ItemPointerGetBlockNumber(&places.at[i].tid);
        if (block != last)
            prefetch_block(toast, block);
        last = block;
    }
}

bool on_one_page(const Places &places)
{
    for (size_t i = 1; i < places.n; i++)
        if (ItemPointerGetBlockNumber(&places.at[i].tid) !=
            ItemPointerGetBlockNumber(&places.at[0].tid))
            return false;
    return true;
}

// Copies the chunk in the slot. Errors: ERRCODE_DATA_CORRUPTED.
void copy_chunk(TupleTableSlot *slot, const struct varatt_external &pointer, uint32_t chunk,
                uint8_t *out)
{
    const size_t size = toast_value_size(pointer), begin = size_t{chunk} * kToastChunk;
    const size_t expected = std::min(kToastChunk, size - begin);
    bool is_null;
    const struct varlena *data =
        (const struct varlena *)DatumGetPointer(slot_getattr(slot, kChunkData, &is_null));
    if (is_null || VARATT_IS_EXTERNAL(data) || VARATT_IS_COMPRESSED(data) ||
        VARSIZE_ANY_EXHDR(data) != expected)
        ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
                        errmsg("stored mask is corrupted: chunk %u of TOAST value %u has another "
                               "size than %zu bytes",
                               chunk, pointer.va_valueid, expected)));
    memcpy(out, VARDATA_ANY(data), expected);
}

// A TOAST table, and a scan of its index.
struct ToastScan {
    Relation toast, *indexes;
    int n_indexes;
    IndexScanDesc scan;
};

void begin_toast_scan(const struct varatt_external &pointer, Snapshot snapshot, ToastScan *s)
{
    s->toast = table_open(pointer.va_toastrelid, AccessShareLock);
    int valid = toast_open_indexes(s->toast, AccessShareLock, &s->indexes, &s->n_indexes);
    s->scan = begin_index_scan(s->toast, s->indexes[valid], snapshot, 3);
    s->scan->xs_want_itup = true;
}

void end_toast_scan(ToastScan *s)
{
    index_endscan(s->scan);
    toast_close_indexes(s->indexes, s->n_indexes, AccessShareLock);
    table_close(s->toast, AccessShareLock);
}

// Whether an entry of an inner page of the index stands at or before the value's first chunk.
// Columns that the entry has been shortened by sort before all values.
bool leads_before(Relation index, IndexTuple entry, Oid value)
{
    TupleDesc desc = RelationGetDescr(index);
    const int columns = BTreeTupleGetNAtts(entry, index);
    bool is_null;
    if (columns < kValueId)
        return true;
    const Oid id = DatumGetObjectId(index_getattr(entry, kValueId, desc, &is_null));
    if (id != value || columns < kChunkNumber)
        return id <= value;
    return DatumGetInt32(index_getattr(entry, kChunkNumber, desc, &is_null)) <= 0;
}

// The child of a locked page where the value's first chunk is; InvalidBlockNumber when it is no
// inner page of this level. The last entry that leads before it names the child.
BlockNumber find_child(Relation index, Page page, uint32 level, Oid value)
{
    if (PageIsNew(page) || PageGetSpecialSize(page) != MAXALIGN(sizeof(BTPageOpaqueData)))
        return InvalidBlockNumber;
    BTPageOpaque opaque = BTPageGetOpaque(page);
    if (P_ISLEAF(opaque) || P_IGNORE(opaque) || opaque->btpo_level != level)
        return InvalidBlockNumber;
    // The first one stands before everything, whatever it says.
    OffsetNumber low = P_FIRSTDATAKEY(opaque), high = PageGetMaxOffsetNumber(page);
    if (low > high)
        return InvalidBlockNumber;
    while (low < high) {
        const OffsetNumber middle = low + (high - low + 1) / 2;
        IndexTuple entry = (IndexTuple)PageGetItem(page, PageGetItemId(page, middle));
        if (leads_before(index, entry, value))
            low = middle;
        else
            high = middle - 1;
    }
    return BTreeTupleGetDownLink((IndexTuple)PageGetItem(page, PageGetItemId(page, low)));
}

// As the server sees TOAST rows: a value to which there is a pointer may be read, however old it
// is.
SnapshotData any_age()
{
    SnapshotData snapshot = {};
    snapshot.snapshot_type = SNAPSHOT_TOAST;
    return snapshot;
}

} // namespace

void fetch_chunks(const struct varatt_external &pointer, const uint32_t *chunks, size_t n,
                  uint8_t *out)
{
    if (n == 0)
        return;
    SnapshotData snapshot = any_age();
    ToastScan s;
    begin_toast_scan(pointer, &snapshot, &s);
    Places places{(ChunkPlace *)palloc(n * sizeof(ChunkPlace)), 0, n};
    find_chunks(s.scan, pointer, chunks, n, &places);
    if (!on_one_page(places))
        prefetch_places(s.toast, places);

    TupleTableSlot *slot = table_slot_create(s.toast, nullptr);
    size_t next = 0; // chunk to come
    for (size_t i = 0; i < places.n; i++) {
        if (places.at[i].chunk < next)
            continue;
        if (places.at[i].chunk > next)
            break;
        CHECK_FOR_INTERRUPTS();
        bool again = false, all_dead;
        if (!table_index_fetch_tuple(s.scan->xs_heapfetch, &places.at[i].tid, &snapshot, slot,
                                     &again, &all_dead))
            continue;
        copy_chunk(slot, pointer, chunks[next], out + next * kToastChunk);
        next++;
    }
    if (next < n)
        missing_chunk(pointer, chunks[next]);
    ExecDropSingleTupleTableSlot(slot);
    end_toast_scan(&s);
    pfree(places.at);
}

// Goes down the index as a search does, one page locked at a time, but stops above the leaf, which
// it asks for. Inner pages are few and soon in memory. Where a page has been split meanwhile the
// leaf may be the wrong one, which costs a page read in vain.
void prefetch_value_entry(const struct varatt_external &pointer)
{
    SnapshotData snapshot = any_age();
    ToastScan s;
    begin_toast_scan(pointer, &snapshot, &s);
    Relation index = s.scan->indexRelation;
    Buffer buffer = ReadBuffer(index, BTREE_METAPAGE);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    const BTMetaPageData *meta = BTPageGetMeta(BufferGetPage(buffer));
    BlockNumber block = meta->btm_fastroot;
    uint32 level = meta->btm_magic == BTREE_MAGIC && block != P_NONE ? meta->btm_fastlevel : 0;
    UnlockReleaseBuffer(buffer);
    for (; level > 0 && block != InvalidBlockNumber; level--) {
        buffer = ReadBuffer(index, block);
        LockBuffer(buffer, BUFFER_LOCK_SHARE);
        block = find_child(index, BufferGetPage(buffer), level, pointer.va_valueid);
        UnlockReleaseBuffer(buffer);
        if (level == 1 && block != InvalidBlockNumber)
            prefetch_block(index, block);
    }
    end_toast_scan(&s);
}

void prefetch_value_start(const struct varatt_external &pointer)
{
    const uint32_t first = 0;
    SnapshotData snapshot = any_age();
    ToastScan s;
    begin_toast_scan(pointer, &snapshot, &s);
    Places places{(ChunkPlace *)palloc(sizeof(ChunkPlace)), 0, 1};
    find_chunks(s.scan, pointer, &first, 1, &places);
    prefetch_places(s.toast, places);
    end_toast_scan(&s);
    pfree(places.at);
}

} // namespace mq
