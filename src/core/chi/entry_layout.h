// Where the counts of a CHI entry lie, for those that write and read many of them.
#pragma once

#include "core/base/assert.h"
#include "core/chi/entry.h"

namespace mq
{

// An entry ends with this many zeros, so that any count is read with one 8-byte load.
constexpr size_t kEntryPadding = 8;

// Bits of one count: what the area of the largest cell needs.
uint32_t count_bits(const CellGrid &grid);

void write_entry_header(const CellGrid &grid, PixelFormat format, const Domain &domain,
                        uint8_t *out);

// First bit of the plane of an inner edge. REQUIRES: 1 <= edge < bins.
inline size_t plane_bit(const ChiEntry &entry, int32_t edge)
{
    mq_assert(1 <= edge && edge < entry.bins);
    return size_t(edge - 1) * entry.grid.cells() * entry.bits;
}

// The count that starts at a bit of the planes. At most 29 + 7 of the 64 loaded bits are used.
inline uint32_t load_count(const ChiEntry &entry, size_t bit)
{
    uint64_t word = load_le<uint64_t>(entry.data + bit / 8) >> bit % 8;
    return static_cast<uint32_t>(word & ((uint64_t{1} << entry.bits) - 1));
}

} // namespace mq
