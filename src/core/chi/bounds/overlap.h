// Bounds of the overlap of two masks' regions { value >= t } from the entries of both. README.md
// beside this file states and proves what they claim.
#pragma once

#include "core/chi/bounds/bounds.h"

namespace mq
{

// A and B being the regions: mask_iou is |A and B| / |A or B|, mask_iomin |A and B| / min(|A|,
// |B|); both are 0 when the divisor is.
enum class OverlapKind : uint8_t { iou, iomin };

// The ratio as the functions compute it lies in [lo, hi].
struct RatioBounds {
    double lo, hi;
};

// False when the two masks differ in shape, which is an error of the functions. Entries with other
// grids give bounds from the counts of the whole masks; bins, formats and domains may differ.
// REQUIRES: edges were selected for the values from t on, lv = t and uv = infinity, and for each
// entry's own format, domain and bins.
bool chi_overlap_bounds(OverlapKind kind, const ChiEntry &a, const EdgeSelection &a_edges,
                        const ChiEntry &b, const EdgeSelection &b_edges, RatioBounds *out);

} // namespace mq
