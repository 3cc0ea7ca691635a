// Pages of a chi index: their bytes, the checks every read goes through, and how a change to them
// is logged. README.md beside this file has the byte tables, the lock order and what each WAL
// record covers.
#pragma once

#include "core/chi/grid.h"
#include "pg/pg.h"

extern "C" {
#include "access/generic_xlog.h"
#include "access/htup_details.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "utils/rel.h"
}

namespace mq
{

// Numbers on disk: never renumber.
enum class ChiPageKind : uint8_t {
    meta = 1,      // block 0
    root = 2,      // TID map, level 2: points to directory pages
    directory = 3, // TID map, level 1: points to tid pages
    tids = 4,      // TID map, level 0: one slot per line pointer of a few heap blocks
    entries = 5,   // chunks of entries behind line pointers; without any it is a free page
    segment = 6,   // part of a sealed segment
};

constexpr uint32_t kChiMagic = 0x4D434849; // "MCHI"
constexpr uint32_t kChiVersion = 5;        // of the index as a whole, in the metapage
constexpr uint8_t kChiPageVersion = 1;     // of one page's layout, in its special space
constexpr uint16_t kChiPageId = 0xFF95;    // last two bytes of every page, for pg_filedump

struct ChiPageSpecial {
    ChiPageKind kind;
    uint8_t version;
    uint16_t unused[2];
    uint16_t page_id;
};
static_assert(sizeof(ChiPageSpecial) == 8, "special space is 8 bytes");
static_assert(offsetof(ChiPageSpecial, page_id) == 6,
              "the page id is the last two bytes of the page");

constexpr size_t kPageHeader = MAXALIGN(SizeOfPageHeaderData);
constexpr size_t kPageCapacity = BLCKSZ - kPageHeader - MAXALIGN(sizeof(ChiPageSpecial));

// The TID map is a radix tree over *positions*. A tid page has slots for the line pointers of
// kHeapBlocksPerTidPage heap blocks, kSlotsOfBlock of each: few heap pages use all the line
// pointers that they can have. So these heap blocks, a *range*, have kTidPagesPerRange positions in
// the map, the first one for line pointers 1 to kSlotsOfBlock; pages that nobody needs are never
// made. Directory and root pages hold kMapFanout block numbers each, and the metapage holds
// kMapRoots of them. Block 0 is the metapage, so 0 means "no such page yet". Map pages are never
// moved nor freed while the relation's file lives.
struct ChiMapHeader {
    uint32_t position; // how many pages of this level come before it in the map, made or not
    uint32_t unused;
};
constexpr uint32_t kHeapBlocksPerTidPage = 16;
struct ChiTidHeader {
    ChiMapHeader map;
    // Slots of a heap block (0, 1, ... of the range) from this one on were never filled: no walk
    // need look at them.
    uint16_t used[kHeapBlocksPerTidPage];
};
constexpr uint32_t kSlotsOfBlock =
    (kPageCapacity - sizeof(ChiTidHeader)) / sizeof(ItemPointerData) / kHeapBlocksPerTidPage;
constexpr uint32_t kSlotsPerTidPage = kHeapBlocksPerTidPage * kSlotsOfBlock;
constexpr uint32_t kMaxLinePointer = MaxHeapTuplesPerPage;
inline bool is_line_pointer(uint32_t number)
{
    return number >= 1 && number <= kMaxLinePointer;
}
constexpr uint32_t kTidPagesPerRange = (kMaxLinePointer + kSlotsOfBlock - 1) / kSlotsOfBlock;
constexpr uint32_t kMapFanout = (kPageCapacity - sizeof(ChiMapHeader)) / sizeof(BlockNumber);
constexpr uint64_t kMapPositions = (uint64_t{1} << 32) / kHeapBlocksPerTidPage * kTidPagesPerRange;
constexpr uint64_t kPositionsPerRoot = uint64_t{kMapFanout} * kMapFanout;
constexpr uint32_t kMapRoots = (kMapPositions + kPositionsPerRoot - 1) / kPositionsPerRoot;

struct ChiMapPage { // root and directory
    ChiMapHeader header;
    BlockNumber child[kMapFanout];
};
struct ChiTidPage {
    ChiTidHeader header;
    ItemPointerData slot[kSlotsPerTidPage];
};
static_assert(sizeof(ItemPointerData) == 6, "a slot is 6 bytes");
static_assert(BLCKSZ != 8192 || (kSlotsOfBlock == 84 && kTidPagesPerRange == 4),
              "tid pages are laid out as README.md says");
static_assert(sizeof(ChiMapPage) <= kPageCapacity, "a map page fits a block");
static_assert(sizeof(ChiTidPage) <= kPageCapacity, "a tid page fits a block");
static_assert(kMapPositions < UINT32_MAX, "a position is a number of 32 bits");

enum class ChiBinning : uint8_t { equi_width = 0, equi_depth = 1 }; // on disk: never renumber

constexpr uint16_t kMetaAutoExtremes = 0xFFFF;
struct ChiMetaPage {
    uint32_t magic;
    uint32_t version;
    int32_t cell_width, cell_height, grid_x, grid_y;
    int32_t bins;
    ChiBinning binning;
    uint8_t any_pending; // 0: no slot is pending, nor will one ever be
    uint16_t extremes;   // side of the tiles of extremes, 0: none, kMetaAutoExtremes: automatic
    double value_lo, value_hi;
    double inner[kMaxBins - 1]; // bins - 1 of them used
    BlockNumber root[kMapRoots];
    uint32_t rounded;         // ChiBins: 1, or 0 in indexes of version 0.1.0
    uint64_t next_segment;    // id of the next segment to be written
    uint64_t cleaned_segment; // VACUUM has been through all pages since segments before this one
};
static_assert(sizeof(ChiMetaPage) <= kPageCapacity,
              "the metapage fits a block (BLCKSZ of 8 kB or more)");
static_assert(offsetof(ChiMetaPage, cell_width) == 8 && offsetof(ChiMetaPage, bins) == 24 &&
                  offsetof(ChiMetaPage, binning) == 28 && offsetof(ChiMetaPage, extremes) == 30 &&
                  offsetof(ChiMetaPage, value_lo) == 32 && offsetof(ChiMetaPage, inner) == 48 &&
                  offsetof(ChiMetaPage, root) == 2088 &&
                  (BLCKSZ != 8192 || offsetof(ChiMetaPage, next_segment) == 3128),
              "the metapage is laid out as README.md says");

// One item of an entries page: a chunk of an entry's bytes. Small entries are one chunk; larger
// ones a chain in ascending order of offset.
struct ChiChunk {
    ItemPointerData tid;  // of the heap tuple the entry belongs to
    ItemPointerData next; // next chunk, invalid in the last one
    uint32_t total;       // bytes of the whole entry
    uint32_t offset;      // of this chunk's bytes in the entry
    uint16_t size;        // bytes that follow this header
    uint16_t unused;
};
static_assert(sizeof(ChiChunk) == 24 && offsetof(ChiChunk, next) == 6 &&
                  offsetof(ChiChunk, total) == 12 && offsetof(ChiChunk, size) == 20,
              "a chunk's header is laid out as README.md says");
constexpr size_t kMaxChunkBytes =
    MAXALIGN_DOWN(kPageCapacity - sizeof(ItemIdData)) - sizeof(ChiChunk);

// A page of a sealed segment. The first (part 0) goes on with ChiSegmentHead, the TIDs of the rows,
// from the next multiple of 4 the blocks of the other parts, and the first bytes of the payload;
// the others with the payload's next bytes.
struct ChiSegmentPart {
    uint64_t id;   // never given to another segment
    uint32_t part; // 0, 1, ...
    uint32_t size; // bytes of the payload on this page
};
struct ChiSegmentHead {
    ChiSegmentPart part;
    uint32_t size;  // of the payload
    uint32_t parts; // pages
    uint16_t rows;
    uint16_t unused[3];
};
static_assert(sizeof(ChiSegmentPart) == 16 && sizeof(ChiSegmentHead) == 32 &&
                  offsetof(ChiSegmentHead, rows) == 24,
              "the pages of a segment are laid out as README.md says");

// Larger entries are not worth reading instead of the pixels; their rows are marked as oversized.
constexpr size_t kMaxEntryBytes = size_t{64} << 20;

inline const ChiMetaPage *meta_page(Page page)
{
    return (const ChiMetaPage *)PageGetContents(page);
}
inline ChiMapPage *map_page(Page page)
{
    return (ChiMapPage *)PageGetContents(page);
}
inline ChiTidPage *tid_page(Page page)
{
    return (ChiTidPage *)PageGetContents(page);
}

// A slot of a tid page: empty, a mark, where the entry's first chunk lies, or the first page of a
// segment with kSegmentRowBase + the number of a row. The marks are "pending" (the row is known,
// but not yet summarised; only CREATE INDEX sets it) and "oversized" (its entry would pass
// kMaxEntryBytes).
constexpr OffsetNumber kPendingMark = MaxOffsetNumber;
constexpr OffsetNumber kOversizedMark = MaxOffsetNumber - 1;
inline bool slot_is_empty(const ItemPointerData *slot)
{
    return slot->ip_posid == InvalidOffsetNumber;
}
inline bool slot_has_mark(const ItemPointerData *slot, OffsetNumber mark)
{
    return ItemPointerGetBlockNumberNoCheck(slot) == InvalidBlockNumber && slot->ip_posid == mark;
}
inline bool slot_is_pending(const ItemPointerData *slot)
{
    return slot_has_mark(slot, kPendingMark);
}
inline bool slot_is_oversized(const ItemPointerData *slot)
{
    return slot_has_mark(slot, kOversizedMark);
}
constexpr OffsetNumber kSegmentRowBase = 0x8000;
static_assert(kSegmentRowBase > MaxOffsetNumber, "a row of a segment is no line pointer");
inline bool slot_is_segment_row(const ItemPointerData *slot)
{
    return slot->ip_posid >= kSegmentRowBase;
}
inline uint32_t slot_segment_row(const ItemPointerData *slot)
{
    return slot->ip_posid - kSegmentRowBase;
}
inline void set_slot_segment_row(ItemPointer slot, BlockNumber first_block, uint32_t row)
{
    ItemPointerSet(slot, first_block, kSegmentRowBase + row);
}
// True when the slot leads to the first chunk of a row-shaped entry.
inline bool slot_is_chunk(const ItemPointerData *slot)
{
    return slot->ip_posid != InvalidOffsetNumber && slot->ip_posid < kSegmentRowBase &&
           ItemPointerGetBlockNumberNoCheck(slot) != InvalidBlockNumber;
}
inline bool same_slot(const ItemPointerData *a, const ItemPointerData *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}
inline void set_slot_empty(ItemPointer slot)
{
    memset(slot, 0, sizeof *slot);
}
inline void set_slot_mark(ItemPointer slot, OffsetNumber mark)
{
    ItemPointerSet(slot, InvalidBlockNumber, mark);
}

// Where the slot of a heap TID lies: the position of the tid page, and the slot's number there.
// REQUIRES: 1 <= the number of its line pointer <= kMaxLinePointer.
inline uint32_t tid_position(const ItemPointerData *tid)
{
    const uint32_t offset = ItemPointerGetOffsetNumberNoCheck(tid) - 1;
    return ItemPointerGetBlockNumberNoCheck(tid) / kHeapBlocksPerTidPage * kTidPagesPerRange +
           offset / kSlotsOfBlock;
}
inline uint32_t slot_number(const ItemPointerData *tid)
{
    const uint32_t offset = ItemPointerGetOffsetNumberNoCheck(tid) - 1;
    return ItemPointerGetBlockNumberNoCheck(tid) % kHeapBlocksPerTidPage * kSlotsOfBlock +
           offset % kSlotsOfBlock;
}
// Positions of the tid pages that a table of so many blocks can have: from 0 to one less.
inline uint32_t positions_of_table(BlockNumber heap_blocks)
{
    return (uint64_t{heap_blocks} + kHeapBlocksPerTidPage - 1) / kHeapBlocksPerTidPage *
           kTidPagesPerRange;
}
// The TID that has this slot.
inline ItemPointerData tid_of_slot(uint32_t position, uint32_t number)
{
    ItemPointerData tid;
    ItemPointerSet(&tid,
                   position / kTidPagesPerRange * kHeapBlocksPerTidPage + number / kSlotsOfBlock,
                   position % kTidPagesPerRange * kSlotsOfBlock + number % kSlotsOfBlock + 1);
    return tid;
}

// How many slots of a heap block (0, 1, ... of the range) may be filled: those beyond are empty.
inline uint32_t used_slots(const ChiTidPage &page, uint32_t block)
{
    return std::min<uint32_t>(page.header.used[block], kSlotsOfBlock);
}
// The slot of this number, to be filled by the caller.
inline ItemPointer slot_to_fill(ChiTidPage *page, uint32_t number)
{
    uint16_t *used = &page->header.used[number / kSlotsOfBlock];
    *used = std::max(*used, uint16_t(number % kSlotsOfBlock + 1));
    return &page->slot[number];
}
// Calls take(slot, tid) for every slot of a tid page that is not empty.
template <typename Take> void for_each_slot(const ChiTidPage &page, Take take)
{
    for (uint32_t b = 0; b < kHeapBlocksPerTidPage; b++) {
        const ItemPointerData *slot = &page.slot[b * kSlotsOfBlock];
        ItemPointerData tid = tid_of_slot(page.header.map.position, b * kSlotsOfBlock);
        for (uint32_t n = used_slots(page, b); n > 0; n--, slot++, tid.ip_posid++)
            if (!slot_is_empty(slot))
                take(*slot, tid);
    }
}

// ereport(ERROR) with ERRCODE_INDEX_CORRUPTED, the given detail and the hint to REINDEX.
[[noreturn, gnu::format(printf, 2, 3)]] void index_corrupted(Relation index, const char *detail,
                                                             ...);

// Formats an empty page. Map and meta pages get their whole content area zeroed and accounted for
// in pd_lower, since generic WAL does not keep what lies between pd_lower and pd_upper; whoever
// fills a segment page sets its pd_lower.
void init_page(Page page, ChiPageKind kind);

// True when the page's header and special space are those of a chi page; then *kind is set.
bool page_is_sound(Page page, ChiPageKind *kind);

// The page in a locked buffer, after its header, special space and kind have been checked.
// Errors: index_corrupted.
Page checked_page(Relation index, Buffer buffer, ChiPageKind kind);

// The kind of the page in a locked buffer, which may be any but a new one, after its header and
// special space have been checked. Errors: index_corrupted.
ChiPageKind sound_page_kind(Relation index, BlockNumber block, Page page);

// Chunk at an offset of a checked entries page, after its lengths and its TID's line pointer have
// been checked; null when the item does not exist or is unused. Errors: index_corrupted.
const ChiChunk *checked_chunk(Relation index, Page page, OffsetNumber offset);

// A new page at the end of the relation, locked exclusively and all zeros.
Buffer extend_index(Relation index, ForkNumber fork);

// Tells the free space map what room a page has. It is a hint, so nothing fails for want of a page
// for the map. REQUIRES: no buffer lock is held.
void note_room(Relation index, BlockNumber block, size_t room);

// One atomic change to at most MAX_GENERIC_XLOG_PAGES locked pages. While an index is built nothing
// is logged page by page (the build logs the finished file) and the pages are changed in place.
struct PageChange {
    GenericXLogState *xlog; // null during a build
    Buffer buffer[MAX_GENERIC_XLOG_PAGES];
    int buffers;
};
void begin_change(PageChange *change, Relation index, bool building);
// The page to modify. `fresh` pages are logged as a whole.
Page change_page(PageChange *change, Buffer buffer, bool fresh);
void finish_change(PageChange *change);

} // namespace mq
