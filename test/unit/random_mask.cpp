#include "random_mask.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace mq::test
{

uint64_t seed()
{
    static const uint64_t value = [] {
        const char *text = getenv("MQ_SEED");
        uint64_t s = text ? strtoull(text, nullptr, 10)
                          : uint64_t(std::chrono::system_clock::now().time_since_epoch().count()) %
                                1000000000;
        printf("MQ_SEED=%llu\n", static_cast<unsigned long long>(s));
        fflush(stdout);
        return s;
    }();
    return value;
}

uint32_t Mask::raw(int32_t x, int32_t y) const
{
    uint32_t bits = 0;
    size_t size = flat_pixel_size(format);
    memcpy(&bits, flat() + (size_t(y) * shape.width + x) * size, size);
    return bits;
}

void Mask::set_raw(int32_t x, int32_t y, uint32_t raw)
{
    size_t size = flat_pixel_size(format);
    memcpy(flat() + (size_t(y) * shape.width + x) * size, &raw, size);
}

std::string Mask::describe() const
{
    char text[160];
    snprintf(text, sizeof text, "%s %d x %d, domain [%.17g, %.17g]", format_name(format),
             shape.width, shape.height, domain.lo, domain.hi);
    return text;
}

Mask make_mask(PixelFormat format, Shape shape, Domain domain)
{
    Mask mask{format, shape, domain, {}};
    mask.storage.resize(mask.flat_size() / 8 + 1);
    return mask;
}

Shape random_shape(Random &random, int32_t limit)
{
    auto side = [&]() -> int32_t {
        static const int32_t edges[] = {1, 2, 7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 128, 129};
        int32_t s = one_in(random, 3) ? edges[below(random, std::size(edges))]
                                      : 1 + int32_t(below(random, limit));
        return std::min(s, limit);
    };
    return Shape{side(), side()};
}

Domain random_domain(Random &random, PixelFormat format)
{
    static const Domain domains[] = {{0, 1},  {0, 1},   {0, 255},   {0, 80},
                                     {-1, 1}, {-3, -1}, {0.1, 0.8}, {1e-3, 2e-3}};
    if (one_in(random, 4)) {
        double scale = std::exp(uniform(random, -6, 6));
        Domain d{uniform(random, -1, 1) * scale, 0};
        d.hi = d.lo + uniform(random, 0.5, 1) * scale;
        Error err;
        if (check_domain(format, d, err))
            return d;
    }
    return domains[below(random, std::size(domains))];
}

Mask random_mask(Random &random, PixelFormat format, Shape shape, Domain domain)
{
    Mask mask = make_mask(format, shape, domain);
    uint64_t kind = below(random, 6);
    double fx = uniform(random, 0, 0.2), fy = uniform(random, 0, 0.2), base = uniform(random, 0, 1);
    int32_t block = 1 + int32_t(below(random, 40));
    std::vector<double> blocks(size_t(shape.width / block + 1) * (shape.height / block + 1));
    for (double &b : blocks)
        b = uniform(random, 0, 1);
    for (int32_t y = 0; y < shape.height; y++) {
        for (int32_t x = 0; x < shape.width; x++) {
            double u; // position in the domain
            switch (kind) {
            case 0: // smooth
                u = 0.5 + 0.5 * std::sin(base + fx * x) * std::cos(fy * y);
                break;
            case 1: // noise
                u = uniform(random, 0, 1);
                break;
            case 2: // blocks
                u = blocks[size_t(y / block) * (shape.width / block + 1) + x / block];
                break;
            case 3: // constant but for a few pixels
                u = one_in(random, 200) ? uniform(random, 0, 1) : base;
                break;
            case 4: // only ends and quarters, which thresholds hit exactly
                u = double(below(random, 5)) / 4;
                break;
            default: // constant
                u = base;
            }
            u = std::min(std::max(u, 0.0), 1.0);
            double value = format == PixelFormat::bit ? (u >= 0.5 ? domain.hi : domain.lo)
                                                      : domain.lo + (domain.hi - domain.lo) * u;
            uint32_t raw = 0;
            EXPECT_TRUE(value_to_raw(format, domain, std::min(value, domain.hi), &raw)) << value;
            mask.set_raw(x, y, raw);
        }
    }
    return mask;
}

Mask random_mask(Random &random, int32_t side_limit)
{
    PixelFormat format = kFormats[below(random, std::size(kFormats))];
    Shape shape = random_shape(random, side_limit);
    return random_mask(random, format, shape, random_domain(random, format));
}

double random_threshold(Random &random, const Mask &mask)
{
    const Domain &d = mask.domain;
    switch (below(random, 10)) {
    case 0:
        return d.lo;
    case 1:
        return d.hi;
    case 2:
        return one_in(random, 2) ? -INFINITY : INFINITY;
    case 3:
        return uniform(random, d.lo - (d.hi - d.lo), d.hi + (d.hi - d.lo));
    case 4:
        return d.lo + (d.hi - d.lo) * double(below(random, 17)) / 16; // edges of equi-width bins
    case 5:
        return double(float(uniform(random, d.lo, d.hi)));
    case 6:
    case 7:
        return mask.value(int32_t(below(random, mask.shape.width)),
                          int32_t(below(random, mask.shape.height)));
    case 8:
        return std::nextafter(one_in(random, 2) ? d.lo : d.hi,
                              one_in(random, 2) ? -INFINITY : INFINITY);
    default:
        return uniform(random, d.lo, d.hi);
    }
}

Roi random_roi(Random &random, Shape shape)
{
    if (one_in(random, 8))
        return kFullRoi;
    int32_t spread_x = one_in(random, 4) ? 2 * shape.width : 0,
            spread_y = one_in(random, 4) ? 2 * shape.height : 0;
    auto pick = [&](int32_t side, int32_t spread) {
        return int32_t(below(random, uint64_t(side) + 2 * spread)) + 1 - spread;
    };
    Roi r{pick(shape.width, spread_x), pick(shape.height, spread_y), pick(shape.width, spread_x),
          pick(shape.height, spread_y)};
    if (r.x1 > r.x2)
        std::swap(r.x1, r.x2);
    if (r.y1 > r.y2)
        std::swap(r.y1, r.y2);
    return r;
}

std::vector<uint8_t> encode(const Mask &mask)
{
    std::vector<uint8_t> bytes(encode_bound(mask.format, mask.shape));
    size_t size = 0;
    Error err;
    EXPECT_TRUE(encode_mask(mask.flat(), mask.format, mask.shape, mask.domain, bytes.data(),
                            bytes.size(), &size, err))
        << err.message;
    EXPECT_LE(size, bytes.size());
    bytes.resize(size);
    bytes.shrink_to_fit();
    return bytes;
}

namespace
{

// Where t lies among pixel values once it is rounded as a pixel written as t would be. For u8 and
// u16 the code, which may lie outside the format's own.
double rounded(PixelFormat f, const Domain &d, double t)
{
    switch (f) {
    case PixelFormat::f32:
        return double(float(t));
    case PixelFormat::f16: {
        uint32_t raw;
        if (value_to_raw(f, Domain{-65504, 65504}, t, &raw))
            return raw_to_value(f, d, raw);
        return t;
    }
    case PixelFormat::u8:
    case PixelFormat::u16: {
        uint32_t raw;
        if (value_to_raw(f, d, t, &raw))
            return raw_to_value(f, d, raw);
        return t;
    }
    case PixelFormat::bit:
        break;
    }
    return float(t) == float(d.lo) ? d.lo : float(t) == float(d.hi) ? d.hi : t;
}

} // namespace

uint64_t brute_force_count(const Mask &mask, const Roi &roi, double lv, double uv)
{
    double lo = rounded(mask.format, mask.domain, lv), hi = rounded(mask.format, mask.domain, uv);
    bool to_top = hi >= rounded(mask.format, mask.domain, mask.domain.hi);
    uint64_t count = 0;
    for (int32_t y = 0; y < mask.shape.height; y++) {
        for (int32_t x = 0; x < mask.shape.width; x++) {
            if (x + 1 < roi.x1 || x + 1 > roi.x2 || y + 1 < roi.y1 || y + 1 > roi.y2)
                continue;
            double v = mask.value(x, y);
            count += v >= lo && (to_top || v < hi);
        }
    }
    return count;
}

} // namespace mq::test
