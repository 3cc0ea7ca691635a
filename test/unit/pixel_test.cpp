// Formats, domains, and how a threshold compares with a pixel.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "random_mask.h"

namespace mq
{

using namespace test;

TEST(Pixel, FormatNames)
{
    for (PixelFormat f : kFormats) {
        PixelFormat found;
        ASSERT_TRUE(format_from_name(format_name(f), strlen(format_name(f)), &found));
        EXPECT_EQ(f, found);
    }
    PixelFormat found;
    EXPECT_FALSE(format_from_name("f3", 2, &found));
    EXPECT_FALSE(format_from_name("f322", 4, &found));
    EXPECT_FALSE(format_from_name("F32", 3, &found));
    EXPECT_FALSE(format_from_name("", 0, &found));
}

TEST(Pixel, EveryHalfSurvivesTheTripThroughFloat)
{
    for (uint32_t h = 0; h <= 0xFFFF; h++) {
        float f = half_to_float(uint16_t(h));
        if ((h & 0x7FFF) > 0x7C00)
            EXPECT_TRUE(std::isnan(f));
        else
            ASSERT_EQ(h, float_to_half(f)) << f;
    }
}

TEST(Pixel, FloatsRoundToTheNearestHalfTiesToEven)
{
    // Between neighbours a < b every value goes to the nearer one, the middle to the one with an
    // even last bit.
    for (uint32_t h = 0; h < 0x7BFF; h++) {
        double a = half_to_float(uint16_t(h)), b = half_to_float(uint16_t(h + 1));
        float middle = float((a + b) / 2); // exact
        uint32_t even = h % 2 == 0 ? h : h + 1;
        ASSERT_EQ(even, float_to_half(middle));
        ASSERT_EQ(h, float_to_half(std::nextafter(middle, 0.0f)));
        ASSERT_EQ(h + 1, float_to_half(std::nextafter(middle, 1e9f)));
        ASSERT_EQ(even | 0x8000, float_to_half(-middle));
    }
    EXPECT_EQ(0x7BFF, float_to_half(65519.996f));
    EXPECT_EQ(0x7C00, float_to_half(65520.0f));
    EXPECT_EQ(0xFC00, float_to_half(-INFINITY));
    EXPECT_TRUE(std::isnan(half_to_float(float_to_half(NAN))));
}

TEST(Pixel, DoublesRoundToHalfOnce)
{
    // A double just above a tie: rounding to float first would make it the tie, and the tie would
    // go down.
    double tie = 1.0 + 0x1p-11;
    uint32_t raw;
    ASSERT_TRUE(value_to_raw(PixelFormat::f16, Domain{0, 2}, tie, &raw));
    EXPECT_EQ(0x3C00u, raw);
    ASSERT_TRUE(value_to_raw(PixelFormat::f16, Domain{0, 2}, tie + 0x1p-40, &raw));
    EXPECT_EQ(0x3C01u, raw);
    ASSERT_TRUE(value_to_raw(PixelFormat::f16, Domain{0, 2}, tie + 0x1p-10 - 0x1p-40, &raw));
    EXPECT_EQ(0x3C01u, raw);
}

TEST(Pixel, OrdinalsOrderAsValues)
{
    for (uint32_t h = 0; h < 0xFC00; h++) {
        if ((h & 0x7FFF) >= 0x7C00)
            continue;
        uint32_t o = raw_to_ordinal(PixelFormat::f16, h);
        ASSERT_EQ(h, ordinal_to_raw(PixelFormat::f16, o));
        ASSERT_LT(o, ordinal_end(PixelFormat::f16));
    }
    Random random(seed());
    for (int i = 0; i < 100000; i++) {
        float a, b;
        uint32_t bits_a = uint32_t(random()), bits_b = uint32_t(random());
        memcpy(&a, &bits_a, 4);
        memcpy(&b, &bits_b, 4);
        if (!std::isfinite(a) || !std::isfinite(b))
            continue;
        uint32_t oa = raw_to_ordinal(PixelFormat::f32, bits_a),
                 ob = raw_to_ordinal(PixelFormat::f32, bits_b);
        ASSERT_EQ(a < b, oa < ob);
        ASSERT_EQ(bits_a, ordinal_to_raw(PixelFormat::f32, oa));
        ASSERT_LT(oa, ordinal_end(PixelFormat::f32));
    }
}

TEST(Pixel, IntegerCodesSurviveTheTripThroughTheirValue)
{
    Random random(seed());
    for (int round = 0; round < 50; round++) {
        Domain d = random_domain(random, PixelFormat::u16);
        for (PixelFormat f : {PixelFormat::u8, PixelFormat::u16}) {
            double previous = -INFINITY;
            for (uint32_t code = 0; code < ordinal_end(f); code++) {
                double v = raw_to_value(f, d, code);
                uint32_t back;
                ASSERT_TRUE(value_to_raw(f, d, v, &back)) << v;
                ASSERT_EQ(code, back);
                ASSERT_EQ(code, lower_ordinal(f, d, v));
                ASSERT_LT(previous, v);
                previous = v;
            }
            ASSERT_EQ(d.hi, previous);
        }
    }
}

TEST(Pixel, APixelWrittenAsAThresholdSatisfiesIt)
{
    Random random(seed());
    for (int i = 0; i < 200000; i++) {
        PixelFormat f = kFormats[below(random, 5)];
        Domain d = random_domain(random, f);
        double t =
            f == PixelFormat::bit ? (one_in(random, 2) ? d.lo : d.hi) : uniform(random, d.lo, d.hi);
        if (one_in(random, 3))
            t = double(float(t));
        uint32_t raw;
        ASSERT_TRUE(value_to_raw(f, d, t, &raw)) << format_name(f) << " " << t;
        ASSERT_EQ(raw_to_ordinal(f, raw), lower_ordinal(f, d, t));
    }
}

// Written as float4, as text and arrays are, and compared with the double.
TEST(Pixel, ADecimalWrittenAsFloatSatisfiesItself)
{
    for (PixelFormat f : {PixelFormat::f32, PixelFormat::f16, PixelFormat::u8, PixelFormat::u16})
        for (Domain d : {Domain{0, 1}, Domain{-1, 1}, Domain{0, 80}, Domain{0, 255}})
            for (int places = 1, unit = 10; places <= 4; places++, unit *= 10)
                for (int i = int(d.lo) * unit; i <= int(d.hi) * unit; i++) {
                    double t = double(i) / unit;
                    uint32_t raw;
                    ASSERT_TRUE(value_to_raw(f, d, double{float(t)}, &raw)) << t;
                    ASSERT_EQ(raw_to_ordinal(f, raw), lower_ordinal(f, d, t))
                        << format_name(f) << " " << t;
                }
}

TEST(Pixel, AnyNumberWrittenAsFloatSatisfiesItselfWhereFloatsTellCodesApart)
{
    Random random(seed());
    for (int i = 0; i < 200000; i++) {
        PixelFormat f = one_in(random, 2) ? PixelFormat::u8 : PixelFormat::u16;
        Domain d = random_domain(random, f);
        double t = uniform(random, d.lo, d.hi);
        uint32_t raw, other;
        bool apart = value_to_raw(f, d, double{float(t)}, &raw) &&
                     (d.hi - d.lo) / (ordinal_end(f) - 1) >=
                         std::fmax(std::fabs(d.lo), std::fabs(d.hi)) * 0x1p-21;
        if (!apart || (d.hi - d.lo) < 1e-30)
            continue;
        ASSERT_TRUE(value_to_raw(f, d, t, &other));
        ASSERT_EQ(raw, other) << t;
        ASSERT_EQ(raw, lower_ordinal(f, d, t)) << t;
    }
}

TEST(Pixel, EdgesOfOldIndexesAreRoundedOnce)
{
    EXPECT_EQ(179u, edge_ordinal(PixelFormat::u8, Domain{}, 0.7, false));
    EXPECT_EQ(178u, edge_ordinal(PixelFormat::u8, Domain{}, 0.7, true));
    EXPECT_EQ(178u, lower_ordinal(PixelFormat::u8, Domain{}, 0.7));
}

TEST(Pixel, ThresholdsAreMonotone)
{
    Random random(seed());
    for (int i = 0; i < 200000; i++) {
        PixelFormat f = kFormats[below(random, 5)];
        Mask mask = make_mask(f, Shape{1, 1}, random_domain(random, f));
        double a = random_threshold(random, mask), b = random_threshold(random, mask);
        if (one_in(random, 4))
            b = std::nextafter(a, INFINITY);
        if (a > b)
            std::swap(a, b);
        ASSERT_LE(lower_ordinal(f, mask.domain, a), lower_ordinal(f, mask.domain, b));
        ASSERT_LE(upper_ordinal(f, mask.domain, a), upper_ordinal(f, mask.domain, b));
        ASSERT_LE(lower_ordinal(f, mask.domain, a), upper_ordinal(f, mask.domain, a));
        ASSERT_LE(upper_ordinal(f, mask.domain, b), ordinal_end(f));
    }
}

TEST(Pixel, ThresholdsAtAndBeyondTheDomain)
{
    Domain d{0, 1};
    for (PixelFormat f : kFormats) {
        EXPECT_EQ(ordinal_end(f), upper_ordinal(f, d, 1.0));
        EXPECT_EQ(ordinal_end(f), upper_ordinal(f, d, INFINITY));
        EXPECT_LE(lower_ordinal(f, d, -INFINITY), lower_ordinal(f, d, 0.0));
        EXPECT_EQ(lower_ordinal(f, d, 0.0), lower_ordinal(f, d, -0.0));
        EXPECT_GT(lower_ordinal(f, d, 1.5), lower_ordinal(f, d, 1.0));
    }
    EXPECT_EQ(256u, lower_ordinal(PixelFormat::u8, d, 1.001));
    EXPECT_EQ(0u, lower_ordinal(PixelFormat::u8, d, -1));
    EXPECT_EQ(1u, upper_ordinal(PixelFormat::bit, d, 0.5));
    EXPECT_EQ(0u, upper_ordinal(PixelFormat::bit, d, 0.0));
    EXPECT_EQ(1u, lower_ordinal(PixelFormat::bit, d, 0.5));
}

TEST(Pixel, ValuesOutsideTheDomainAreRefused)
{
    uint32_t raw;
    for (PixelFormat f : kFormats) {
        EXPECT_FALSE(value_to_raw(f, Domain{0, 1}, NAN, &raw));
        EXPECT_FALSE(value_to_raw(f, Domain{0, 1}, INFINITY, &raw));
        EXPECT_FALSE(value_to_raw(f, Domain{0, 1}, -INFINITY, &raw));
        EXPECT_FALSE(value_to_raw(f, Domain{0, 1}, 1.01, &raw));
        EXPECT_FALSE(value_to_raw(f, Domain{0, 1}, -0.01, &raw));
        // The float4 nearest to 0.8 lies above 0.8.
        EXPECT_TRUE(value_to_raw(f, Domain{0, 0.8}, double(0.8f), &raw)) << format_name(f);
        EXPECT_TRUE(value_to_raw(f, Domain{0, 1}, -0.0, &raw));
        EXPECT_EQ(0u, raw);
    }
    EXPECT_FALSE(value_to_raw(PixelFormat::bit, Domain{0, 1}, 0.5, &raw));
    EXPECT_FALSE(value_to_raw(PixelFormat::u16, Domain{1e9, 1e9 + 1}, 1e9 + 2, &raw));
}

TEST(Pixel, Domains)
{
    Error err;
    for (PixelFormat f : kFormats) {
        EXPECT_TRUE(check_domain(f, Domain{0, 1}, err));
        EXPECT_TRUE(check_domain(f, Domain{-1, 1}, err));
        EXPECT_FALSE(check_domain(f, Domain{1, 1}, err));
        EXPECT_FALSE(check_domain(f, Domain{1, 0}, err));
        EXPECT_FALSE(check_domain(f, Domain{0, INFINITY}, err));
        EXPECT_FALSE(check_domain(f, Domain{NAN, 1}, err));
        EXPECT_FALSE(check_domain(f, Domain{1e15, 1e15 + 1}, err)) << format_name(f);
        EXPECT_NE('\0', err.hint[0]);
    }
    EXPECT_FALSE(check_domain(PixelFormat::f16, Domain{0, 70000}, err));
    EXPECT_TRUE(check_domain(PixelFormat::f16, Domain{-65504, 65504}, err));
    EXPECT_FALSE(check_domain(PixelFormat::f32, Domain{-1e300, 0}, err));
    EXPECT_FALSE(check_domain(PixelFormat::u8, Domain{-1.7e308, 1.7e308}, err));
    EXPECT_FALSE(check_domain(PixelFormat::u8, Domain{0, 5e-324}, err));
}

TEST(Pixel, Shapes)
{
    Error err;
    EXPECT_TRUE(check_shape(1, 16384, err));
    EXPECT_FALSE(check_shape(0, 5, err));
    EXPECT_EQ(ErrorCode::shape_mismatch, err.code);
    EXPECT_FALSE(check_shape(5, -1, err));
    EXPECT_FALSE(check_shape(16385, 1, err));
    EXPECT_EQ(ErrorCode::too_large, err.code);
    EXPECT_FALSE(check_shape(int64_t{1} << 40, 1, err));
}

} // namespace mq
