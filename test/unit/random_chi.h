// Random grids, bins and entries for property tests.
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "core/chi/entry.h"
#include "random_mask.h"

namespace mq::test
{

inline ChiGrid random_grid(Random &random)
{
    ChiGrid g;
    if (one_in(random, 2)) {
        g.grid_x = 1 + int32_t(below(random, 12));
        g.grid_y = 1 + int32_t(below(random, 12));
    } else {
        g.grid_x = g.grid_y = 0;
        g.cell_width = 1 + int32_t(below(random, one_in(random, 5) ? 300 : 40));
        g.cell_height = 1 + int32_t(below(random, one_in(random, 5) ? 300 : 40));
    }
    switch (below(random, 4)) {
    case 0:
        g.extremes = kNoExtremes;
        break;
    case 1:
        g.extremes = kAutoExtremes;
        break;
    default:
        g.extremes = 1 + int32_t(below(random, one_in(random, 5) ? 300 : 30));
    }
    return g;
}

// Over the domain, narrower, wider, and with edges anywhere.
inline ChiBins random_bins(Random &random, const Domain &d)
{
    ChiBins bins;
    int32_t count = one_in(random, 10) ? kMaxBins : kMinBins + int32_t(below(random, 40));
    double span = d.hi - d.lo;
    switch (below(random, 4)) {
    case 0:
        equi_width_bins(d.lo + span / 4, d.hi - span / 3, count, &bins);
        break;
    case 1:
        equi_width_bins(d.lo - span, d.hi + span, count, &bins);
        break;
    case 2: {
        bins.bins = count;
        bins.lo = d.lo;
        bins.hi = d.hi;
        double edge = d.lo - span / 10;
        for (int32_t i = 0; i + 1 < count; i++)
            bins.inner[i] = edge =
                std::nextafter(edge + uniform(random, 0, 2.4 * span / count), INFINITY);
        break;
    }
    default:
        equi_width_bins(d.lo, d.hi, count, &bins);
    }
    bins.rounded = !one_in(random, 4);
    return bins;
}

// The entry of a mask, built and opened, with its bytes.
struct BuiltEntry {
    std::vector<uint8_t> bytes;
    ChiEntry entry;

    BuiltEntry(const Mask &mask, const ChiGrid &grid, const ChiBins &bins)
    {
        Error err;
        size_t size = 0;
        EXPECT_TRUE(chi_entry_size(grid, bins, mask.shape, &size, err)) << err.message;
        bytes.resize(size);
        EXPECT_TRUE(chi_build_entry_flat(mask.flat(), mask.format, mask.shape, mask.domain, grid,
                                         bins, bytes.data(), size, &size, err))
            << err.message;
        EXPECT_TRUE(chi_open_entry(Bytes{bytes.data(), size}, grid, bins, &entry, err))
            << err.message;
    }
    BuiltEntry(const BuiltEntry &) = delete; // entry points into bytes
};

} // namespace mq::test
