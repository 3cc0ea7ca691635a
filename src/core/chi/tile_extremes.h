// Tile extremes: between which values the pixels of small square tiles lie, one byte a tile. They
// are the tail of a CHI entry. README.md beside this file specifies the byte and proves what the
// bounds make of it.
#pragma once

#include "core/chi/grid.h"

namespace mq
{

// The binned range is cut into this many levels, equally wide. The 20 * 21 / 2 = 210 pairs of a
// lowest and a highest level fit a byte; 20 and not the 22 that fit, so that over [0, 1] the levels
// are multiples of 0.05 and meet the thresholds that people write.
constexpr int32_t kLevels = 20;

// Tiles of side x side pixels, from the mask's upper left corner; those of the last column and row
// may be smaller. side = 0: none.
struct ExtremeGrid {
    int32_t side = 0;
    int32_t tiles_x = 0, tiles_y = 0;

    size_t tiles() const { return size_t(tiles_x) * size_t(tiles_y); }
};
ExtremeGrid lay_extremes(int32_t side, Shape shape);

// Where the levels begin, as ordinals of one format and domain: level l holds [ordinals[l],
// ordinals[l + 1]). Together they hold every pixel, values beyond the binned range included.
struct ExtremeLevels {
    uint32_t ordinals[kLevels + 1];

    ExtremeLevels(PixelFormat format, const Domain &domain, const ChiBins &bins);
    // Two are asked for every tile of an entry: counting takes a quarter of what a search does,
    // whose branches nobody foresees.
    int32_t level(uint32_t ordinal) const
    {
        int32_t level = -1;
        for (int32_t l = 0; l < kLevels; l++)
            level += ordinals[l] <= ordinal;
        return level;
    }
    // The byte of a tile with these smallest and largest ordinals.
    uint8_t code(uint32_t min, uint32_t max) const
    {
        int32_t lowest = level(min), highest = level(max);
        return static_cast<uint8_t>(highest * (highest + 1) / 2 + lowest);
    }
};

// What is known of all pixels of a tile, for one lv <= v < uv and the bin edges selected for it.
enum TileFact : uint8_t {
    kNoneCount = 1,   // none of them is counted
    kAllCount = 2,    // all are
    kAllInUpper = 4,  // all lie between the edges of the upper bound
    kNoneInLower = 8, // none lies between those of the lower bound
};
// Facts by the tile's byte. A byte that no tile can have tells nothing.
struct TileFacts {
    uint8_t of[256];
};

} // namespace mq
