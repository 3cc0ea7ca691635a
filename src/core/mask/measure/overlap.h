// The region { value >= t } of a mask, one byte a pixel, and how much of two regions is shared.
#pragma once

#include "core/mask/layout.h"

namespace mq
{

// Rows y0 <= y < y1 of a mask's region: 1 for pixels inside, else 0.
struct RegionRows {
    int32_t y0, y1, width;
    uint8_t *inside; // (y1 - y0) x width

    uint8_t *at(int32_t x, int32_t y) const { return inside + size_t(y - y0) * width + x; }
};

// Fills what the directory knows of tile t: all of its pixels are inside, or none. False when the
// pixels must be read. REQUIRES: the tile lies in the rows; threshold_ordinal is lower_ordinal(t).
bool fill_known_tile(const TileDirectory &dir, size_t t, uint32_t threshold_ordinal,
                     const RegionRows &rows);

// The same from the tile's pixels (flat, clipped, without gaps).
void fill_tile(const MaskHeader &h, size_t t, const void *pixels, uint32_t threshold_ordinal,
               const RegionRows &rows);

struct OverlapCounts {
    uint64_t a = 0, b = 0, both = 0;
};

// Adds the pixels of the same rows of two regions. Overwrites a.
void count_overlap(const RegionRows &a, const RegionRows &b, OverlapCounts *counts);

} // namespace mq
