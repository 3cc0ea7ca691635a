// Where the counts of a segment lie.
//
// The rows are cut into blocks of kBlockRows. A block of an edge holds for each cell as many bits
// as its rows have, `width` a row, in words of 16 bytes: each of the word's lanes (of 16 or 32
// bits) holds the counts of every lanes-th row, one after the other, the least significant bit
// first. A full block takes `width` words a cell. Words come before cells: first the first word of
// all cells, then the second.
#pragma once

#include "core/segment/segment.h"

namespace mq
{

// The head: version u8, 0 u8, rows u16, bytes of a tail u32, the header of the entries, the widths,
// zeros to a multiple of a word.
constexpr size_t kWidthsStart = 8 + kChiEntryHeaderSize;

constexpr uint32_t kBlockRows = 128;
constexpr size_t kWordSize = kSegmentWordSize;
static_assert(kSegmentRows % kBlockRows == 0);

// Lanes of a word, by what the largest cell needs, so that all edges of a segment agree.
inline uint32_t lane_bits(const Segment &s)
{
    return s.shape.bits <= 16 ? 16 : 32;
}
inline uint32_t lanes(const Segment &s)
{
    return 128 / lane_bits(s);
}

inline uint32_t blocks(uint32_t rows)
{
    return (rows + kBlockRows - 1) / kBlockRows;
}
inline uint32_t block_rows(const Segment &s, uint32_t block)
{
    return std::min(kBlockRows, s.rows - block * kBlockRows);
}

// Words a cell of a block of so many rows.
inline uint32_t block_words(uint32_t rows, uint32_t width, uint32_t bits_of_lane)
{
    uint32_t steps = (rows * bits_of_lane + 127) / 128; // counts of the fullest lane
    return (steps * width + bits_of_lane - 1) / bits_of_lane;
}

// Bytes between a word of a cell and the cell's next word.
inline size_t word_stride(const Segment &s)
{
    return s.shape.grid.cells() * kWordSize;
}

inline size_t edge_block_size(const Segment &s, int32_t edge, uint32_t block)
{
    return block_words(block_rows(s, block), s.width[edge], lane_bits(s)) * word_stride(s);
}
inline uint64_t edge_block_start(const Segment &s, int32_t edge, uint32_t block)
{
    return s.start[edge] + uint64_t{block} * s.width[edge] * word_stride(s);
}
// Bytes of all blocks of an edge.
inline size_t edge_size(const Segment &s, int32_t edge)
{
    uint32_t last = blocks(s.rows) - 1;
    return last * s.width[edge] * word_stride(s) + edge_block_size(s, edge, last);
}

// Coarse counts: after the head, for each inner edge and row a byte, the pixels of the whole mask
// at or above the edge in units of 2^shift, rounded up.
inline uint32_t coarse_shift(const CellGrid &grid)
{
    const uint64_t area = uint64_t(grid.width) * uint64_t(grid.height);
    uint32_t shift = 0;
    while ((area - 1) >> shift >= UINT8_MAX)
        shift++;
    return shift;
}
inline uint8_t coarse_count(uint64_t pixels, uint32_t shift)
{
    return pixels == 0 ? 0 : uint8_t(((pixels - 1) >> shift) + 1);
}
inline size_t coarse_size(uint32_t rows, int32_t bins)
{
    return size_t{rows} * size_t(bins - 1);
}

// Where the count of a row of a block lies within a cell.
struct CountPlace {
    uint32_t lane, word, shift;
    bool straddles; // its high bits are in the next word
};
inline CountPlace count_place(uint32_t row, uint32_t width, uint32_t bits_of_lane)
{
    uint32_t n = 128 / bits_of_lane, bit = row / n * width;
    CountPlace p{row % n, bit / bits_of_lane, bit % bits_of_lane, false};
    p.straddles = p.shift + width > bits_of_lane;
    return p;
}

} // namespace mq
