// The bytes of one built CHI entry: for every inner bin edge a plane of counts, one count a cell.
//
// Stored count [e][c] = number of pixels of cell c with value >= edge(e+1), e = 0 .. bins-2:
// cumulative over the values (paper equation 1), per cell in space. All counts are packed in `bits`
// bits, the width that the largest cell's area needs, least significant bit first, plane after
// plane without gaps. README.md beside this file specifies the bytes and says why they are laid out
// so.
#pragma once

#include "core/chi/tile_extremes.h"
#include "core/mask/layout.h"

namespace mq
{

constexpr uint8_t kChiEntryVersion = 2;
constexpr size_t kChiEntryHeaderSize =
    24; // version, format, bits, 0, width u16, height u16, domain lo f64, hi f64

struct ChiEntry {
    PixelFormat format;
    Domain domain;
    CellGrid grid;
    int32_t bins;
    uint32_t bits;       // of one count
    const uint8_t *data; // packed planes, the tail after them
    size_t counts_size;  // bytes of the planes
    ExtremeGrid extremes;
};

// The tail: one byte a tile of entry.extremes, row-major. Its size depends on the grid, the bins
// and the mask's size alone, so entries with equal headers have tails of one size.
inline Bytes entry_tail(const ChiEntry &entry)
{
    return Bytes{entry.data + entry.counts_size, entry.extremes.tiles()};
}

// Bytes from entry.data to the end of the entry.
size_t entry_data_size(const ChiEntry &entry);

// Side of the tiles whose extremes the entries of such masks hold, 0 for none. With
// grid.extremes = kAutoExtremes the smallest, 4 pixels at least, with which the entry takes no more
// than half of the paper's 4 bytes x bins x cells; none when the counts alone take that.
int32_t extremes_side(const ChiGrid &grid, const ChiBins &bins, Shape shape);

// Bytes of the entry of a mask of this shape, header and 8 bytes of padding included (the padding
// lets a count be read with one unaligned 8-byte load). False with too_large when cells x bins
// overflows 1 GB.
bool chi_entry_size(const ChiGrid &grid, const ChiBins &bins, Shape shape, size_t *size,
                    Error &err);

// Builds the entry of a stored mask (whole, in memory). REQUIRES: capacity >= chi_entry_size(...).
// Pure: safe to call from many threads on different masks. Errors: corrupted, out_of_memory.
bool chi_build_entry(Bytes mask, const ChiGrid &grid, const ChiBins &bins, uint8_t *out,
                     size_t capacity, size_t *size, Error &err);

// The same with the mask's flat pixels (pixel.h) at hand, so that nothing is decoded; null: they
// are not. REQUIRES: they are what decode_mask makes of `mask`.
bool chi_build_entry_decoded(Bytes mask, const void *flat, const ChiGrid &grid, const ChiBins &bins,
                             uint8_t *out, size_t capacity, size_t *size, Error &err);

// The same from flat pixels alone, for a mask that is at hand unencoded; the entry is equal
// byte for byte. REQUIRES: every pixel is inside the domain. Errors: out_of_memory.
bool chi_build_entry_flat(const void *flat, PixelFormat format, Shape shape, const Domain &domain,
                          const ChiGrid &grid, const ChiBins &bins, uint8_t *out, size_t capacity,
                          size_t *size, Error &err);

// Opens the header alone, the first kChiEntryHeaderSize bytes, and checks it against the grid and
// the bins; data becomes null. Entries with equal headers have equal sizes. Errors:
// index_corrupted.
bool chi_open_header(const uint8_t *header, const ChiGrid &grid, const ChiBins &bins, ChiEntry *out,
                     Error &err);

// Opens an entry and checks its size against its header, the grid and the bins. Errors:
// index_corrupted.
bool chi_open_entry(Bytes entry, const ChiGrid &grid, const ChiBins &bins, ChiEntry *out,
                    Error &err);

// Count of pixels of cell c (row-major) with value >= edge(e); e = 0 gives the cell's area, e =
// bins gives 0.
uint32_t chi_count(const ChiEntry &entry, size_t cell, int32_t edge);

} // namespace mq
