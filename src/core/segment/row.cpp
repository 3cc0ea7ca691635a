// Single rows of a segment.
#include "core/chi/entry_layout.h"
#include "core/segment/cache.h"

namespace mq
{

namespace
{

// Counts of single cells of one row between two edges, as in core/chi/bounds/bounds.cpp.
struct RowPair {
    bool empty, from_all, to_none;
    RowPlane from, to;

    uint32_t count(size_t cell, uint32_t area) const
    {
        if (empty)
            return 0;
        uint32_t above = from_all ? area : from.count(cell), beyond = to_none ? 0 : to.count(cell);
        return above > beyond ? above - beyond : 0;
    }
};

struct RowLoader {
    const Segment &segment;
    const SegmentReader &reader;
    uint32_t row;
    CellSpan cells;
    SegmentCache *cache;
    int loaded = 0;
    int32_t edges[4] = {};
    RowPlane planes[4] = {};

    // Each edge once: the second time in one look-up is no second look-up.
    bool load(int32_t edge, RowPlane *out)
    {
        for (int i = 0; i < loaded; i++) {
            if (edges[i] == edge) {
                *out = planes[i];
                return true;
            }
        }
        if (!load_row_plane(segment, reader, row, edge, cells, loaded, cache, out))
            return false;
        edges[loaded] = edge;
        planes[loaded++] = *out;
        return true;
    }
    bool load(int32_t from, int32_t to, RowPair *out)
    {
        out->empty = from >= to;
        out->from_all = from == 0;
        out->to_none = to == segment.shape.bins;
        return out->empty ||
               ((out->from_all || load(from, &out->from)) && (out->to_none || load(to, &out->to)));
    }
};

} // namespace

bool segment_row_bounds(const Segment &segment, const SegmentReader &reader, uint32_t row,
                        const EdgeSelection &edges, const Roi &roi, SegmentCache *cache,
                        CountBounds *out)
{
    const CellGrid &g = segment.shape.grid;
    *out = CountBounds{0, 0};
    const PixelRect rect = clip(roi, g.width, g.height);
    if (rect.empty() || edges.upper_from >= edges.upper_to)
        return true;
    const CellRange touched = touched_cells(g, rect);
    RowLoader loader{segment, reader, row, CellSpan{touched.first(g), touched.end(g)}, cache};
    const bool exact = edges.upper_from == edges.lower_from && edges.upper_to == edges.lower_to;
    RowPair upper, lower;
    if (!loader.load(edges.upper_from, edges.upper_to, &upper) ||
        (!exact && !loader.load(edges.lower_from, edges.lower_to, &lower)))
        return false;
    for (int32_t cy = touched.cy0; cy < touched.cy1; cy++) {
        for (int32_t cx = touched.cx0; cx < touched.cx1; cx++) {
            const size_t c = size_t(cy) * g.cells_x + cx;
            const PixelRect cell = g.cell_rect(cx, cy);
            const uint32_t area = uint32_t(cell.area()),
                           overlap = uint32_t(intersect(cell, rect).area());
            const uint32_t most = upper.count(c, area);
            const uint32_t least = exact ? most : lower.count(c, area);
            const uint32_t outside = area - overlap;
            out->lo += least > outside ? least - outside : 0;
            out->hi += std::min(most, overlap);
        }
    }
    return true;
}

// Writes the counts of one edge where a row-shaped entry has them. REQUIRES: zeros there.
static bool extract_edge(const Segment &segment, const SegmentReader &reader, uint32_t row,
                         int32_t edge, SegmentCache *cache, uint8_t *counts)
{
    const size_t cells = segment.shape.grid.cells();
    RowPlane plane;
    if (!load_row_plane(segment, reader, row, edge, CellSpan{0, cells}, 0, cache, &plane))
        return false;
    size_t bit = plane_bit(segment.shape, edge);
    for (size_t c = 0; c < cells; c++, bit += segment.shape.bits) {
        // At most 29 + 7 bits; what the last ones reach beyond is inside the entry.
        uint8_t *p = counts + bit / 8;
        store_le<uint64_t>(p, load_le<uint64_t>(p) | uint64_t{plane.count(c)} << bit % 8);
    }
    return true;
}

bool extract_entry(const Segment &segment, const SegmentReader &reader, uint32_t row,
                   SegmentCache *cache, uint8_t *out)
{
    memset(out, 0, segment.entry_size);
    memcpy(out, segment.header, kChiEntryHeaderSize);
    uint8_t *counts = out + kChiEntryHeaderSize;
    for (int32_t e = 1; e < segment.shape.bins; e++)
        if (!extract_edge(segment, reader, row, e, cache, counts))
            return false;
    return read_segment_tail(segment, reader, row, counts + segment.shape.counts_size);
}

bool extract_edges(const Segment &segment, const SegmentReader &reader, uint32_t row,
                   const EdgeSelection &edges, SegmentCache *cache, uint8_t *out, ChiEntry *entry)
{
    *entry = segment.shape;
    uint8_t *counts = out + kChiEntryHeaderSize;
    entry->data = counts;
    memset(out, 0, segment.entry_size);
    const int32_t wanted[] = {edges.upper_from, edges.upper_to, edges.lower_from, edges.lower_to};
    for (int i = 0; i < 4; i++) {
        if (wanted[i] == 0 || wanted[i] == segment.shape.bins ||
            std::find(wanted, wanted + i, wanted[i]) != wanted + i)
            continue;
        if (!extract_edge(segment, reader, row, wanted[i], cache, counts))
            return false;
    }
    return read_segment_tail(segment, reader, row, counts + segment.shape.counts_size);
}

} // namespace mq
