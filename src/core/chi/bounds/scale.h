// Ordinals as the pixels of one mask see them: all at or below the domain's bottom are 0, all above
// its top are `end`. That moves no pixel across any of them, and lets thresholds at the ends of the
// domain meet the outer edges (-infinity and +infinity).
#pragma once

#include "core/chi/grid.h"

namespace mq
{

struct Scale {
    uint32_t bottom, top, end;

    Scale(PixelFormat format, const Domain &domain)
        : bottom(lower_ordinal(format, domain, domain.lo)),
          top(lower_ordinal(format, domain, domain.hi)), end(ordinal_end(format))
    {
    }
    uint32_t limit(uint32_t ordinal) const
    {
        return ordinal <= bottom ? 0 : ordinal > top ? end : ordinal;
    }
    OrdinalRange limit(const OrdinalRange &r) const { return {limit(r.lo), limit(r.hi)}; }
    // Of lv <= v < uv. Empty (lo >= hi) when no pixel can lie in it.
    OrdinalRange range(PixelFormat format, const Domain &domain, double lv, double uv) const
    {
        return OrdinalRange{limit(lower_ordinal(format, domain, lv)),
                            limit(upper_ordinal(format, domain, uv))};
    }
    // Of a bin edge, the outer ones included.
    uint32_t edge(PixelFormat format, const Domain &domain, const ChiBins &bins, int32_t i) const
    {
        return i == 0 ? 0
               : i == bins.bins
                   ? end
                   : limit(edge_ordinal(format, domain, bins.inner[i - 1], bins.rounded));
    }
};

} // namespace mq
