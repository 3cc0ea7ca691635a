// Looking up entries by heap TID. README.md ("Why a reader never sees a foreign entry") has the
// argument that no lock needs to be held between the slot and the entry.
#include "chi/cache.h"
#include "chi/entries.h"
#include "chi/tid_map.h"

extern "C" {
#include "access/heapam.h"
#include "access/tableam.h"
#include "utils/sampling.h"
#include "utils/snapmgr.h"
}

namespace mq
{

ChiState chi_lookup(Relation index, ItemPointer tid, ChiEntryBuffer *buffer)
{
    Snapshot snapshot = ActiveSnapshotSet() ? GetActiveSnapshot() : nullptr;
    ItemPointerData slot;

    if (!read_slot(index, tid, snapshot, &slot) || slot_is_empty(&slot))
        return ChiState::missing;
    if (slot_is_pending(&slot))
        return ChiState::pending;
    if (slot_is_oversized(&slot))
        return ChiState::oversized;
    return read_entry(index, &slot, tid, snapshot, buffer, nullptr);
}

// The root of the HOT chain that a heap-only tuple belongs to; false when the TID is not one.
static bool hot_root(Relation heap, ItemPointer tid, ItemPointer root)
{
    BlockNumber block = ItemPointerGetBlockNumberNoCheck(tid);
    OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);
    OffsetNumber roots[MaxHeapTuplesPerPage];
    bool found = false;

    Buffer buffer = ReadBuffer(heap, block);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    Page page = BufferGetPage(buffer);
    if (offset >= FirstOffsetNumber && offset <= PageGetMaxOffsetNumber(page)) {
        ItemId item = PageGetItemId(page, offset);
        if (ItemIdIsNormal(item) &&
            HeapTupleHeaderIsHeapOnly((HeapTupleHeader)PageGetItem(page, item))) {
            heap_get_root_tuples(page, roots);
            found = roots[offset - 1] != InvalidOffsetNumber;
            if (found)
                ItemPointerSet(root, block, roots[offset - 1]);
        }
    }
    UnlockReleaseBuffer(buffer);
    return found;
}

ChiState chi_lookup_row(Relation heap, Relation index, ItemPointer tid, ChiEntryBuffer *buffer,
                        ItemPointer root)
{
    ItemPointerData known = *tid;
    ChiState state = chi_lookup(index, &known, buffer);

    if (state == ChiState::missing && heap->rd_tableam == GetHeapamTableAmRoutine() &&
        hot_root(heap, tid, &known))
        state = chi_lookup(index, &known, buffer);
    if (root)
        *root = known;
    return state;
}

// Copies the heads of up to `want` entries of a page. They are looked at again, by location, when
// no lock is held.
struct SampledHead {
    ItemPointerData location, tid;
};

static int sample_page(Relation index, BlockNumber block, int want, SampledHead *heads)
{
    Buffer buffer = read_locked(index, block, BUFFER_LOCK_SHARE);
    Page page = BufferGetPage(buffer);
    ChiPageKind kind;
    int found = 0;

    // Any page may turn up here; a damaged one is not worth failing an estimate.
    if (!PageIsNew(page) && page_is_sound(page, &kind) && kind == ChiPageKind::entries) {
        for (OffsetNumber offset = FirstOffsetNumber;
             offset <= PageGetMaxOffsetNumber(page) && found < want; offset++) {
            const ChiChunk *chunk = checked_chunk(index, page, offset);
            if (chunk && chunk->offset == 0) {
                ItemPointerSet(&heads[found].location, block, offset);
                heads[found++].tid = chunk->tid;
            }
        }
    }
    UnlockReleaseBuffer(buffer);
    return found;
}

int chi_sample_entries(Relation index, int want,
                       void (*visit)(const uint8_t *entry, size_t size, void *arg), void *arg)
{
    // Entries of one page come from neighbouring rows, often alike: a few of each page will do.
    // Pages of the TID map that are drawn give nothing, hence more draws than needed.
    constexpr int kPerPage = 4;
    constexpr size_t kMaxBytes = size_t{8}
                                 << 20; // entries of large grids cost too much for more of them
    SampledHead heads[kPerPage];
    BlockSamplerData sampler;
    ChiEntryBuffer buffer;
    int visited = 0;
    size_t bytes = 0;

    // A fixed seed: a query planned twice gets the same plan.
    BlockNumber blocks = RelationGetNumberOfBlocks(index);
    BlockSampler_Init(&sampler, blocks, want, RelationGetRelid(index));
    buffer.context = CurrentMemoryContext;
    int draws_left = std::min<int64_t>(want, blocks);
    while (visited < want && bytes < kMaxBytes && BlockSampler_HasMore(&sampler)) {
        // Enough from each page to reach the number wanted with the draws that are left.
        int quota = std::min(kPerPage, (want - visited + draws_left - 1) / draws_left + 1);
        BlockNumber block = BlockSampler_Next(&sampler);
        draws_left--;
        int found = sample_page(index, block, std::min(quota, want - visited), heads);
        for (int i = 0; i < found && bytes < kMaxBytes; i++) {
            CHECK_FOR_INTERRUPTS();
            if (read_entry(index, &heads[i].location, &heads[i].tid, nullptr, &buffer, nullptr) ==
                ChiState::built) {
                visit(buffer.data, buffer.size, arg);
                visited++;
                bytes += buffer.size;
            }
        }
    }
    if (buffer.data)
        pfree(buffer.data);
    return visited;
}

} // namespace mq
