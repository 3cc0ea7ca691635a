// A sample of an index's entries, for row estimates: a few rows from each of some tid pages.
#include "chi/chi.h"
#include "chi/entries.h"
#include "chi/tid_map.h"

extern "C" {
#include "common/pg_prng.h"
}

namespace mq
{

struct TidPages {
    BlockNumber *blocks, *positions;
    uint32_t count, capacity;
};

static void list_tid_page(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position,
                          void *arg)
{
    TidPages *pages = (TidPages *)arg;
    if (kind != ChiPageKind::tids)
        return;
    if (pages->count == pages->capacity) {
        pages->capacity *= 2;
        size_t bytes = pages->capacity * sizeof(BlockNumber);
        pages->blocks = (BlockNumber *)repalloc_huge(pages->blocks, bytes);
        pages->positions = (BlockNumber *)repalloc_huge(pages->positions, bytes);
    }
    pages->blocks[pages->count] = block;
    pages->positions[pages->count++] = position;
}

// What is visited, and how much is still wanted.
struct Sampling {
    Relation index;
    int want, visited;
    size_t bytes;
    void (*visit)(const uint8_t *entry, size_t size, void *arg);
    void *arg;
    ChiRow row;
};
constexpr size_t kMaxBytes = size_t{8} << 20; // entries of large grids cost too much for more

// Visits up to `want` entries of one tid page, evenly spread over it.
static void sample_page(Sampling *sampling, BlockNumber block, uint32_t position, int want)
{
    BlockNumber first_heap_block = position * kHeapBlocksPerTidPage;
    ChiTidPage copy;
    uint32_t built[kSlotsPerTidPage], count = 0;

    copy_tid_page(sampling->index, block, first_heap_block, &copy);
    for (uint32_t i = 0; i < kSlotsPerTidPage; i++)
        if (slot_is_chunk(&copy.slot[i]) || slot_is_segment_row(&copy.slot[i]))
            built[count++] = i;

    uint32_t take = std::min(count, uint32_t(want));
    for (uint32_t i = 0; i < take && sampling->bytes < kMaxBytes; i++) {
        CHECK_FOR_INTERRUPTS();
        uint32_t slot = built[uint64_t{i} * count / take];
        ItemPointerData tid;
        Bytes entry;
        ItemPointerSet(&tid, first_heap_block + slot / kSlotsPerHeapBlock,
                       slot % kSlotsPerHeapBlock + 1);
        if (chi_lookup(sampling->index, &tid, &sampling->row) == ChiState::built &&
            chi_row_entry(sampling->index, &sampling->row, &entry)) {
            sampling->visit(entry.data, entry.size, sampling->arg);
            sampling->visited++;
            sampling->bytes += entry.size;
        }
    }
}

int chi_sample_entries(Relation index, int want,
                       void (*visit)(const uint8_t *entry, size_t size, void *arg), void *arg)
{
    // Rows of one tid page are neighbours, often alike: a few of each page will do.
    constexpr int kPerPage = 4;
    MemoryContext scratch =
        AllocSetContextCreate(CurrentMemoryContext, "chi sample", ALLOCSET_DEFAULT_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(scratch);
    TidPages pages = {};
    pages.capacity = 1024;
    pages.blocks = (BlockNumber *)palloc(pages.capacity * sizeof(BlockNumber));
    pages.positions = (BlockNumber *)palloc(pages.capacity * sizeof(BlockNumber));
    walk_map(index, MapVisitor{list_tid_page, &pages});
    MemoryContextSwitchTo(caller);

    Sampling sampling = {};
    sampling.index = index;
    sampling.visit = visit;
    sampling.arg = arg;
    sampling.row.context = scratch;

    // A page at random from each of as many equal parts of the map. A fixed seed: a query planned
    // twice gets the same plan.
    pg_prng_state random;
    pg_prng_seed(&random, RelationGetRelid(index));
    uint32_t draws = std::min(pages.count, uint32_t(want));
    for (uint32_t i = 0; i < draws && sampling.visited < want && sampling.bytes < kMaxBytes; i++) {
        uint32_t from = uint64_t{i} * pages.count / draws;
        uint32_t to = uint64_t{i + 1} * pages.count / draws;
        uint32_t page = from + pg_prng_uint64_range(&random, 0, to - from - 1);
        // Enough from each page to reach the number wanted with the draws that are left.
        int left = want - sampling.visited, enough = (left - 1) / int(draws - i) + 1;
        sample_page(&sampling, pages.blocks[page], pages.positions[page],
                    std::min(left, std::max(enough, kPerPage)));
    }
    MemoryContextDelete(scratch);
    return sampling.visited;
}

} // namespace mq
