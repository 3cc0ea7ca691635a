#include "core/mask/measure/overlap.h"

#include <cstring>

#include "core/mask/measure/count.h"
#include "core/mask/ops/ops.h"
#include "core/mask/tile_codec.h"

namespace mq
{

bool fill_known_tile(const TileDirectory &dir, size_t t, uint32_t threshold_ordinal,
                     const RegionRows &rows)
{
    TileVerdict verdict = judge_tile(dir, t, OrdinalRange{threshold_ordinal, UINT32_MAX});
    if (verdict == TileVerdict::undecided)
        return false;
    PixelRect tile = dir.header->tile_rect(t);
    for (int32_t y = tile.y0; y < tile.y1; y++)
        memset(rows.at(tile.x0, y), verdict == TileVerdict::all, size_t(tile.x1 - tile.x0));
    return true;
}

void fill_tile(const MaskHeader &h, size_t t, const void *pixels, uint32_t threshold_ordinal,
               const RegionRows &rows)
{
    PixelRect tile = h.tile_rect(t);
    const size_t width = static_cast<size_t>(tile.x1 - tile.x0);
    uint8_t inside[kMaxTileBytes]; // a tile has at most as many pixels as bytes
    at_least(h.format, static_cast<size_t>(tile.area()), pixels, threshold_ordinal, inside);
    for (int32_t y = tile.y0; y < tile.y1; y++)
        memcpy(rows.at(tile.x0, y), inside + size_t(y - tile.y0) * width, width);
}

void count_overlap(const RegionRows &a, const RegionRows &b, OverlapCounts *counts)
{
    const OrdinalRange inside{1, 2};
    const size_t width = static_cast<size_t>(a.width);
    const int32_t height = a.y1 - a.y0;
    counts->a += count_pixels(PixelFormat::bit, a.inside, width, a.width, height, inside);
    counts->b += count_pixels(PixelFormat::bit, b.inside, width, a.width, height, inside);
    pixel_min(PixelFormat::bit, width * size_t(height), a.inside, b.inside, a.inside);
    counts->both += count_pixels(PixelFormat::bit, a.inside, width, a.width, height, inside);
}

} // namespace mq
