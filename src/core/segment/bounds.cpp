// Bounds of all rows of a segment at once.
#include "core/base/assert.h"
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
    size_t used = 0;

    size_t take(size_t n)
    {
        const size_t at = used;
        used += n;
        return at;
    }
};

constexpr size_t kNotHeld = SIZE_MAX;

// What the bounds of a roi are taken from and where in the cache's memory it lies: the same for the
// plan and the computation.
struct Layout {
    CellRange touched;
    PixelRect rect;
    bool nothing; // all bounds are 0
    bool wide;    // lanes of 32 bits
    uint32_t runs, run_cells;
    size_t area, overlap, outside, unpacked, zeros; // tables
    size_t table_size;
    int used;         // edges: 2 where both bounds are taken between the same, or the lower is 0
    int32_t edges[4]; // upper from, upper to, lower from, lower to
    size_t held[4];   // their counts; kNotHeld: none are needed
    bool first[4];    // no edge before is the same

    CellSpan cells(const CellGrid &g) const { return CellSpan{touched.first(g), touched.end(g)}; }
};

// Plans to read what concerns some cells of an edge; all of it where that takes fewer reads and
// hardly more bytes. The bytes lie at `at` as they lie in the segment.
void plan_edge(const Segment &s, int32_t edge, CellSpan cells, size_t at, SegmentReads *reads)
{
    const size_t stride = word_stride(s), whole = edge_size(s, edge), words = whole / stride;
    const size_t span = (cells.end - cells.first) * kWordSize;
    if (whole == 0)
        return;
    if (words * (span + kReadCost) >= whole + kReadCost)
        return reads->add(s.start[edge], whole, at);
    for (size_t w = 0; w < words; w++) {
        const size_t skip = w * stride + cells.first * kWordSize;
        reads->add(s.start[edge] + skip, span, at + skip);
    }
}

// Plans to read what concerns some cells and the rows of one step of a block, to where plan_edge
// would put it.
void plan_step(const Segment &s, int32_t edge, CellSpan cells, uint32_t block, uint32_t step,
               size_t at, SegmentReads *reads)
{
    const size_t stride = word_stride(s), span = (cells.end - cells.first) * kWordSize;
    const CountPlace place = count_place(step * lanes(s), s.width[edge], lane_bits(s));
    const uint64_t block_start = edge_block_start(s, edge, block);
    const size_t skip = place.word * stride + cells.first * kWordSize;
    at += size_t(block_start - s.start[edge]) + skip;
    if (place.straddles && stride - span <= kReadCost)
        return reads->add(block_start + skip, stride + span, at);
    reads->add(block_start + skip, span, at);
    if (place.straddles)
        reads->add(block_start + skip + stride, span, at + stride);
}

// Whether a row of the step is wanted.
bool is_wanted(const Segment &s, const uint8_t *wanted, uint32_t block, uint32_t step)
{
    const uint32_t first = step * lanes(s), rows = block_rows(s, block);
    const uint8_t *begin = wanted + block * kBlockRows + first;
    const uint8_t *end = begin + std::min(lanes(s), rows - first);
    return std::find(begin, end, 1) != end;
}

uint32_t steps_of_block(const Segment &s, uint32_t block)
{
    return (block_rows(s, block) + lanes(s) - 1) / lanes(s);
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
void choose_runs(const CellGrid &g, Layout *l)
{
    auto rounded = [](uint32_t n) { return (n + kRunCells - 1) / kRunCells * kRunCells; };
    const CellRange &touched = l->touched;
    const uint32_t columns = rounded(uint32_t(touched.cx1 - touched.cx0));
    l->runs = uint32_t(touched.cy1 - touched.cy0);
    l->run_cells = columns;
    const uint32_t all = rounded(uint32_t(touched.end(g) - touched.first(g)));
    if (all <= l->runs * (columns + 1)) {
        l->runs = 1;
        l->run_cells = all;
    }
}

// Gives room to the counts of the edges that are read.
void place_edges(const Segment &s, const EdgeSelection &edges, Memory *memory, Layout *l)
{
    const bool exact = edges.upper_from == edges.lower_from && edges.upper_to == edges.lower_to;
    l->edges[0] = edges.upper_from;
    l->edges[1] = edges.upper_to;
    l->edges[2] = edges.lower_from;
    l->edges[3] = edges.lower_to;
    l->used = exact || edges.lower_from >= edges.lower_to ? 2 : 4;
    for (int i = 0; i < l->used; i++) {
        const int32_t edge = l->edges[i];
        const int same = int(std::find(l->edges, l->edges + i, edge) - l->edges);
        l->first[i] = same == i;
        if (edge == 0 || edge == s.shape.bins || s.width[edge] == 0)
            l->held[i] = kNotHeld;
        else
            l->held[i] = same < i ? l->held[same] : memory->take(edge_size(s, edge));
    }
}

Layout lay_out(const Segment &s, const EdgeSelection &edges, const Roi &roi)
{
    const CellGrid &g = s.shape.grid;
    Layout l{};
    l.rect = clip(roi, g.width, g.height);
    l.nothing = l.rect.empty() || edges.upper_from >= edges.upper_to;
    if (l.nothing)
        return l;
    l.touched = touched_cells(g, l.rect);
    l.wide = lane_bits(s) == 32;
    choose_runs(g, &l);
    l.table_size = size_t(l.runs) * l.run_cells * kWordSize;
    Memory memory;
    for (size_t *table : {&l.area, &l.overlap, &l.outside, &l.unpacked, &l.zeros})
        *table = memory.take(l.table_size);
    place_edges(s, edges, &memory, &l);
    return l;
}

// The kernel's tables: area, overlap with the roi, pixels outside of it, for each cell.
void fill_tables(const CellGrid &g, const Layout &l, uint8_t *memory)
{
    const CellRange &touched = l.touched;
    uint8_t *area = memory + l.area, *overlap = memory + l.overlap, *outside = memory + l.outside;
    memset(memory + l.zeros, 0, l.table_size);
    for (uint32_t run = 0; run < l.runs; run++) {
        int32_t cx = touched.cx0, cy = touched.cy0 + int32_t(run);
        for (uint32_t i = 0; i < l.run_cells; i++) {
            uint32_t all = 0, inside = 0, beyond = l.wide ? UINT32_MAX : UINT16_MAX;
            if (cx >= touched.cx0 && cx < touched.cx1 && cy < touched.cy1) {
                const PixelRect cell = g.cell_rect(cx, cy);
                all = uint32_t(cell.area());
                inside = uint32_t(intersect(cell, l.rect).area());
                beyond = all - inside;
            }
            put_word(area, all, l.wide);
            put_word(overlap, inside, l.wide);
            put_word(outside, beyond, l.wide);
            area += kWordSize, overlap += kWordSize, outside += kWordSize;
            if (++cx == g.cells_x) {
                cx = 0;
                // A run of several rows of the grid goes on with the next one; what other runs have
                // beyond the last column is not touched.
                cy = l.runs == 1 ? cy + 1 : touched.cy1;
            }
        }
    }
}

// What is the same for all blocks of rows.
BlockBounds bounds_of_blocks(const Segment &s, const Layout &l, uint8_t *memory)
{
    const CellGrid &g = s.shape.grid;
    BlockBounds b{};
    b.runs = l.runs;
    b.cells = l.run_cells;
    b.run_stride = size_t(g.cells_x) * kWordSize;
    b.word_stride = word_stride(s);
    b.max_area = uint32_t(g.cell_width) * uint32_t(g.cell_height);
    b.exact = l.edges[0] == l.edges[2] && l.edges[1] == l.edges[3];
    b.nothing = l.edges[2] >= l.edges[3];
    b.overlap = memory + l.overlap;
    b.outside = memory + l.outside;
    b.unpacked = memory + l.unpacked;
    for (int i = 0; i < l.used; i++) {
        const int32_t edge = l.edges[i];
        b.width[i] = edge == 0 || edge == s.shape.bins ? 0 : s.width[edge];
        if (edge == 0)
            b.constant[i] = memory + l.area;
        else if (edge != s.shape.bins && b.width[i] == 0 && i % 2 == 0)
            b.constant[i] = memory + l.zeros; // no row has such pixels; as `to` that is no edge
    }
    return b;
}

} // namespace

void plan_segment_bounds(const Segment &segment, const EdgeSelection &edges, const Roi &roi,
                         const uint8_t *wanted, SegmentCache *cache, SegmentReads *reads)
{
    mq_assert(cache->capacity >= segment_cache_size(segment));
    cache->forget();
    const Layout l = lay_out(segment, edges, roi);
    if (l.nothing)
        return;
    const CellSpan cells = l.cells(segment.shape.grid);
    for (int i = 0; i < l.used; i++) {
        if (l.held[i] == kNotHeld || !l.first[i])
            continue;
        if (!wanted) {
            plan_edge(segment, l.edges[i], cells, l.held[i], reads);
            continue;
        }
        for (uint32_t block = 0; block < blocks(segment.rows); block++)
            for (uint32_t step = 0; step < steps_of_block(segment, block); step++)
                if (is_wanted(segment, wanted, block, step))
                    plan_step(segment, l.edges[i], cells, block, step, l.held[i], reads);
    }
}

void segment_bounds(const Segment &segment, const EdgeSelection &edges, const Roi &roi,
                    const uint8_t *wanted, const SegmentCache &cache, uint32_t *lo, uint32_t *hi)
{
    const Layout l = lay_out(segment, edges, roi);
    if (l.nothing) {
        std::fill_n(lo, segment.rows, 0);
        std::fill_n(hi, segment.rows, 0);
        return;
    }
    const CellGrid &g = segment.shape.grid;
    fill_tables(g, l, cache.memory);
    BlockBounds b = bounds_of_blocks(segment, l, cache.memory);
    const auto kernel = l.wide ? block_bounds_32 : block_bounds_16;
    for (uint32_t block = 0; block < blocks(segment.rows); block++) {
        for (int i = 0; i < l.used; i++)
            if (l.held[i] != kNotHeld)
                b.plane[i] = cache.memory + l.held[i] + block * b.width[i] * b.word_stride +
                             l.touched.first(g) * kWordSize;
        b.lo = lo + block * kBlockRows;
        b.hi = hi + block * kBlockRows;
        b.first_step = 0;
        b.end_step = steps_of_block(segment, block);
        if (!wanted) {
            kernel(b);
            continue;
        }
        for (uint32_t step = 0, end = b.end_step; step < end; step++) {
            b.first_step = step;
            b.end_step = step + 1;
            if (is_wanted(segment, wanted, block, step))
                kernel(b);
        }
    }
}

} // namespace mq
