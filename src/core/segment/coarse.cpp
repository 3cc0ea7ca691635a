// Coarse counts: bounds from a byte a row and edge, the first rung of judging a whole segment.
#include "core/chi/entry_layout.h"
#include "core/segment/layout.h"
#include "core/base/simd.h"

namespace mq
{

namespace
{

// Plain loops, which compilers turn into vectors once they may use more than the baseline's.

template <int Bytes>
MQ_INLINE void expand_body(const uint8_t *counts, uint32_t rows, uint32_t shift, uint32_t area,
                           uint32_t *least, uint32_t *most)
{
    for (uint32_t row = 0; row < rows; row++) {
        const uint32_t count = counts[row];
        most[row] = std::min(area, count << shift);
        least[row] = count == 0 ? 0 : ((count - 1) << shift) + 1;
    }
}
MQ_KERNEL(void, expand,
          (const uint8_t *counts, uint32_t rows, uint32_t shift, uint32_t area, uint32_t *least,
           uint32_t *most),
          (counts, rows, shift, area, least, most))

// min(from - to, limit) - outside, none below 0.
template <int Bytes>
MQ_INLINE void subtract_body(const uint32_t *from, const uint32_t *to, uint32_t rows,
                             uint32_t limit, uint32_t outside, uint32_t *out)
{
    for (uint32_t row = 0; row < rows; row++) {
        const uint32_t count = std::max(from[row], to[row]) - to[row];
        out[row] = std::max(std::min(count, limit), outside) - outside;
    }
}
MQ_KERNEL(void, subtract,
          (const uint32_t *from, const uint32_t *to, uint32_t rows, uint32_t limit,
           uint32_t outside, uint32_t *out),
          (from, to, rows, limit, outside, out))

// Pixels of whole masks at or above an edge: between least[row] and most[row].
struct EdgeCounts {
    uint32_t least[kSegmentRows], most[kSegmentRows];
};

bool load_edge(const Segment &s, const SegmentReader &reader, int32_t edge, EdgeCounts *out)
{
    const uint32_t area = uint32_t(s.shape.grid.width) * uint32_t(s.shape.grid.height);
    if (edge == 0 || edge == s.shape.bins) {
        const uint32_t all = edge == 0 ? area : 0;
        std::fill_n(out->least, s.rows, all);
        std::fill_n(out->most, s.rows, all);
        return true;
    }
    uint8_t counts[kSegmentRows];
    if (!reader.read(reader.context, s.coarse_start + coarse_size(s.rows, edge), s.rows, counts))
        return false;
    expand(counts, s.rows, s.coarse_shift, area, out->least, out->most);
    return true;
}

} // namespace

bool segment_coarse_bounds(const Segment &segment, const SegmentReader &reader,
                           const EdgeSelection &edges, const Roi &roi, uint32_t *lo, uint32_t *hi)
{
    const CellGrid &g = segment.shape.grid;
    const PixelRect rect = clip(roi, g.width, g.height);
    std::fill_n(lo, segment.rows, 0);
    std::fill_n(hi, segment.rows, 0);
    if (rect.empty() || edges.upper_from >= edges.upper_to)
        return true;
    const uint32_t area = uint32_t(g.width) * uint32_t(g.height), inside = uint32_t(rect.area());
    const uint32_t outside = area - inside;

    EdgeCounts from, to;
    if (!load_edge(segment, reader, edges.upper_from, &from) ||
        !load_edge(segment, reader, edges.upper_to, &to))
        return false;
    subtract(from.most, to.least, segment.rows, inside, 0, hi);
    if (edges.lower_from >= edges.lower_to)
        return true;
    if ((edges.lower_from != edges.upper_from &&
         !load_edge(segment, reader, edges.lower_from, &from)) ||
        (edges.lower_to != edges.upper_to && !load_edge(segment, reader, edges.lower_to, &to)))
        return false;
    subtract(from.least, to.most, segment.rows, area, outside, lo);
    return true;
}

bool check_coarse_counts(const Segment &segment, const SegmentReader &reader, SegmentCache *cache,
                         uint8_t *entry, bool *agree)
{
    ChiEntry e = segment.shape;
    e.data = entry + kChiEntryHeaderSize;
    *agree = true;
    for (uint32_t row = 0; row < segment.rows && *agree; row++) {
        if (!extract_entry(segment, reader, row, cache, entry))
            return false;
        for (int32_t edge = 1; edge < segment.shape.bins; edge++) {
            uint8_t stored;
            uint64_t sum = 0;
            size_t bit = plane_bit(e, edge);
            for (size_t c = 0; c < e.grid.cells(); c++, bit += e.bits)
                sum += load_count(e, bit);
            if (!reader.read(reader.context,
                             segment.coarse_start + coarse_size(segment.rows, edge) + row, 1,
                             &stored))
                return false;
            *agree = *agree && stored == coarse_count(sum, segment.coarse_shift);
        }
    }
    return true;
}

} // namespace mq
