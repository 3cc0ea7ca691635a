// Random masks, thresholds and regions for property tests, and the brute-force answers to compare
// with.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/mask/codec.h"
#include "core/mask/measure/count.h"
#include "core/base/pixel.h"
#include "core/base/roi.h"

namespace mq::test
{

// The seed of all random tests: MQ_SEED from the environment, else from the clock. The test program
// prints it.
uint64_t seed();

using Random = std::mt19937_64;

inline uint64_t below(Random &random, uint64_t limit)
{
    return random() % limit;
}
inline bool one_in(Random &random, uint64_t n)
{
    return below(random, n) == 0;
}
inline double uniform(Random &random, double lo, double hi)
{
    return lo + (hi - lo) * double(random() >> 11) * 0x1p-53;
}

constexpr PixelFormat kFormats[] = {PixelFormat::f32, PixelFormat::f16, PixelFormat::u8,
                                    PixelFormat::u16, PixelFormat::bit};

// Flat pixels with their raw bits at hand.
struct Mask {
    PixelFormat format;
    Shape shape;
    Domain domain;
    std::vector<uint64_t> storage; // flat pixels, aligned for every format

    uint8_t *flat() { return reinterpret_cast<uint8_t *>(storage.data()); }
    const uint8_t *flat() const { return reinterpret_cast<const uint8_t *>(storage.data()); }
    uint32_t raw(int32_t x, int32_t y) const;
    void set_raw(int32_t x, int32_t y, uint32_t raw);
    double value(int32_t x, int32_t y) const { return raw_to_value(format, domain, raw(x, y)); }
    size_t flat_size() const { return shape.pixels() * flat_pixel_size(format); }
    std::string describe() const;
};

Mask make_mask(PixelFormat format, Shape shape, Domain domain);

// A shape with sides up to `limit`, with tile edges, slivers and single pixels among them.
Shape random_shape(Random &random, int32_t limit);
Domain random_domain(Random &random, PixelFormat format);

// Smooth, noisy, blocky, nearly constant and constant masks.
Mask random_mask(Random &random, PixelFormat format, Shape shape, Domain domain);
Mask random_mask(Random &random, int32_t side_limit);

// Around the domain: its ends, values of pixels, values in between, beyond, infinities.
double random_threshold(Random &random, const Mask &mask);
// Inside, across and outside the mask, one pixel, full.
Roi random_roi(Random &random, Shape shape);

std::vector<uint8_t> encode(const Mask &mask);

// cp by its definition, on values: pixels in the roi with lv <= v < uv, uv at or above the top
// including the top; for the thresholds as a pixel written as them would be stored.
uint64_t brute_force_count(const Mask &mask, const Roi &roi, double lv, double uv);

} // namespace mq::test
