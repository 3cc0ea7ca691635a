// Construction of a CHI entry, tile by tile.
//
// A tile's extremes settle most edges without its pixels: an edge at or below the smallest pixel
// counts all of them, one above the largest none. Only when an edge lies between the two the tile
// is decoded, once, and for these edges alone the pixels are counted. Edges that a format cannot
// tell apart (all inner ones of a bit mask) are counted as one. In the same way a tile whose
// extremes lie in one level has told all about the small tiles inside it.
//
// Cells and tiles need not be aligned, so counting is done column by column: over the rows that a
// tile shares with one row of cells, each column gets a count (full vectors, whatever the cell's
// width is), and the columns are then summed by cell. So are the extremes of small tiles found.

#include <algorithm>
#include <memory>
#include <new>

#include "core/chi/columns.h"
#include "core/chi/entry.h"
#include "core/chi/entry_layout.h"
#include "core/mask/codec.h"
#include "core/mask/measure/extremes.h"

namespace mq
{

namespace
{

struct Builder {
    PixelFormat format;
    CellGrid grid;
    int32_t inner_edges;
    uint8_t level_of[kMaxBins - 1]; // where an inner edge's ordinal stands among the different ones
    int32_t levels;                 // how many different ordinals the inner edges have
    uint32_t ordinals[kMaxBins - 1];      // by level, ascending
    std::unique_ptr<uint32_t[]> counts;   // [level][cell]
    ExtremeGrid small;                    // tiles whose extremes are gathered
    std::unique_ptr<uint32_t[]> min, max; // of a small tile, as far as it was seen

    bool start(PixelFormat f, const Domain &domain, const CellGrid &g, const ChiBins &bins,
               const ExtremeGrid &extremes, Error &err);

    // Levels [0, settled(min)) count every pixel of a block with these extremes, levels from
    // settled(max) on none.
    int32_t settled(uint32_t ordinal) const
    {
        return static_cast<int32_t>(std::upper_bound(ordinals, ordinals + levels, ordinal) -
                                    ordinals);
    }

    void add_whole(const PixelRect &rect, int32_t below);
    void add_pixels(const uint8_t *pixels, const PixelRect &rect, int32_t from, int32_t to);
    void widen_whole(const PixelRect &rect, const OrdinalExtremes &extremes);
    void widen_pixels(const uint8_t *pixels, const PixelRect &rect);
    void pack(const Domain &domain, const ExtremeLevels &extreme_levels, uint8_t *out,
              size_t size) const;
};

bool Builder::start(PixelFormat f, const Domain &domain, const CellGrid &g, const ChiBins &bins,
                    const ExtremeGrid &extremes, Error &err)
{
    format = f;
    grid = g;
    small = extremes;
    inner_edges = bins.bins - 1;
    levels = 0;
    for (int32_t e = 0; e < inner_edges; e++) {
        uint32_t ordinal = edge_ordinal(f, domain, bins.inner[e], bins.rounded);
        if (levels == 0 || ordinals[levels - 1] != ordinal)
            ordinals[levels++] = ordinal;
        level_of[e] = static_cast<uint8_t>(levels - 1);
    }
    counts.reset(new (std::nothrow) uint32_t[size_t(levels) * g.cells()]());
    min.reset(new (std::nothrow) uint32_t[small.tiles()]);
    max.reset(new (std::nothrow) uint32_t[small.tiles()]());
    if (!counts || !min || !max)
        return err.set(ErrorCode::out_of_memory, "out of memory for a chi entry of %zu cells",
                       g.cells());
    std::fill_n(min.get(), small.tiles(), UINT32_MAX);
    return true;
}

// Counts all pixels of rect for the levels [0, below).
void Builder::add_whole(const PixelRect &rect, int32_t below)
{
    if (below == 0)
        return;
    for (int32_t cy = rect.y0 / grid.cell_height; cy * grid.cell_height < rect.y1; cy++) {
        for (int32_t cx = rect.x0 / grid.cell_width; cx * grid.cell_width < rect.x1; cx++) {
            uint32_t area = static_cast<uint32_t>(intersect(grid.cell_rect(cx, cy), rect).area());
            uint32_t *count = &counts[size_t(cy) * grid.cells_x + cx];
            for (int32_t l = 0; l < below; l++)
                count[l * grid.cells()] += area;
        }
    }
}

// Counts the pixels of rect, which lie row-major without gaps, for the levels [from, to).
void Builder::add_pixels(const uint8_t *pixels, const PixelRect &rect, int32_t from, int32_t to)
{
    const size_t width = static_cast<size_t>(rect.x1 - rect.x0);
    ColumnCounts columns;
    int32_t y1;
    for (int32_t y0 = rect.y0; y0 < rect.y1; y0 = y1) {
        int32_t cy = y0 / grid.cell_height;
        y1 = std::min({rect.y1, (cy + 1) * grid.cell_height, y0 + kMaxColumnRows});
        const uint8_t *rows = pixels + size_t(y0 - rect.y0) * width * flat_pixel_size(format);
        for (int32_t l = from; l < to; l += kEdgeGroup) {
            int32_t group = std::min(kEdgeGroup, to - l);
            count_columns(format, rows, width, y1 - y0, ordinals + l, group, &columns);
            for (int32_t cx = rect.x0 / grid.cell_width; cx * grid.cell_width < rect.x1; cx++) {
                int32_t x0 = std::max(cx * grid.cell_width, rect.x0) - rect.x0;
                int32_t x1 = std::min((cx + 1) * grid.cell_width, rect.x1) - rect.x0;
                uint32_t *count = &counts[l * grid.cells() + size_t(cy) * grid.cells_x + cx];
                for (int32_t i = 0; i < group; i++)
                    count[i * grid.cells()] += columns.sum(i, x0, x1);
            }
        }
    }
}

// Notes the extremes of all pixels of rect for the small tiles that it touches.
void Builder::widen_whole(const PixelRect &rect, const OrdinalExtremes &extremes)
{
    for (int32_t ty = rect.y0 / small.side; ty * small.side < rect.y1; ty++) {
        for (int32_t tx = rect.x0 / small.side; tx * small.side < rect.x1; tx++) {
            size_t t = size_t(ty) * small.tiles_x + tx;
            min[t] = std::min(min[t], extremes.min);
            max[t] = std::max(max[t], extremes.max);
        }
    }
}

// Notes the extremes of the pixels of rect, which lie row-major without gaps.
void Builder::widen_pixels(const uint8_t *pixels, const PixelRect &rect)
{
    const size_t width = static_cast<size_t>(rect.x1 - rect.x0);
    ColumnExtremes columns;
    int32_t y1;
    for (int32_t y0 = rect.y0; y0 < rect.y1; y0 = y1) {
        int32_t ty = y0 / small.side;
        y1 = std::min(rect.y1, (ty + 1) * small.side);
        const uint8_t *rows = pixels + size_t(y0 - rect.y0) * width * flat_pixel_size(format);
        find_column_extremes(format, rows, width, y1 - y0, &columns);
        for (int32_t tx = rect.x0 / small.side; tx * small.side < rect.x1; tx++) {
            size_t t = size_t(ty) * small.tiles_x + tx;
            columns.widen(std::max(tx * small.side, rect.x0) - rect.x0,
                          std::min((tx + 1) * small.side, rect.x1) - rect.x0, &min[t], &max[t]);
        }
    }
}

// Writes the entry: header, counts least significant bit first, tail, zeros.
void Builder::pack(const Domain &domain, const ExtremeLevels &extreme_levels, uint8_t *out,
                   size_t size) const
{
    write_entry_header(grid, format, domain, out);
    const uint32_t bits = count_bits(grid);
    uint8_t *p = out + kChiEntryHeaderSize;
    uint64_t pending = 0;
    uint32_t filled = 0;
    for (int32_t e = 0; e < inner_edges; e++) {
        const uint32_t *plane = &counts[level_of[e] * grid.cells()];
        for (size_t c = 0; c < grid.cells(); c++) {
            pending |= uint64_t{plane[c]} << filled;
            filled += bits;
            if (filled >= 32) {
                store_le<uint32_t>(p, static_cast<uint32_t>(pending));
                p += 4;
                pending >>= 32;
                filled -= 32;
            }
        }
    }
    uint8_t *tail = out + size - kEntryPadding - small.tiles();
    for (; p < tail; pending >>= 8)
        *p++ = static_cast<uint8_t>(pending);
    for (size_t t = 0; t < small.tiles(); t++)
        *p++ = extreme_levels.code(min[t], max[t]);
    memset(p, 0, kEntryPadding);
}

// The entry's size, when it fits.
bool entry_size(const ChiGrid &grid, const ChiBins &bins, Shape shape, size_t capacity,
                size_t *size, Error &err)
{
    if (!chi_entry_size(grid, bins, shape, size, err))
        return false;
    return *size <= capacity ||
           err.set(ErrorCode::internal, "buffer of %zu bytes is too small for a chi entry of %zu",
                   capacity, *size);
}

} // namespace

bool chi_build_entry(Bytes mask, const ChiGrid &grid, const ChiBins &bins, uint8_t *out,
                     size_t capacity, size_t *size, Error &err)
{
    return chi_build_entry_decoded(mask, nullptr, grid, bins, out, capacity, size, err);
}

bool chi_build_entry_decoded(Bytes mask, const void *flat, const ChiGrid &grid, const ChiBins &bins,
                             uint8_t *out, size_t capacity, size_t *size, Error &err)
{
    MaskHeader h;
    TileDirectory dir;
    Builder builder;
    if (!read_header(mask, &h, err) || !TileDirectory::open(h, mask, mask.size, &dir, err) ||
        !entry_size(grid, bins, h.shape(), capacity, size, err) ||
        !builder.start(h.format, h.domain, lay_grid(grid, h.shape()), bins,
                       lay_extremes(extremes_side(grid, bins, h.shape()), h.shape()), err))
        return false;
    const ExtremeLevels extreme_levels(h.format, h.domain, bins);
    alignas(8) uint8_t pixels[kMaxTileBytes];
    for (size_t t = 0; t < h.tiles(); t++) {
        PixelRect rect = h.tile_rect(t);
        OrdinalExtremes extremes{dir.min_ordinal(t), dir.max_ordinal(t)};
        int32_t from = builder.settled(extremes.min), to = builder.settled(extremes.max);
        builder.add_whole(rect, from);
        bool small = builder.small.side > 0;
        if (small && extreme_levels.level(extremes.min) == extreme_levels.level(extremes.max)) {
            builder.widen_whole(rect, extremes);
            small = false;
        }
        if (from >= to && !small)
            continue;
        if (flat)
            cut_tile(h, flat, t, pixels);
        else if (!decode_tile(dir, t, dir.payload(mask, t), pixels, err))
            return false;
        if (small)
            builder.widen_pixels(pixels, rect);
        builder.add_pixels(pixels, rect, from, to);
    }
    builder.pack(h.domain, extreme_levels, out, *size);
    return true;
}

bool chi_build_entry_flat(const void *flat, PixelFormat format, Shape shape, const Domain &domain,
                          const ChiGrid &grid, const ChiBins &bins, uint8_t *out, size_t capacity,
                          size_t *size, Error &err)
{
    Builder builder;
    if (!entry_size(grid, bins, shape, capacity, size, err) ||
        !builder.start(format, domain, lay_grid(grid, shape), bins,
                       lay_extremes(extremes_side(grid, bins, shape), shape), err))
        return false;
    const ExtremeLevels extreme_levels(format, domain, bins);
    MaskHeader h = make_header(format, shape, domain);
    alignas(8) uint8_t pixels[kMaxTileBytes];
    for (size_t t = 0; t < h.tiles(); t++) {
        PixelRect rect = h.tile_rect(t);
        cut_tile(h, flat, t, pixels);
        OrdinalExtremes extremes = find_extremes(format, pixels, static_cast<size_t>(rect.area()));
        int32_t from = builder.settled(extremes.min), to = builder.settled(extremes.max);
        builder.add_whole(rect, from);
        if (from < to)
            builder.add_pixels(pixels, rect, from, to);
        if (builder.small.side == 0)
            continue;
        if (extreme_levels.level(extremes.min) == extreme_levels.level(extremes.max))
            builder.widen_whole(rect, extremes);
        else
            builder.widen_pixels(pixels, rect);
    }
    builder.pack(domain, extreme_levels, out, *size);
    return true;
}

} // namespace mq
