// chi_check(): verifies an index, in amcheck's manners: read only, with concurrent readers and
// writers allowed, an error at the first fault.
//
//   1. every block: it is new (all zeros), or a sound page of its kind with sound items;
//   2. the TID map: from the metapage down, every map page is reached exactly once and knows its
//   own place;
//   3. every segment: head, payload's head and the pages that it lists belong together;
//   4. every slot: pending, oversized, or it leads to a complete chain of chunks that carry the
//   slot's TID and that open as an entry, or to a row of a segment that carries the slot's TID.
//      No chunk or row can be shared then, for it carries one TID and a TID has one slot;
//   5. with heapallindexed, index against heap: the line pointer of every slot is in use, and not
//   by a heap-only tuple;
//   6. with heapallindexed, heap against index: every row that a fresh snapshot sees has an entry,
//   equal byte for byte to
//      one computed from the row's mask, or is pending, or marked as oversized and is so; a row
//      without a mask has none.
//
// Chunks, rows and segments that no slot leads to are no fault: see vacuum.cpp and seal.cpp for
// where they come from and how they go.
#include "chi/am.h"
#include "core/base/bits.h"
#include "store/page/cache.h"
#include "chi/inspect/check_segment.h"
#include "store/entry/entries.h"
#include "chi/open.h"
#include "chi/build/summary.h"
#include "store/page/tid_map.h"
#include "pg/compat.h"
#include "pg/guard.h"

extern "C" {
#include "access/heapam.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "nodes/execnodes.h"
#include "utils/snapmgr.h"
}

namespace mq
{

struct CheckState {
    Relation heap, index;
    ChiIndexInfo info;
    bool against_heap; // checks 5 and 6
    BlockNumber blocks;
    uint8_t *map_pages, *reached; // bitmaps over blocks: formatted as map pages, met on the walk
    ChiRow row;
    ChiSegment *segment;
    MemoryContext scratch;
};

// Check 1 for one block, already locked.
static void check_block(CheckState *state, BlockNumber block, Page page)
{
    ChiPageKind kind;
    if (PageIsNew(page)) {
        if (block == 0)
            index_corrupted(state->index, "The metapage holds only zeros.");
        return;
    }
    if (!page_is_sound(page, &kind) || (kind == ChiPageKind::meta) != (block == 0))
        index_corrupted(state->index, "Block %u is not a page of this index.", block);
    if (kind == ChiPageKind::segment)
        return;
    if (kind != ChiPageKind::entries) {
        set_bit(state->map_pages, block);
        return;
    }
    for (OffsetNumber offset = FirstOffsetNumber; offset <= PageGetMaxOffsetNumber(page); offset++)
        checked_chunk(state->index, page, offset);
}

static void check_blocks(CheckState *state)
{
    for (BlockNumber block = 0; block < state->blocks; block++) {
        CHECK_FOR_INTERRUPTS();
        Buffer buffer = read_locked(state->index, block, BUFFER_LOCK_SHARE);
        check_block(state, block, BufferGetPage(buffer));
        UnlockReleaseBuffer(buffer);
        check_segment(state->index, block, state->segment);
    }
}

// A slot and what it should lead to are read one after the other, and VACUUM may come in between:
// what looks wrong is only wrong when it stays so while the slot does. VACUUM empties the slot
// before it touches the rest, so after one more look at both nothing but corruption is left (short
// of a row vacuumed, and its line pointer used again, twice meanwhile).
constexpr int kLooks = 3;

// Check 4 for one slot.
static void check_slot(CheckState *state, const ItemPointerData *tid)
{
    for (int look = 0; look < kLooks; look++) {
        ItemPointerData slot;
        // It is empty now, if it leads nowhere because of VACUUM.
        if (chi_lookup(state->index, tid, &state->row) != ChiState::missing ||
            !read_slot(state->index, tid, nullptr, &slot) || slot_is_empty(&slot))
            return;
    }
    index_corrupted(state->index, "The slot of tuple (%u,%u) does not lead to its entry.",
                    ItemPointerGetBlockNumberNoCheck(tid), ItemPointerGetOffsetNumberNoCheck(tid));
}

// True when the heap's line pointer may have an index entry: a plain tuple, the root of a HOT
// chain, or a dead row that VACUUM has yet to report.
static bool may_be_indexed(Relation heap, const ItemPointerData *tid)
{
    BlockNumber block = ItemPointerGetBlockNumberNoCheck(tid);
    OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);
    if (block >= RelationGetNumberOfBlocks(heap))
        return false;

    Buffer buffer = ReadBuffer(heap, block);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    Page page = BufferGetPage(buffer);
    bool may = false;
    if (offset <= PageGetMaxOffsetNumber(page)) {
        ItemId item = PageGetItemId(page, offset);
        may = ItemIdIsUsed(item) &&
              !(ItemIdIsNormal(item) &&
                HeapTupleHeaderIsHeapOnly((HeapTupleHeader)PageGetItem(page, item)));
    }
    UnlockReleaseBuffer(buffer);
    return may;
}

// Check 5 for one slot.
static void check_line_pointer(CheckState *state, const ItemPointerData *tid)
{
    for (int look = 0; look < kLooks; look++) {
        ItemPointerData slot;
        if (may_be_indexed(state->heap, tid) || !read_slot(state->index, tid, nullptr, &slot) ||
            slot_is_empty(&slot))
            return;
    }
    index_corrupted(state->index,
                    "There is an entry for tuple (%u,%u), which table \"%s\" does not have.",
                    ItemPointerGetBlockNumberNoCheck(tid), ItemPointerGetOffsetNumberNoCheck(tid),
                    RelationGetRelationName(state->heap));
}

static bool check_map_page(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position,
                           void *arg)
{
    CheckState *state = (CheckState *)arg;
    CHECK_FOR_INTERRUPTS();

    // Pages added since the blocks were counted are none of our business.
    if (block < state->blocks) {
        if (test_bit(state->reached, block))
            index_corrupted(index, "Map page %u is pointed to twice.", block);
        set_bit(state->reached, block);
    }
    if (kind != ChiPageKind::tids)
        return true;

    // The page as a whole: what is left out of walks must be empty.
    ChiTidPage copy;
    Buffer buffer = read_locked(index, block, BUFFER_LOCK_SHARE);
    copy = *checked_tid_page(index, buffer, position);
    UnlockReleaseBuffer(buffer);
    for (uint32_t i = 0; i < kSlotsPerTidPage; i++) {
        if (slot_is_empty(&copy.slot[i]))
            continue;
        ItemPointerData tid = tid_of_slot(position, i);
        if (i % kSlotsOfBlock >= used_slots(copy, i / kSlotsOfBlock))
            index_corrupted(index, "The slot of tuple (%u,%u) lies beyond those in use.",
                            ItemPointerGetBlockNumberNoCheck(&tid),
                            ItemPointerGetOffsetNumberNoCheck(&tid));
        check_slot(state, &tid);
        if (state->against_heap)
            check_line_pointer(state, &tid);
    }
    return true;
}

static void check_map(CheckState *state)
{
    set_bit(state->reached, 0);
    walk_map(state->index, MapVisitor{check_map_page, state});

    // A map page is formatted and linked by one WAL record, and never unlinked.
    for (BlockNumber block = 0; block < state->blocks; block++)
        if (test_bit(state->map_pages, block) && !test_bit(state->reached, block))
            index_corrupted(state->index, "Map page %u is not part of the map.", block);
}

// Check 6 for one row; `tid` is the root of its HOT chain.
static void check_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive,
                      void *arg)
{
    CheckState *state = (CheckState *)arg;
    BlockNumber block = ItemPointerGetBlockNumberNoCheck(tid);
    OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);
    ChiState found = chi_lookup(index, tid, &state->row);

    if (isnull[0]) {
        if (found != ChiState::missing)
            index_corrupted(index, "Tuple (%u,%u) has an entry, but no mask.", block, offset);
        return;
    }
    if (found == ChiState::missing)
        index_corrupted(index, "Tuple (%u,%u) of table \"%s\" has no entry.", block, offset,
                        RelationGetRelationName(state->heap));
    if (found == ChiState::pending)
        return;
    Bytes known{};
    if (found == ChiState::built && !chi_row_entry(index, &state->row, &known))
        return; // its segment was replaced while we looked at it

    MemoryContext caller = MemoryContextSwitchTo(state->scratch);
    size_t size;
    Bytes mask = mask_bytes(PG_DETOAST_DATUM_PACKED(values[0]));
    uint8_t *entry = make_entry(state->info.grid, state->info.bins, mask, nullptr, &size);
    if (size != known.size || (size > 0 && memcmp(entry, known.data, size) != 0))
        index_corrupted(index, "The entry of tuple (%u,%u) does not match its mask.", block,
                        offset);
    MemoryContextSwitchTo(caller);
    MemoryContextReset(state->scratch);
}

static void check_rows(CheckState *state)
{
    Snapshot snapshot = RegisterSnapshot(GetTransactionSnapshot());

    // As in amcheck: an index that was built over broken HOT chains says nothing about rows that
    // only older snapshots see, and a REPEATABLE READ transaction may hold one.
    if (IsolationUsesXactSnapshot() && state->index->rd_index->indcheckxmin &&
        !TransactionIdPrecedes(HeapTupleHeaderGetXmin(state->index->rd_indextuple->t_data),
                               snapshot->xmin))
        ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                        errmsg("index \"%s\" cannot be verified using transaction snapshot",
                               RelationGetRelationName(state->index)),
                        errhint("Check it in a new transaction.")));

    IndexInfo *index_info = BuildIndexInfo(state->index);
    index_info->ii_Concurrent = true;
    TableScanDesc scan = table_beginscan_strat(state->heap, snapshot, 0, nullptr, true, true);
    table_index_build_scan(state->heap, state->index, index_info, true, false, check_row, state,
                           scan);
    UnregisterSnapshot(snapshot);
}

static void check_index(const OpenedIndex &opened, bool heapallindexed)
{
    // The metapage as it lies on the page, not as the cache remembers it.
    ChiCache meta;
    read_meta_page(opened.index, &meta);

    CheckState state = {};
    state.heap = opened.heap;
    state.index = opened.index;
    state.info = meta.info;
    state.against_heap = heapallindexed && opened.heap->rd_tableam == GetHeapamTableAmRoutine();
    state.blocks = meta.blocks;
    state.map_pages = (uint8_t *)palloc0(state.blocks / 8 + 1);
    state.reached = (uint8_t *)palloc0(state.blocks / 8 + 1);
    state.row.context = CurrentMemoryContext;
    state.segment = make_chi_segment(CurrentMemoryContext);
    state.scratch =
        AllocSetContextCreate(CurrentMemoryContext, "chi check", ALLOCSET_DEFAULT_SIZES);

    check_blocks(&state);
    check_map(&state);
    if (heapallindexed)
        check_rows(&state);
}

} // namespace mq

MQ_FUNCTION(chi_check_index)
{
    using namespace mq;
    bool heapallindexed = PG_GETARG_BOOL(1);
    OpenedIndex opened = open_chi_index(PG_GETARG_OID(0));
    OwnerScope scope = enter_owner(opened);
    check_index(opened, heapallindexed);
    leave_owner(scope);
    close_chi_index(opened);
    PG_RETURN_VOID();
}
