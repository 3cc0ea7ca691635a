#include "core/chi/entry.h"

#include <cmath>

#include "core/chi/entry_layout.h"

namespace mq
{

namespace
{

constexpr size_t kMaxEntrySize = size_t{1} << 30;

bool corrupted(Error &err, const char *what)
{
    err.set(ErrorCode::index_corrupted, "chi entry is corrupted: %s", what);
    return err.with_hint("Rebuild the index with REINDEX.");
}

// Cells are at most 2^28 and bins 256, so nothing overflows in 64 bits.
uint64_t counts_bytes(const CellGrid &grid, int32_t bins)
{
    return (uint64_t{grid.cells()} * uint64_t(bins - 1) * count_bits(grid) + 7) / 8;
}

// Bytes of an entry; 0 when that is beyond the limit.
uint64_t entry_bytes(const CellGrid &grid, int32_t bins, const ExtremeGrid &extremes)
{
    uint64_t bytes =
        kChiEntryHeaderSize + counts_bytes(grid, bins) + extremes.tiles() + kEntryPadding;
    return bytes <= kMaxEntrySize ? bytes : 0;
}

// Smallest tiles that an automatic choice takes: smaller ones hardly save reading the pixels.
constexpr int32_t kMinAutoSide = 4;

} // namespace

size_t entry_data_size(const ChiEntry &entry)
{
    return entry.counts_size + entry.extremes.tiles() + kEntryPadding;
}

int32_t extremes_side(const ChiGrid &grid, const ChiBins &bins, Shape shape)
{
    if (grid.extremes != kAutoExtremes)
        return grid.extremes;
    CellGrid cells = lay_grid(grid, shape);
    uint64_t limit = 2 * uint64_t(bins.bins) * cells.cells();
    uint64_t taken = kChiEntryHeaderSize + counts_bytes(cells, bins.bins) + kEntryPadding;
    if (taken >= limit)
        return kNoExtremes;
    // No smaller side can do; whole tiles at the borders may ask for a little more.
    double least = std::sqrt(double(shape.pixels()) / double(limit - taken));
    int32_t side = std::max(kMinAutoSide, static_cast<int32_t>(least));
    while (lay_extremes(side, shape).tiles() > limit - taken)
        side++;
    return side;
}

uint32_t count_bits(const CellGrid &grid)
{
    // The last column and row of cells are never larger than the others.
    uint32_t area =
        static_cast<uint32_t>(grid.cell_width) * static_cast<uint32_t>(grid.cell_height);
    return 32 - static_cast<uint32_t>(__builtin_clz(area));
}

void write_entry_header(const CellGrid &grid, PixelFormat format, const Domain &domain,
                        uint8_t *out)
{
    out[0] = kChiEntryVersion;
    out[1] = static_cast<uint8_t>(format);
    out[2] = static_cast<uint8_t>(count_bits(grid));
    out[3] = 0;
    store_le<uint16_t>(out + 4, static_cast<uint16_t>(grid.width));
    store_le<uint16_t>(out + 6, static_cast<uint16_t>(grid.height));
    store_le<double>(out + 8, domain.lo);
    store_le<double>(out + 16, domain.hi);
}

bool chi_entry_size(const ChiGrid &grid, const ChiBins &bins, Shape shape, size_t *size, Error &err)
{
    CellGrid cells = lay_grid(grid, shape);
    uint64_t bytes =
        entry_bytes(cells, bins.bins, lay_extremes(extremes_side(grid, bins, shape), shape));
    if (bytes == 0) {
        err.set(ErrorCode::too_large, "chi entry of %zu cells and %d bins is too large",
                cells.cells(), bins.bins);
        err.with_detail("The mask has %d x %d pixels, a cell %d x %d.", shape.width, shape.height,
                        cells.cell_width, cells.cell_height);
        return err.with_hint("Use larger cells, fewer bins or larger tiles of extremes.");
    }
    *size = static_cast<size_t>(bytes);
    return true;
}

bool chi_open_header(const uint8_t *header, const ChiGrid &grid, const ChiBins &bins, ChiEntry *out,
                     Error &err)
{
    const uint8_t *p = header;
    if (p[0] != kChiEntryVersion)
        return corrupted(err, "unknown version");
    if (!is_valid_format(p[1]))
        return corrupted(err, "unknown pixel format");
    Shape shape{load_le<uint16_t>(p + 4), load_le<uint16_t>(p + 6)};
    if (!check_shape(shape.width, shape.height, err))
        return corrupted(err, "impossible size of its mask");
    out->format = PixelFormat{p[1]};
    out->domain = Domain{load_le<double>(p + 8), load_le<double>(p + 16)};
    if (!check_domain(out->format, out->domain, err))
        return corrupted(err, "impossible domain of its mask");
    out->grid = lay_grid(grid, shape);
    out->bins = bins.bins;
    out->bits = count_bits(out->grid);
    if (p[2] != out->bits || p[3] != 0)
        return corrupted(err, "its counts do not fit its cells");
    out->extremes = lay_extremes(extremes_side(grid, bins, shape), shape);
    out->data = nullptr;
    out->counts_size = counts_bytes(out->grid, bins.bins);
    return true;
}

bool chi_open_entry(Bytes entry, const ChiGrid &grid, const ChiBins &bins, ChiEntry *out,
                    Error &err)
{
    if (entry.size < kChiEntryHeaderSize)
        return corrupted(err, "shorter than its header");
    if (!chi_open_header(entry.data, grid, bins, out, err))
        return false;
    if (entry.size != entry_bytes(out->grid, bins.bins, out->extremes))
        return corrupted(err, "its size differs from its grid and bins");
    out->data = entry.data + kChiEntryHeaderSize;
    return true;
}

uint32_t chi_count(const ChiEntry &entry, size_t cell, int32_t edge)
{
    if (edge == entry.bins)
        return 0;
    if (edge == 0) {
        int32_t cx = static_cast<int32_t>(cell % entry.grid.cells_x);
        int32_t cy = static_cast<int32_t>(cell / entry.grid.cells_x);
        return static_cast<uint32_t>(entry.grid.cell_rect(cx, cy).area());
    }
    return load_count(entry, plane_bit(entry, edge) + cell * entry.bits);
}

} // namespace mq
