// Bounds of all rows of a segment at once.
#include "core/segment/cache.h"

namespace mq
{

bool segment_bounds(const Segment &segment, const SegmentReader &reader, const EdgeSelection &edges,
                    const Roi &roi, SegmentCache *cache, uint32_t *lo, uint32_t *hi)
{
    cache->forget();
    for (uint32_t row = 0; row < segment.rows; row++) {
        CountBounds b;
        if (!segment_row_bounds(segment, reader, row, edges, roi, cache, &b))
            return false;
        lo[row] = uint32_t(b.lo);
        hi[row] = uint32_t(b.hi);
    }
    cache->forget();
    return true;
}

} // namespace mq
