// A mask, grid, bins, roi and thresholds made of the input: the bounds hold the exact count, each
// rung of the ladder lies within the one before it, and all within the paper's; and
// the bounds of the sum hold the exact sum.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/chi/bounds/refine.h"
#include "core/chi/bounds/sum_bounds.h"
#include "core/mask/codec.h"
#include "core/mask/measure/count.h"
#include "core/mask/measure/pixel_sum.h"

using namespace mq;

static void require(bool condition)
{
    if (!condition)
        abort();
}

// Takes values off the input; zeros when it is used up.
struct Input {
    const uint8_t *data;
    size_t size;

    uint8_t byte()
    {
        if (size == 0)
            return 0;
        size--;
        return *data++;
    }
    int32_t below(int32_t limit) { return (byte() | byte() << 8) % limit; }
    int32_t signed_below(int32_t limit) { return below(2 * limit + 1) - limit; }
    // Anything but NaN, or something near the domain.
    double number(const Domain &d)
    {
        uint8_t kind = byte();
        if (kind < 32) {
            uint8_t bytes[8];
            for (uint8_t &b : bytes)
                b = byte();
            double v;
            memcpy(&v, bytes, sizeof v);
            return std::isnan(v) ? d.lo : v;
        }
        if (kind < 48)
            return kind % 2 ? INFINITY : -INFINITY;
        double v = d.lo + (d.hi - d.lo) * below(1025) / 1024;
        return kind < 160   ? v
               : kind < 200 ? double(float(v))
                            : std::nextafter(v, kind % 2 ? INFINITY : -INFINITY);
    }
};

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in{data, size};
    PixelFormat format = PixelFormat(1 + in.below(5));
    Shape shape{1 + in.below(70), 1 + in.below(70)};
    static const Domain kDomains[] = {{0, 1}, {-1, 1}, {0, 255}, {0.1, 0.8}, {-3, -1}};
    Domain domain = kDomains[in.below(std::size(kDomains))];
    ChiGrid grid;
    if (in.byte() % 2)
        grid = ChiGrid{1 + in.below(40), 1 + in.below(40), 0, 0};
    else
        grid = ChiGrid{0, 0, 1 + in.below(20), 1 + in.below(20)};
    uint8_t extremes = in.byte();
    grid.extremes = extremes < 32 ? kAutoExtremes : extremes % 32;
    ChiBins bins;
    bins.lo = std::clamp(in.number(domain), -1e300, 1e300);
    bins.hi = bins.lo + 1 + in.byte();
    if (in.byte() % 4) {
        bins.lo = domain.lo;
        bins.hi = domain.hi;
    }
    bins.rounded = in.byte() % 4 != 0;
    bins.bins = kMinBins + in.below(20);
    for (int32_t i = 0; i + 1 < bins.bins; i++)
        bins.inner[i] = std::clamp(in.number(domain), -1e300, 1e300);
    std::sort(bins.inner, bins.inner + bins.bins - 1);
    for (int32_t i = 1; i + 1 < bins.bins; i++)
        bins.inner[i] = std::max(bins.inner[i], std::nextafter(bins.inner[i - 1], INFINITY));
    Roi roi{in.signed_below(100), in.signed_below(100), in.signed_below(100), in.signed_below(100)};
    if (roi.x1 > roi.x2)
        std::swap(roi.x1, roi.x2);
    if (roi.y1 > roi.y2)
        std::swap(roi.y1, roi.y2);
    double lv = in.number(domain), uv = in.number(domain);
    if (in.byte() < 16)
        lv = bins.inner[0];
    if (lv > uv)
        std::swap(lv, uv);

    // Pixels take the rest of the input; runs of it repeat over large masks.
    std::vector<uint64_t> flat(shape.pixels() * flat_pixel_size(format) / 8 + 1);
    uint8_t *pixels = reinterpret_cast<uint8_t *>(flat.data());
    size_t pixel_size = flat_pixel_size(format);
    const uint8_t *rest = in.data;
    size_t rest_size = in.size;
    for (size_t i = 0; i < shape.pixels(); i++) {
        double u = rest_size ? rest[i % rest_size] / 255.0 : 0;
        double v = format == PixelFormat::bit
                       ? (u > 0.5 ? domain.hi : domain.lo)
                       : std::min(domain.lo + (domain.hi - domain.lo) * u, domain.hi);
        uint32_t raw;
        require(value_to_raw(format, domain, v, &raw));
        memcpy(pixels + i * pixel_size, &raw, pixel_size);
    }

    Error err;
    std::vector<uint8_t> stored(encode_bound(format, shape));
    size_t stored_size = 0, entry_size = 0, built = 0;
    require(encode_mask(pixels, format, shape, domain, stored.data(), stored.size(), &stored_size,
                        err));
    require(chi_entry_size(grid, bins, shape, &entry_size, err));
    std::vector<uint8_t> bytes(entry_size);
    require(chi_build_entry(Bytes{stored.data(), stored_size}, grid, bins, bytes.data(),
                            bytes.size(), &built, err));
    ChiEntry entry;
    require(chi_open_entry(Bytes{bytes.data(), built}, grid, bins, &entry, err));

    uint64_t exact = 0, plain = 0;
    require(count_mask(Bytes{stored.data(), stored_size}, roi, lv, uv, &exact, err));
    OrdinalRange range = ordinal_range(format, domain, lv, uv);
    PixelRect r = clip(roi, shape.width, shape.height);
    for (int32_t y = r.y0; y < r.y1; y++)
        for (int32_t x = r.x0; x < r.x1; x++) {
            uint32_t raw = 0;
            memcpy(&raw, pixels + (size_t(y) * shape.width + x) * pixel_size, pixel_size);
            uint32_t ordinal = raw_to_ordinal(format, raw);
            plain += ordinal >= range.lo && ordinal < range.hi;
        }
    require(plain == exact);
    CountBounds bounds = chi_bounds(entry, bins, roi, lv, uv),
                paper = paper_bounds(entry, bins, roi, lv, uv);
    require(bounds.lo <= exact && exact <= bounds.hi);
    require(paper.lo <= bounds.lo && bounds.hi <= paper.hi);
    CountBounds narrow = tile_bounds(entry, bins, roi, lv, uv);
    require(narrow.lo <= exact && exact <= narrow.hi);
    require(bounds.lo <= narrow.lo && narrow.hi <= bounds.hi);

    // Tile by tile, to the exact count.
    MaskHeader header;
    TileDirectory directory;
    Bytes value{stored.data(), stored_size};
    require(read_header(value, &header, err) &&
            TileDirectory::open(header, value, value.size, &directory, err));
    EdgeSelection edges = select_edges(format, domain, bins, lv, uv);
    TileFacts facts = tile_facts(format, domain, bins, edges, lv, uv);
    std::vector<RefinedCell> cells(refined_cells(entry.grid, roi));
    Refinement refined;
    start_refinement(entry, bins, edges, facts, roi, lv, uv, cells.data(), &refined);
    alignas(8) uint8_t tile[kMaxTileBytes];
    for (size_t t = 0; t < header.tiles(); t++) {
        TileVerdict verdict = judge_tile(directory, t, range);
        if (verdict != TileVerdict::undecided) {
            refine_whole(&refined, header.tile_rect(t), verdict == TileVerdict::all);
        } else {
            require(decode_tile(directory, t, directory.payload(value, t), tile, err));
            refine_pixels(&refined, header.tile_rect(t), tile);
        }
        require(narrow.lo <= refined.lo && refined.lo <= exact);
        require(exact <= refined.hi && refined.hi <= narrow.hi);
    }
    require(refined.lo == exact && refined.hi == exact);

    double sum = 0;
    require(sum_mask(Bytes{stored.data(), stored_size}, roi, lv, uv, &sum, err));
    SumEdges sum_edges;
    select_sum_edges(format, domain, bins, lv, uv, &sum_edges);
    SumBounds sums = chi_sum_bounds(entry, sum_edges, roi);
    require(sums.lo <= sum && sum <= sums.hi);
    require(sum == 0 || std::fabs(sum) >= sums.least);
    return 0;
}
