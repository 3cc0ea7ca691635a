// The paper's index and algorithm (sections 3.1, 3.2, 3.5), as the benchmark's peer: an
// implementation of its own, so that what it would load does not depend on maskquery's code.
//
// A CHI holds for every cell corner (cx, cy) and bin b the number of pixels in the rectangle from
// the upper left corner to (cx, cy) whose value reaches the bin's lower edge, in 4 bytes: 4 x bins
// x cells a mask (equation 1). Values on [0, 1], bins of equal width.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/roi.h"

namespace mq::bench
{

struct PaperGrid {
    int32_t side, cell, bins;

    int32_t cells() const { return (side + cell - 1) / cell; } // either way
    size_t entry_bytes() const { return 4 * size_t(bins) * size_t(cells()) * size_t(cells()); }
};

struct PaperBounds {
    int64_t lo, hi;
};

class PaperChi
{
  public:
    // map: side * side values on [0, 1].
    void build(const PaperGrid &grid, const float *map);

    // Bounds of the number of pixels with lv <= v < uv inside roi (section 3.2.1: both bounds, each
    // the better of its two terms). uv at 1 includes pixels that equal 1.
    PaperBounds bounds(const PaperGrid &grid, const PixelRect &roi, double lv, double uv) const;

  private:
    // Pixels of the cells [cx0, cx1) x [cy0, cy1) that reach bin b.
    int64_t region(const PaperGrid &grid, int32_t cx0, int32_t cy0, int32_t cx1, int32_t cy1,
                   int32_t b) const;

    std::vector<uint32_t> counts_; // [bin][row of corners][column of corners]
};

} // namespace mq::bench
