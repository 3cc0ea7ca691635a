// Coarse counts: bounds from a byte a row and edge, the first stage of deciding the rows of a
// segment.
#include "core/base/assert.h"
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

// The edges that the bounds are taken from, in the order in which their counts are read; 0 or bins
// where an edge needs none. How many of them are used: 2 when the lower bound is 0, 0 when both
// are.
int coarse_edges(const Segment &s, const EdgeSelection &edges, const Roi &roi, int32_t *out)
{
    out[0] = edges.upper_from;
    out[1] = edges.upper_to;
    out[2] = edges.lower_from;
    out[3] = edges.lower_to;
    if (clip(roi, s.shape.grid.width, s.shape.grid.height).empty() || out[0] >= out[1])
        return 0;
    return out[2] >= out[3] ? 2 : 4;
}

bool is_read(const Segment &s, const int32_t *edges, int i)
{
    return edges[i] != 0 && edges[i] != s.shape.bins &&
           std::find(edges, edges + i, edges[i]) == edges + i;
}

void expand_edge(const Segment &s, const int32_t *edges, int i, const uint8_t *counts,
                 EdgeCounts *out)
{
    const uint32_t area = uint32_t(s.shape.grid.width) * uint32_t(s.shape.grid.height);
    if (edges[i] == 0 || edges[i] == s.shape.bins) {
        const uint32_t all = edges[i] == 0 ? area : 0;
        std::fill_n(out->least, s.rows, all);
        std::fill_n(out->most, s.rows, all);
        return;
    }
    const size_t held = size_t(std::find(edges, edges + i, edges[i]) - edges);
    expand(counts + held * kSegmentRows, s.rows, s.coarse_shift, area, out->least, out->most);
}

} // namespace

uint64_t coarse_counts_offset(const Segment &segment, int32_t edge)
{
    return segment.coarse_start + coarse_size(segment.rows, edge);
}

void plan_coarse_bounds(const Segment &segment, const EdgeSelection &edges, const Roi &roi,
                        SegmentReads *reads)
{
    int32_t used[4];
    const int n = coarse_edges(segment, edges, roi, used);
    for (int i = 0; i < n; i++)
        if (is_read(segment, used, i))
            reads->add(coarse_counts_offset(segment, used[i]), segment.rows, i * kSegmentRows);
}

void segment_coarse_bounds(const Segment &segment, const EdgeSelection &edges, const Roi &roi,
                           const uint8_t *counts, uint32_t *lo, uint32_t *hi)
{
    const CellGrid &g = segment.shape.grid;
    const uint32_t area = uint32_t(g.width) * uint32_t(g.height);
    const uint32_t inside = uint32_t(clip(roi, g.width, g.height).area()), outside = area - inside;
    int32_t used[4];
    const int n = coarse_edges(segment, edges, roi, used);
    std::fill_n(lo, segment.rows, 0);
    std::fill_n(hi, segment.rows, 0);
    if (n == 0)
        return;
    EdgeCounts from, to;
    expand_edge(segment, used, 0, counts, &from);
    expand_edge(segment, used, 1, counts, &to);
    subtract(from.most, to.least, segment.rows, inside, 0, hi);
    if (n < 4)
        return;
    if (used[2] != used[0])
        expand_edge(segment, used, 2, counts, &from);
    if (used[3] != used[1])
        expand_edge(segment, used, 3, counts, &to);
    subtract(from.least, to.most, segment.rows, area, outside, lo);
}

uint8_t coarse_count_of(const Segment &segment, const ChiEntry &entry, int32_t edge)
{
    mq_assert(1 <= edge && edge < segment.shape.bins);
    uint64_t sum = 0;
    size_t bit = plane_bit(entry, edge);
    for (size_t c = 0; c < entry.grid.cells(); c++, bit += entry.bits)
        sum += load_count(entry, bit);
    return coarse_count(sum, segment.coarse_shift);
}

} // namespace mq
