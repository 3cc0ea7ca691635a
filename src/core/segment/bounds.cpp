// Bounds of all rows of a segment at once.
#include "core/segment/cache.h"
#include "core/segment/kernel.h"

namespace mq
{

namespace
{

// What one read costs beside the bytes it copies, in bytes: finding and locking a page.
constexpr size_t kReadCost = 2048;

// Hands out the cache's memory.
struct Memory {
    uint8_t *free;

    uint8_t *take(size_t n)
    {
        uint8_t *p = free;
        free += n;
        return p;
    }
};

// Reads what concerns some cells of an edge; all of it where that takes fewer reads and hardly more
// bytes. The bytes lie at `out` as they lie in the segment.
bool read_edge(const Segment &s, const SegmentReader &reader, int32_t edge, CellSpan cells,
               uint8_t *out)
{
    const size_t stride = word_stride(s), whole = edge_size(s, edge), words = whole / stride;
    const size_t span = (cells.end - cells.first) * kWordSize;
    if (whole == 0)
        return true;
    if (words * (span + kReadCost) >= whole + kReadCost)
        return reader.read(reader.context, s.start[edge], whole, out);
    for (size_t w = 0; w < words; w++) {
        const size_t at = w * stride + cells.first * kWordSize;
        if (!reader.read(reader.context, s.start[edge] + at, span, out + at))
            return false;
    }
    return true;
}

// Reads what concerns some cells and the rows of one step of a block, where read_edge would put it.
bool read_step(const Segment &s, const SegmentReader &reader, int32_t edge, CellSpan cells,
               uint32_t block, uint32_t step, uint8_t *out)
{
    const size_t stride = word_stride(s), span = (cells.end - cells.first) * kWordSize;
    const CountPlace place = count_place(step * lanes(s), s.width[edge], lane_bits(s));
    const uint64_t block_start = edge_block_start(s, edge, block);
    const size_t at = place.word * stride + cells.first * kWordSize;
    out += block_start - s.start[edge];
    if (place.straddles && stride - span <= kReadCost)
        return reader.read(reader.context, block_start + at, stride + span, out + at);
    return reader.read(reader.context, block_start + at, span, out + at) &&
           (!place.straddles ||
            reader.read(reader.context, block_start + at + stride, span, out + at + stride));
}

// A word with one value in all lanes.
void put_word(uint8_t *word, uint32_t value, bool wide)
{
    const uint64_t all = value * (wide ? uint64_t{0x100000001} : uint64_t{0x1000100010001});
    store_le<uint64_t>(word, all);
    store_le<uint64_t>(word + 8, all);
}

// Which cells the kernel walks over: runs of the touched columns; or, where those are most of the
// columns, one run from the first touched cell to the last.
void choose_runs(const CellGrid &g, const CellRange &touched, BlockBounds *b)
{
    auto rounded = [](uint32_t n) { return (n + kRunCells - 1) / kRunCells * kRunCells; };
    const uint32_t columns = rounded(uint32_t(touched.cx1 - touched.cx0));
    b->runs = uint32_t(touched.cy1 - touched.cy0);
    b->cells = columns;
    b->run_stride = size_t(g.cells_x) * kWordSize;
    const uint32_t all = rounded(uint32_t(touched.end(g) - touched.first(g)));
    if (all <= b->runs * (columns + 1)) {
        b->runs = 1;
        b->cells = all;
    }
}

// The kernel's tables: area, overlap with the roi, pixels outside of it, for each cell.
void fill_tables(const CellGrid &g, const CellRange &touched, const PixelRect &rect, bool wide,
                 const BlockBounds &b, uint8_t *area, uint8_t *overlap, uint8_t *outside)
{
    for (uint32_t run = 0; run < b.runs; run++) {
        int32_t cx = touched.cx0, cy = touched.cy0 + int32_t(run);
        for (uint32_t i = 0; i < b.cells; i++) {
            uint32_t all = 0, inside = 0, beyond = wide ? UINT32_MAX : UINT16_MAX;
            if (cx >= touched.cx0 && cx < touched.cx1 && cy < touched.cy1) {
                const PixelRect cell = g.cell_rect(cx, cy);
                all = uint32_t(cell.area());
                inside = uint32_t(intersect(cell, rect).area());
                beyond = all - inside;
            }
            put_word(area, all, wide);
            put_word(overlap, inside, wide);
            put_word(outside, beyond, wide);
            area += kWordSize, overlap += kWordSize, outside += kWordSize;
            if (++cx == g.cells_x) {
                cx = 0;
                // A run of several rows of the grid goes on with the next one; what other runs have
                // beyond the last column is not touched.
                cy = b.runs == 1 ? cy + 1 : touched.cy1;
            }
        }
    }
}

} // namespace

bool segment_bounds(const Segment &segment, const SegmentReader &reader, const EdgeSelection &edges,
                    const Roi &roi, const uint8_t *wanted, SegmentCache *cache, uint32_t *lo,
                    uint32_t *hi)
{
    const CellGrid &g = segment.shape.grid;
    const PixelRect rect = clip(roi, g.width, g.height);
    cache->forget();
    if (rect.empty() || edges.upper_from >= edges.upper_to) {
        std::fill_n(lo, segment.rows, 0);
        std::fill_n(hi, segment.rows, 0);
        return true;
    }
    const CellRange touched = touched_cells(g, rect);
    const bool wide = lane_bits(segment) == 32;

    BlockBounds b{};
    choose_runs(g, touched, &b);
    b.word_stride = word_stride(segment);
    b.max_area = uint32_t(g.cell_width) * uint32_t(g.cell_height);
    b.exact = edges.upper_from == edges.lower_from && edges.upper_to == edges.lower_to;
    b.nothing = edges.lower_from >= edges.lower_to;

    Memory memory{cache->memory};
    const size_t table = size_t(b.runs) * b.cells * kWordSize;
    uint8_t *area = memory.take(table), *overlap = memory.take(table);
    uint8_t *outside = memory.take(table);
    fill_tables(g, touched, rect, wide, b, area, overlap, outside);
    b.overlap = overlap;
    b.outside = outside;
    b.unpacked = memory.take(table);

    const int32_t wanted_edges[4] = {edges.upper_from, edges.upper_to, edges.lower_from,
                                     edges.lower_to};
    const CellSpan cells{touched.first(g), touched.end(g)};
    uint8_t *held[4] = {};
    int reads[4] = {}; // edges that are read
    int n_reads = 0;
    const int used = b.exact || b.nothing ? 2 : 4;
    for (int i = 0; i < used; i++) {
        const int32_t edge = wanted_edges[i];
        if (edge == segment.shape.bins)
            continue;
        if (edge == 0) {
            b.constant[i] = area;
            continue;
        }
        b.width[i] = segment.width[edge];
        if (b.width[i] == 0) {
            // No row has such pixels. As `to` that is no edge at all.
            if (i % 2 == 0) {
                uint8_t *zeros = memory.take(table);
                memset(zeros, 0, table);
                b.constant[i] = zeros;
            }
            continue;
        }
        const int same = int(std::find(wanted_edges, wanted_edges + i, edge) - wanted_edges);
        if (same < i) {
            held[i] = held[same];
            continue;
        }
        held[i] = memory.take(edge_size(segment, edge));
        reads[n_reads++] = i;
        if (!wanted && !read_edge(segment, reader, edge, cells, held[i]))
            return false;
    }

    const uint32_t n_lanes = lanes(segment);
    for (uint32_t block = 0; block < blocks(segment.rows); block++) {
        for (int i = 0; i < used; i++)
            if (held[i])
                b.plane[i] = held[i] + block * b.width[i] * b.word_stride + cells.first * kWordSize;
        const uint32_t first = block * kBlockRows, rows = block_rows(segment, block);
        b.lo = lo + first;
        b.hi = hi + first;
        b.first_step = 0;
        b.end_step = (rows + n_lanes - 1) / n_lanes;
        if (!wanted) {
            (wide ? block_bounds_32 : block_bounds_16)(b);
            continue;
        }
        for (uint32_t step = 0; step * n_lanes < rows; step++) {
            const uint8_t *begin = wanted + first + step * n_lanes;
            const uint32_t n = std::min(n_lanes, rows - step * n_lanes);
            if (std::find(begin, begin + n, 1) == begin + n)
                continue;
            for (int i = 0; i < n_reads; i++)
                if (!read_step(segment, reader, wanted_edges[reads[i]], cells, block, step,
                               held[reads[i]]))
                    return false;
            b.first_step = step;
            b.end_step = step + 1;
            (wide ? block_bounds_32 : block_bounds_16)(b);
        }
    }
    return true;
}

} // namespace mq
