#include "core/chi/tile_extremes.h"

#include "core/chi/bounds/scale.h"

namespace mq
{

ExtremeGrid lay_extremes(int32_t side, Shape shape)
{
    ExtremeGrid g;
    if (side > 0) {
        g.side = side;
        g.tiles_x = (shape.width + side - 1) / side;
        g.tiles_y = (shape.height + side - 1) / side;
    }
    return g;
}

ExtremeLevels::ExtremeLevels(PixelFormat format, const Domain &domain, const ChiBins &bins)
{
    Scale scale(format, domain);
    ordinals[0] = 0;
    for (int32_t l = 1; l < kLevels; l++)
        ordinals[l] = scale.limit(edge_ordinal(
            format, domain, bins.lo + (bins.hi - bins.lo) * l / kLevels, bins.rounded));
    ordinals[kLevels] = scale.end;
}

} // namespace mq
