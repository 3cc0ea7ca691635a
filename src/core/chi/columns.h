// The pixel work of CHI construction, column by column: for a few edges at once, how many pixels
// lie at or above them; and the smallest and largest pixel.
#pragma once

#include "core/mask/tile_codec.h"
#include "core/base/pixel.h"

namespace mq
{

// Edges counted in one pass over the pixels: their counts stay in registers beside the pixel.
constexpr int32_t kEdgeGroup = 4;
// Rows of one pass: a column's count takes as many bits as a pixel, 8 at least.
constexpr int32_t kMaxColumnRows = 255;

// Counts by edge and column, in integers of the pixel's size.
struct ColumnCounts {
    size_t width;
    size_t lane_size;
    alignas(64) uint8_t lanes[kEdgeGroup * kMaxTileBytes];

    // Sum over the columns [x0, x1) for the i-th edge of the group.
    uint32_t sum(int32_t i, int32_t x0, int32_t x1) const;
};

// Counts in a block of `rows` x `width` flat pixels without gaps: for each of `edges` ordinals and
// each column, the pixels whose ordinal is at least that. REQUIRES: pixels aligned to their size,
// width * pixel size <= kMaxTileBytes, rows <= kMaxColumnRows, 1 <= edges <= kEdgeGroup.
void count_columns(PixelFormat format, const void *pixels, size_t width, int32_t rows,
                   const uint32_t *ordinals, int32_t edges, ColumnCounts *out);

// The smallest and the largest pixel of each column, in integers of the pixel's size that order as
// the pixels do.
struct ColumnExtremes {
    PixelFormat format;
    alignas(64) uint8_t min[kMaxTileBytes], max[kMaxTileBytes];

    // Widens [*lo, *hi], ordinals, to hold those of the columns [x0, x1).
    void widen(int32_t x0, int32_t x1, uint32_t *lo, uint32_t *hi) const;
};

// In a block of `rows` x `width` flat pixels without gaps. REQUIRES: pixels aligned to their size,
// width * pixel size <= kMaxTileBytes, rows > 0.
void find_column_extremes(PixelFormat format, const void *pixels, size_t width, int32_t rows,
                          ColumnExtremes *out);

} // namespace mq
