// Single rows of a segment.
#include "core/chi/entry_layout.h"
#include "core/base/assert.h"
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

const RowPlane *find_plane(const RowPlanes &planes, int32_t edge)
{
    for (int i = 0; i < planes.n; i++)
        if (planes.edges[i] == edge)
            return &planes.planes[i];
    return nullptr;
}

RowPair find_pair(const Segment &segment, const RowPlanes &planes, int32_t from, int32_t to)
{
    RowPair pair{from >= to, from == 0, to == segment.shape.bins, {}, {}};
    if (!pair.empty && !pair.from_all)
        pair.from = *find_plane(planes, from);
    if (!pair.empty && !pair.to_none)
        pair.to = *find_plane(planes, to);
    return pair;
}

bool is_exact(const EdgeSelection &edges)
{
    return edges.upper_from == edges.lower_from && edges.upper_to == edges.lower_to;
}

// The slot holds its block from now on, unless another edge has taken it since.
void note_filled(const RowPlane &plane)
{
    SegmentCache::Slot *slot = plane.filled;
    if (slot && slot->edge == plane.edge && slot->block == plane.block)
        slot->whole = true;
}

} // namespace

int inner_edges(const Segment &segment, const EdgeSelection &edges, int32_t *out)
{
    int n = 0;
    for (int32_t edge : {edges.upper_from, edges.upper_to, edges.lower_from, edges.lower_to})
        if (edge != 0 && edge != segment.shape.bins && std::find(out, out + n, edge) == out + n)
            out[n++] = edge;
    return n;
}

void plan_row_bounds(const Segment &segment, uint32_t row, const EdgeSelection &edges,
                     const Roi &roi, SegmentCache *cache, SegmentReads *reads, RowPlanes *planes)
{
    mq_assert(row < segment.rows && cache->capacity >= segment_cache_size(segment));
    const CellGrid &g = segment.shape.grid;
    const PixelRect rect = clip(roi, g.width, g.height);
    planes->n = 0;
    if (rect.empty() || edges.upper_from >= edges.upper_to)
        return;
    const CellRange touched = touched_cells(g, rect);
    EdgeSelection used = edges;
    if (edges.lower_from >= edges.lower_to) { // no plane is needed for a lower bound of 0
        used.lower_from = edges.upper_from;
        used.lower_to = edges.upper_to;
    }
    planes->n = inner_edges(segment, used, planes->edges);
    for (int i = 0; i < planes->n; i++)
        plan_row_plane(segment, row, planes->edges[i], CellSpan{touched.first(g), touched.end(g)},
                       i, cache, reads, &planes->planes[i]);
}

CountBounds segment_row_bounds(const Segment &segment, const EdgeSelection &edges, const Roi &roi,
                               const RowPlanes &planes)
{
    const CellGrid &g = segment.shape.grid;
    CountBounds b{0, 0};
    const PixelRect rect = clip(roi, g.width, g.height);
    if (rect.empty() || edges.upper_from >= edges.upper_to)
        return b;
    for (int i = 0; i < planes.n; i++)
        note_filled(planes.planes[i]);
    const CellRange touched = touched_cells(g, rect);
    const bool exact = is_exact(edges);
    const RowPair upper = find_pair(segment, planes, edges.upper_from, edges.upper_to);
    const RowPair lower =
        exact ? RowPair{} : find_pair(segment, planes, edges.lower_from, edges.lower_to);
    for (int32_t cy = touched.cy0; cy < touched.cy1; cy++) {
        for (int32_t cx = touched.cx0; cx < touched.cx1; cx++) {
            const size_t c = size_t(cy) * g.cells_x + cx;
            const PixelRect cell = g.cell_rect(cx, cy);
            const uint32_t area = uint32_t(cell.area()),
                           overlap = uint32_t(intersect(cell, rect).area());
            const uint32_t most = upper.count(c, area);
            const uint32_t least = exact ? most : lower.count(c, area);
            const uint32_t outside = area - overlap;
            b.lo += least > outside ? least - outside : 0;
            b.hi += std::min(most, overlap);
        }
    }
    return b;
}

ChiEntry begin_row_entry(const Segment &segment, uint8_t *out)
{
    ChiEntry entry = segment.shape;
    memset(out, 0, segment.entry_size);
    memcpy(out, segment.header, kChiEntryHeaderSize);
    entry.data = out + kChiEntryHeaderSize;
    return entry;
}

void plan_row_edge(const Segment &segment, uint32_t row, int32_t edge, SegmentCache *cache,
                   SegmentReads *reads, RowPlane *plane)
{
    plan_row_plane(segment, row, edge, CellSpan{0, segment.shape.grid.cells()}, 0, cache, reads,
                   plane);
}

void put_row_edge(const Segment &segment, int32_t edge, const RowPlane &plane, uint8_t *out)
{
    note_filled(plane);
    uint8_t *counts = out + kChiEntryHeaderSize;
    const size_t cells = segment.shape.grid.cells();
    size_t bit = plane_bit(segment.shape, edge);
    for (size_t c = 0; c < cells; c++, bit += segment.shape.bits) {
        // At most 29 + 7 bits; what the last ones reach beyond is inside the entry.
        uint8_t *p = counts + bit / 8;
        store_le<uint64_t>(p, load_le<uint64_t>(p) | uint64_t{plane.count(c)} << bit % 8);
    }
}

uint8_t *tail_of(const Segment &segment, uint8_t *out)
{
    return out + kChiEntryHeaderSize + segment.shape.counts_size;
}

} // namespace mq
