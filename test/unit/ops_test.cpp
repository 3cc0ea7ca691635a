// Operations on masks, against their definitions pixel by pixel.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "core/mask/ops/ops.h"
#include "errors.h"
#include "random_mask.h"

using namespace mq;
using namespace mq::test;

namespace
{

template <typename F> void each_pixel(const Mask &mask, F f)
{
    for (int32_t y = 0; y < mask.shape.height; y++)
        for (int32_t x = 0; x < mask.shape.width; x++)
            f(x, y);
}

Mask threshold_of(const Mask &mask, Comparison comparison, double t)
{
    Mask out = make_mask(PixelFormat::bit, mask.shape, Domain{});
    Error err;
    EXPECT_TRUE(threshold(mask.format, mask.domain, mask.shape.pixels(), mask.flat(), comparison, t,
                          out.flat(), err));
    return out;
}

} // namespace

// v >= t against cp's definition, v > t against it: a pixel is above t when it is not below and not
// written as t.
TEST(Ops, ThresholdComparesAtTheFormatsPrecision)
{
    Random random(seed());
    for (int i = 0; i < 400; i++) {
        Mask mask = random_mask(random, 20);
        double t = random_threshold(random, mask);
        Mask ge = threshold_of(mask, Comparison::ge, t), gt = threshold_of(mask, Comparison::gt, t);
        Mask lt = threshold_of(mask, Comparison::lt, t), le = threshold_of(mask, Comparison::le, t);
        uint32_t written;
        bool is_value = value_to_raw(mask.format, mask.domain, t, &written);
        uint64_t count = 0;
        each_pixel(mask, [&](int32_t x, int32_t y) {
            uint32_t raw = mask.raw(x, y);
            bool equal = is_value && raw == written;
            ASSERT_EQ(ge.raw(x, y), 1 - lt.raw(x, y));
            ASSERT_EQ(gt.raw(x, y), 1 - le.raw(x, y));
            ASSERT_EQ(gt.raw(x, y), uint32_t(ge.raw(x, y) && !equal))
                << mask.describe() << " t " << t << " raw " << raw;
            if (!is_value) {
                ASSERT_EQ(ge.raw(x, y), uint32_t(mask.value(x, y) > t))
                    << mask.describe() << " t " << t;
            }
            count += ge.raw(x, y);
        });
        ASSERT_EQ(count, brute_force_count(mask, kFullRoi, t, INFINITY))
            << mask.describe() << " t " << t;
    }
}

TEST(Ops, AboveOrdinalIsMonotone)
{
    Random random(seed());
    for (int i = 0; i < 2000; i++) {
        PixelFormat format = kFormats[below(random, 5)];
        Domain domain = random_domain(random, format);
        double span = domain.hi - domain.lo;
        double a = uniform(random, domain.lo - span, domain.hi + span);
        double b = one_in(random, 2) ? std::nextafter(a, INFINITY) : a + uniform(random, 0, span);
        ASSERT_LE(above_ordinal(format, domain, a), above_ordinal(format, domain, b));
        ASSERT_GE(above_ordinal(format, domain, a), lower_ordinal(format, domain, a));
        ASSERT_EQ(above_ordinal(format, domain, INFINITY), ordinal_end(format));
        ASSERT_LE(above_ordinal(format, domain, -INFINITY),
                  lower_ordinal(format, domain, domain.lo));
    }
}

TEST(Ops, ThresholdRefusesNan)
{
    float v = 0;
    uint8_t out;
    Error err;
    ASSERT_FALSE(
        threshold(PixelFormat::f32, Domain{}, 1, &v, Comparison::gt, std::nan(""), &out, err));
    expect_error(err, ErrorCode::invalid_parameter, "NaN");
}

TEST(Ops, MinMaxComplement)
{
    Random random(seed());
    for (int i = 0; i < 200; i++) {
        Mask a = random_mask(random, 20);
        Mask b = random_mask(random, a.format, a.shape, a.domain);
        Mask low = a, high = a, inverse = a, twice = a;
        size_t n = a.shape.pixels();
        pixel_min(a.format, n, a.flat(), b.flat(), low.flat());
        pixel_max(a.format, n, a.flat(), b.flat(), high.flat());
        complement(a.format, a.domain, n, a.flat(), inverse.flat());
        complement(a.format, a.domain, n, inverse.flat(), twice.flat());
        double reach = std::max(std::fabs(a.domain.lo), std::fabs(a.domain.hi));
        double tolerance = a.format == PixelFormat::f16 ? reach / 1000 : reach * 1e-6;
        each_pixel(a, [&](int32_t x, int32_t y) {
            ASSERT_EQ(low.value(x, y), std::min(a.value(x, y), b.value(x, y)));
            ASSERT_EQ(high.value(x, y), std::max(a.value(x, y), b.value(x, y)));
            ASSERT_NEAR(inverse.value(x, y), a.domain.lo + a.domain.hi - a.value(x, y), tolerance);
            uint32_t raw;
            ASSERT_TRUE(value_to_raw(a.format, a.domain, inverse.value(x, y), &raw))
                << a.describe();
            if (!is_float_format(a.format)) {
                ASSERT_EQ(twice.raw(x, y), a.raw(x, y));
            }
        });
        Mask in_place = a;
        pixel_min(a.format, n, in_place.flat(), b.flat(), in_place.flat());
        ASSERT_EQ(memcmp(in_place.flat(), low.flat(), a.flat_size()), 0);
    }
}

TEST(Ops, Crop)
{
    Random random(seed());
    for (int i = 0; i < 100; i++) {
        Mask mask = random_mask(random, 30);
        PixelRect r = clip(random_roi(random, mask.shape), mask.shape.width, mask.shape.height);
        if (r.empty())
            continue;
        Mask out = make_mask(mask.format, Shape{r.x1 - r.x0, r.y1 - r.y0}, mask.domain);
        crop(mask.format, mask.shape, mask.flat(), r, out.flat());
        each_pixel(out, [&](int32_t x, int32_t y) {
            ASSERT_EQ(out.raw(x, y), mask.raw(r.x0 + x, r.y0 + y));
        });
    }
}

// The formula of the expansion of low-resolution maps, written out.
TEST(Ops, ResizeIsBilinear)
{
    Random random(seed());
    for (int i = 0; i < 150; i++) {
        Mask mask = random_mask(random, 16);
        Shape to = random_shape(random, 40);
        Mask out = make_mask(mask.format, to, mask.domain);
        resize(mask.format, mask.domain, mask.shape, mask.flat(), to, out.flat());
        auto axis = [](int32_t at, int32_t n, int32_t g, int32_t *j0, int32_t *j1) {
            double s = (at + 0.5) * g / n - 0.5;
            s = std::min(std::max(s, 0.0), double(g - 1));
            *j0 = int32_t(std::floor(s));
            *j1 = std::min(*j0 + 1, g - 1);
            return s - *j0;
        };
        double reach = std::max(std::fabs(mask.domain.lo), std::fabs(mask.domain.hi));
        double span = mask.domain.hi - mask.domain.lo;
        double tolerance = mask.format == PixelFormat::u8    ? span / 509
                           : mask.format == PixelFormat::u16 ? span / 131000
                           : mask.format == PixelFormat::f16 ? reach / 2000
                                                             : reach * 1e-7;
        each_pixel(out, [&](int32_t x, int32_t y) {
            if (mask.format == PixelFormat::bit) {
                int32_t sx = int32_t((x + 0.5) * mask.shape.width / to.width);
                int32_t sy = int32_t((y + 0.5) * mask.shape.height / to.height);
                ASSERT_EQ(out.raw(x, y), mask.raw(sx, sy));
                return;
            }
            int32_t x0, x1, y0, y1;
            double t = axis(x, to.width, mask.shape.width, &x0, &x1);
            double u = axis(y, to.height, mask.shape.height, &y0, &y1);
            double top = (1 - t) * mask.value(x0, y0) + t * mask.value(x1, y0);
            double bottom = (1 - t) * mask.value(x0, y1) + t * mask.value(x1, y1);
            ASSERT_NEAR(out.value(x, y), (1 - u) * top + u * bottom, tolerance) << mask.describe();
            uint32_t raw;
            ASSERT_TRUE(value_to_raw(mask.format, mask.domain, out.value(x, y), &raw));
        });
        if (to == mask.shape) {
            ASSERT_EQ(memcmp(out.flat(), mask.flat(), mask.flat_size()), 0);
        }
    }
}

TEST(Ops, ResizeToItselfIsTheIdentity)
{
    Random random(seed());
    for (int i = 0; i < 50; i++) {
        Mask mask = random_mask(random, 20), out = mask;
        resize(mask.format, mask.domain, mask.shape, mask.flat(), mask.shape, out.flat());
        ASSERT_EQ(memcmp(out.flat(), mask.flat(), mask.flat_size()), 0) << mask.describe();
    }
}

// Each pixel of the thumbnail against a mean over a mask enlarged so that all edges fall between
// pixels.
TEST(Ops, ThumbnailAveragesArea)
{
    Random random(seed());
    for (int i = 0; i < 80; i++) {
        Mask mask = random_mask(random, 12);
        Shape to = random_shape(random, 14);
        Mask out = make_mask(PixelFormat::u8, to, mask.domain);
        thumbnail(mask.format, mask.domain, mask.shape, mask.flat(), to, out.flat());
        each_pixel(out, [&](int32_t x, int32_t y) {
            // Fine pixels: to.width x to.height to a pixel of the mask, shape.width x shape.height
            // to one of the result.
            double sum = 0;
            for (int32_t fy = y * mask.shape.height; fy < (y + 1) * mask.shape.height; fy++)
                for (int32_t fx = x * mask.shape.width; fx < (x + 1) * mask.shape.width; fx++)
                    sum += mask.value(fx / to.width, fy / to.height);
            double mean = sum / double(mask.shape.pixels());
            double code = (mean - mask.domain.lo) / (mask.domain.hi - mask.domain.lo) * 255;
            ASSERT_NEAR(double(out.raw(x, y)), code, 0.5001) << mask.describe();
        });
    }
}

TEST(Ops, HistogramBinsAreCounts)
{
    Random random(seed());
    for (int i = 0; i < 300; i++) {
        Mask mask = random_mask(random, 24);
        // Bins finer than a format's steps share codes; coarser ones are what cp counts between two
        // edges.
        int32_t bins = 1 + int32_t(below(random, mask.format == PixelFormat::bit ? 1 : 40));
        std::vector<uint64_t> counts(static_cast<size_t>(bins));
        Error err;
        ASSERT_TRUE(histogram(mask.format, mask.domain, mask.shape.pixels(), mask.flat(), bins,
                              counts.data(), err));
        uint64_t sum = 0;
        for (int32_t b = 0; b < bins; b++) {
            double span = mask.domain.hi - mask.domain.lo;
            double lv = b == 0 ? -INFINITY : mask.domain.lo + span * b / bins;
            double uv = b == bins - 1 ? INFINITY : mask.domain.lo + span * (b + 1) / bins;
            ASSERT_EQ(counts[size_t(b)], brute_force_count(mask, kFullRoi, lv, uv))
                << mask.describe() << " bin " << b;
            sum += counts[size_t(b)];
        }
        ASSERT_EQ(sum, mask.shape.pixels());
    }
}

TEST(Ops, HistogramOfManyBinsLosesNoPixel)
{
    Random random(seed());
    for (PixelFormat format : kFormats) {
        Mask mask = random_mask(random, format, Shape{40, 30}, random_domain(random, format));
        std::vector<uint64_t> counts(kMaxHistogramBins);
        Error err;
        ASSERT_TRUE(histogram(format, mask.domain, mask.shape.pixels(), mask.flat(),
                              kMaxHistogramBins, counts.data(), err));
        uint64_t sum = 0;
        for (uint64_t c : counts)
            sum += c;
        EXPECT_EQ(sum, mask.shape.pixels()) << mask.describe();
    }
    uint64_t count;
    Error err;
    ASSERT_FALSE(histogram(PixelFormat::bit, Domain{}, 1, &count, 0, &count, err));
    expect_error(err, ErrorCode::invalid_parameter, "between 1 and 65536");
    ASSERT_FALSE(histogram(PixelFormat::bit, Domain{}, 1, &count, 65537, &count, err));
}
