// Sealed segments: the CHI entries of many masks of one shape, stored by columns, so that bounds of
// one cp are taken of all of them at once. README.md beside this file specifies the bytes and says
// why they are laid out so.
//
// Rows go in and come out as row-shaped entries (core/chi/entry.h): the 24 bytes of header, equal
// in all rows of a segment; the counts; the tail of tile extremes, which is opaque here; 8 zeros.
// To this folder a segment is a string of bytes addressed by offset; whose rows they are and on
// what pages they lie is the access method's business.
//
// Nothing here reads, allocates memory or owns any. Every computation over a segment's bytes has
// two steps: the first says which bytes it needs (SegmentReads), the caller brings them in, and the
// second computes. The caller may give up in between: nothing is owed then.
#pragma once

#include "core/chi/bounds/bounds.h"

namespace mq
{

constexpr uint8_t kSegmentVersion = 2;
constexpr uint32_t kSegmentRows = 384; // most rows of a segment
constexpr size_t kMaxSegmentSize = size_t{64} << 20;
constexpr size_t kSegmentWordSize = 16; // counts are packed into words of so many bytes

// Most rows of a segment of entries of this size: kSegmentRows, fewer for large entries, 0 when the
// entries are so large that there is nothing to be gained.
uint32_t segment_rows(size_t entry_size);

// Upper limit of the size of a segment of n entries of this one's shape. Few rows (below 16) take
// more room than row-shaped entries do. REQUIRES: 1 <= n <= segment_rows(entry.size). Errors:
// index_corrupted.
bool segment_size_bound(Bytes entry, uint32_t n, const ChiGrid &grid, const ChiBins &bins,
                        size_t *size, Error &err);

// Builds the segment of n row-shaped entries; row i of it is entries[i]. All must have the same 24
// bytes of header and the same size, and suit grid and bins.
// REQUIRES: 1 <= n <= segment_rows(their size). Errors: index_corrupted (an entry is no entry of
// this index, or they differ in shape), internal (capacity is below segment_size_bound).
bool build_segment(const Bytes *entries, uint32_t n, const ChiGrid &grid, const ChiBins &bins,
                   uint8_t *out, size_t capacity, size_t *size, Error &err);

// Bytes that a computation needs: [offset, offset + length) of the segment, to be put at `at` in
// the memory that the computation is given. All lie inside of the segment's size.
struct SegmentRead {
    uint64_t offset;
    size_t length, at;
};
// At most: two words for each step of each block of four edges (README.md, "Reads").
constexpr int kMaxSegmentReads = 1024;
struct SegmentReads {
    int n = 0;
    SegmentRead list[kMaxSegmentReads];

    void add(uint64_t offset, size_t length, size_t at);
};

// An open segment. A plain value, good as long as the segment's bytes are what they were.
struct Segment {
    ChiEntry shape; // what the rows have in common; data is null
    uint32_t rows;
    uint32_t tail_size;    // of one row
    size_t entry_size;     // of one row-shaped entry
    uint64_t size;         // of the segment
    uint64_t tail_start;   // offset of the first row's tail
    uint64_t coarse_start; // offset of the coarse counts
    uint32_t coarse_shift; // their unit is 2^coarse_shift pixels
    uint8_t header[kChiEntryHeaderSize];
    uint8_t width[kMaxBins];  // bits of one count of an inner edge, by edge; [0] is unused
    uint64_t start[kMaxBins]; // offset of an inner edge's planes, by edge; [0] is unused
};

// Bytes at the start of a segment that open_segment needs.
size_t segment_head_size(const ChiBins &bins);

// Opens a segment of `size` bytes by its first segment_head_size(bins) bytes. Afterwards all other
// bytes can be anything: damage in them makes counts wrong, and nothing worse. Errors:
// index_corrupted.
bool open_segment(Bytes head, uint64_t size, const ChiGrid &grid, const ChiBins &bins, Segment *out,
                  Error &err);

// Memory to read parts of a segment into, and what of one segment it holds already.
struct SegmentCache {
    static constexpr int kSlots = 8;
    struct Slot {
        int32_t edge; // 0: free
        uint32_t block;
        bool whole; // held; else only asked for once
    };
    uint8_t *memory;
    size_t capacity;
    int next; // slot to be used next
    Slot slots[kSlots];

    // Uses this memory; holds nothing.
    void use(uint8_t *bytes, size_t n)
    {
        memory = bytes;
        capacity = n;
        forget();
    }
    // To be called before another segment is read with it, and when reads that were planned for it
    // were not carried out.
    void forget()
    {
        next = 0;
        for (Slot &s : slots)
            s = Slot{0, 0, false};
    }
};

// Memory that a cache needs for this segment.
size_t segment_cache_size(const Segment &segment);

// All functions below REQUIRE: cache->capacity >= segment_cache_size(segment), and the cache holds
// nothing of another segment; edges were selected for the segment's format, domain and bins; row <
// segment.rows. Reads go to the cache's memory where nothing else is said. Functions that plan
// start with an empty list of reads; those that compute REQUIRE: the bytes that the plan for the
// same arguments named have been read, and the cache was not used for anything else since.

// The bounds of all rows: what chi_bounds gives for their row-shaped entries; or of those with 1 in
// `wanted` (a byte a row, 0 or 1) when that is not null; then little more is read than what these
// need, and lo and hi of other rows become garbage. Planning forgets what the cache holds.
// REQUIRES: room for kSegmentRows elements in lo and hi; those from segment.rows on become garbage.
void plan_segment_bounds(const Segment &segment, const EdgeSelection &edges, const Roi &roi,
                         const uint8_t *wanted, SegmentCache *cache, SegmentReads *reads);
void segment_bounds(const Segment &segment, const EdgeSelection &edges, const Roi &roi,
                    const uint8_t *wanted, const SegmentCache &cache, uint32_t *lo, uint32_t *hi);

// Bounds of all rows from the coarse counts alone (README.md, "Coarse counts"): never tighter than
// those of segment_bounds, and read from a byte a row and edge, into memory of kCoarseBytes. They
// need no cache.
constexpr size_t kCoarseBytes = 4 * kSegmentRows;
void plan_coarse_bounds(const Segment &segment, const EdgeSelection &edges, const Roi &roi,
                        SegmentReads *reads);
void segment_coarse_bounds(const Segment &segment, const EdgeSelection &edges, const Roi &roi,
                           const uint8_t *counts, uint32_t *lo, uint32_t *hi);

// The coarse counts of an edge that are stored (offset of segment.rows bytes, one a row), and the
// one that a row's entry should have. REQUIRES: 1 <= edge < bins; the entry is of the segment's
// shape, with the counts of the edge.
uint64_t coarse_counts_offset(const Segment &segment, int32_t edge);
uint8_t coarse_count_of(const Segment &segment, const ChiEntry &entry, int32_t edge);

// Where the counts of one row and edge lie, once they are read.
struct RowPlane {
    const uint8_t *words; // of cell 0, at the row's lane; null: all counts are 0
    size_t stride;        // to the next word of a cell
    uint32_t shift, width, bits_of_lane;
    bool straddles;
    // The slot that will hold the block of the edge once it is read; null: none.
    SegmentCache::Slot *filled;
    int32_t edge;
    uint32_t block;

    uint32_t count(size_t cell) const
    {
        if (!words)
            return 0;
        const uint8_t *p = words + cell * kSegmentWordSize;
        uint64_t v = lane(p);
        if (straddles)
            v |= lane(p + stride) << bits_of_lane;
        return uint32_t(v >> shift) & uint32_t((uint64_t{1} << width) - 1);
    }

  private:
    uint64_t lane(const uint8_t *p) const
    {
        return bits_of_lane == 16 ? load_le<uint16_t>(p) : load_le<uint32_t>(p);
    }
};

// The planes of the edges that one row's bounds are taken from, each once.
struct RowPlanes {
    int n;
    int32_t edges[4];
    RowPlane planes[4];
};

// The bounds of one row: what chi_bounds gives for its row-shaped entry. The first look-up reads
// only what concerns the row and its neighbours; those that follow profit from the cache.
void plan_row_bounds(const Segment &segment, uint32_t row, const EdgeSelection &edges,
                     const Roi &roi, SegmentCache *cache, SegmentReads *reads, RowPlanes *planes);
CountBounds segment_row_bounds(const Segment &segment, const EdgeSelection &edges, const Roi &roi,
                               const RowPlanes &planes);

// A row-shaped entry, put together edge by edge: begun, then each edge that is wanted (all of them
// give the entry back byte for byte; those of one selection give an entry that is good for
// chi_bounds and tile_bounds with it, for a fraction of the work), and its tail, which is read to
// tail_of(...) with no plan but segment.tail_start. REQUIRES: room for segment.entry_size bytes at
// `out`, which the entry points into; 1 <= edge < bins.
ChiEntry begin_row_entry(const Segment &segment, uint8_t *out);
void plan_row_edge(const Segment &segment, uint32_t row, int32_t edge, SegmentCache *cache,
                   SegmentReads *reads, RowPlane *plane);
void put_row_edge(const Segment &segment, int32_t edge, const RowPlane &plane, uint8_t *out);
uint8_t *tail_of(const Segment &segment, uint8_t *out);

// The different inner edges of a selection; how many, at most 4.
int inner_edges(const Segment &segment, const EdgeSelection &edges, int32_t *out);

} // namespace mq
