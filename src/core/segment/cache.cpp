#include "core/segment/cache.h"

#include "core/segment/kernel.h"

namespace mq
{

// The memory of a cache, for rows: kSlots blocks of an edge, then four pairs of words of all cells.
// For all rows at once: the tables of bounds.cpp, then four edges.

static size_t slot_size(const Segment &s)
{
    return s.shape.bits * word_stride(s);
}

size_t segment_cache_size(const Segment &s)
{
    const size_t rows = SegmentCache::kSlots * slot_size(s) + 4 * 2 * word_stride(s);
    // Four edges, and six tables of a word for each cell, runs of cells rounded up.
    const size_t padded = (size_t(s.shape.grid.cells_x) + kRunCells) * s.shape.grid.cells_y;
    const size_t all = 4 * blocks(s.rows) * s.shape.bits * word_stride(s) + 6 * padded * kWordSize;
    return std::max(rows, all) + kCachePadding;
}

void SegmentReads::add(uint64_t offset, size_t length, size_t at)
{
    list[n++] = SegmentRead{offset, length, at};
}

// The slot that knows this block of an edge, or a free one taken for it.
static SegmentCache::Slot *find_slot(SegmentCache *cache, int32_t edge, uint32_t block)
{
    for (SegmentCache::Slot &slot : cache->slots)
        if (slot.edge == edge && slot.block == block)
            return &slot;
    SegmentCache::Slot *slot = &cache->slots[cache->next];
    cache->next = (cache->next + 1) % SegmentCache::kSlots;
    *slot = SegmentCache::Slot{0, block, false};
    return slot;
}

void plan_row_plane(const Segment &s, uint32_t row, int32_t edge, CellSpan cells, int part,
                    SegmentCache *cache, SegmentReads *reads, RowPlane *out)
{
    const uint32_t block = row / kBlockRows, width = s.width[edge], bits = lane_bits(s);
    const size_t stride = word_stride(s);
    const CountPlace at = count_place(row % kBlockRows, width, bits);
    *out = RowPlane{nullptr, stride, at.shift, width, bits, at.straddles, nullptr, edge, block};
    if (width == 0)
        return;

    const uint64_t start = edge_block_start(s, edge, block);
    SegmentCache::Slot *slot = find_slot(cache, edge, block);
    size_t memory = size_t(slot - cache->slots) * slot_size(s);
    if (!slot->whole && slot->edge == edge) {
        // A second look-up in this block; more of them may follow.
        reads->add(start, edge_block_size(s, edge, block), memory);
        out->filled = slot;
    }
    if (slot->whole || out->filled) {
        out->words = cache->memory + memory + at.word * stride + at.lane * (bits / 8);
        return;
    }
    slot->edge = edge;
    memory = SegmentCache::kSlots * slot_size(s) + size_t(part) * 2 * stride;
    for (uint32_t w = 0; w <= uint32_t(at.straddles); w++)
        reads->add(start + (at.word + w) * stride + cells.first * kWordSize,
                   (cells.end - cells.first) * kWordSize,
                   memory + w * stride + cells.first * kWordSize);
    out->words = cache->memory + memory + at.lane * (bits / 8);
}

} // namespace mq
