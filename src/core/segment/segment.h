// Sealed segments: the CHI entries of many masks of one shape, stored by columns, so that bounds of
// one cp are taken of all of them at once. README.md beside this file specifies the bytes and says
// why they are laid out so.
//
// Rows go in and come out as row-shaped entries (core/chi/entry.h): the 24 bytes of header, equal
// in all rows of a segment; the counts; the tail of tile extremes, which is opaque here; 8 zeros.
// To this folder a segment is a string of bytes addressed by offset; whose rows they are and on
// what pages they lie is the access method's business.
//
// Nothing here allocates memory or owns any, so that an error of PostgreSQL inside of a reader may
// longjmp over it.
#pragma once

#include "core/chi/bounds/bounds.h"

namespace mq
{

constexpr uint8_t kSegmentVersion = 2;
constexpr uint32_t kSegmentRows = 384; // most rows of a segment
constexpr size_t kMaxSegmentSize = size_t{64} << 20;

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

// Reads [offset, offset + length) of a segment into out. False when the bytes cannot be had any
// more (the segment was recycled): the function that asked for them returns false as well then. May
// leave by longjmp. Never asked for bytes outside of the segment's size.
struct SegmentReader {
    bool (*read)(void *context, uint64_t offset, size_t length, uint8_t *out);
    void *context;
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
    // To be called before another segment is read with it.
    void forget()
    {
        next = 0;
        for (Slot &s : slots)
            s = Slot{0, 0, false};
    }
};

// Memory that a cache needs for this segment.
size_t segment_cache_size(const Segment &segment);

// All functions below: false when the reader failed. REQUIRES: cache->capacity >=
// segment_cache_size(segment), and the cache holds nothing of another segment; edges were selected
// for the segment's format, domain and bins; row < segment.rows.

// The bounds of one row: what chi_bounds gives for its row-shaped entry. The first look-up reads
// only what concerns the row and its neighbours; those that follow profit from the cache.
bool segment_row_bounds(const Segment &segment, const SegmentReader &reader, uint32_t row,
                        const EdgeSelection &edges, const Roi &roi, SegmentCache *cache,
                        CountBounds *out);

// The same for all rows at once, or for those with 1 in `wanted` (a byte a row, 0 or 1) when that
// is not null; then little more is read than what these need, and lo and hi of other rows become
// garbage. Forgets what the cache holds. REQUIRES: room for kSegmentRows elements in lo and hi;
// those from segment.rows on become garbage.
bool segment_bounds(const Segment &segment, const SegmentReader &reader, const EdgeSelection &edges,
                    const Roi &roi, const uint8_t *wanted, SegmentCache *cache, uint32_t *lo,
                    uint32_t *hi);

// Bounds of all rows from the coarse counts alone (README.md, "Coarse counts"): never tighter than
// those of segment_bounds, and read from a byte a row and edge. REQUIRES: as above; it needs no
// cache.
bool segment_coarse_bounds(const Segment &segment, const SegmentReader &reader,
                           const EdgeSelection &edges, const Roi &roi, uint32_t *lo, uint32_t *hi);

// Compares the coarse counts with the others; *agree tells. REQUIRES: room for segment.entry_size
// bytes at `entry`.
bool check_coarse_counts(const Segment &segment, const SegmentReader &reader, SegmentCache *cache,
                         uint8_t *entry, bool *agree);

// Gives a row-shaped entry back, byte for byte. REQUIRES: room for segment.entry_size bytes.
bool extract_entry(const Segment &segment, const SegmentReader &reader, uint32_t row,
                   SegmentCache *cache, uint8_t *out);

// An entry of one row that is good for these edges alone, tail included: what chi_bounds and
// tile_bounds need. Far cheaper than the whole entry. REQUIRES: room for segment.entry_size bytes,
// which the entry points into.
bool extract_edges(const Segment &segment, const SegmentReader &reader, uint32_t row,
                   const EdgeSelection &edges, SegmentCache *cache, uint8_t *out, ChiEntry *entry);

// The tail of one row. REQUIRES: room for segment.tail_size bytes.
bool read_segment_tail(const Segment &segment, const SegmentReader &reader, uint32_t row,
                       uint8_t *out);

} // namespace mq
