// Arrays to masks, masks from one format to another, normalisation.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "core/io/convert.h"
#include "errors.h"
#include "random_mask.h"

using namespace mq;
using namespace mq::test;

namespace
{

Mask convert(const Mask &mask, PixelFormat to)
{
    Mask out = make_mask(to, mask.shape, mask.domain);
    Error err;
    EXPECT_TRUE(
        convert_format(mask.format, to, mask.domain, mask.shape, mask.flat(), out.flat(), err))
        << err.message;
    return out;
}

bool same(const Mask &a, const Mask &b)
{
    return a.format == b.format && memcmp(a.flat(), b.flat(), a.flat_size()) == 0;
}

} // namespace

TEST(Convert, ArraysRoundTrip)
{
    Random random(seed());
    for (int i = 0; i < 200; i++) {
        Mask mask = random_mask(random, 30), back = make_mask(mask.format, mask.shape, mask.domain);
        std::vector<float> values(mask.shape.pixels());
        flat_to_floats(mask.format, mask.domain, mask.shape, mask.flat(), values.data());
        InputOptions options;
        options.domain = mask.domain;
        Error err;
        ASSERT_TRUE(
            floats_to_flat(values.data(), mask.shape, mask.format, options, back.flat(), err))
            << mask.describe() << err.message;
        ASSERT_TRUE(same(mask, back)) << mask.describe();
        std::vector<double> doubles(mask.shape.pixels());
        for (size_t k = 0; k < doubles.size(); k++)
            doubles[k] = mask.value(int32_t(k % size_t(mask.shape.width)),
                                    int32_t(k / size_t(mask.shape.width)));
        ASSERT_TRUE(
            doubles_to_flat(doubles.data(), mask.shape, mask.format, options, back.flat(), err));
        ASSERT_TRUE(same(mask, back)) << mask.describe();
    }
}

TEST(Convert, ArrayErrorsNameThePixel)
{
    float values[] = {0, 1, 0.5f, std::nanf(""), -0.0f, 2};
    uint8_t out[24];
    Error err;
    InputOptions options;
    ASSERT_FALSE(floats_to_flat(values, Shape{2, 3}, PixelFormat::f32, options, out, err));
    expect_error(err, ErrorCode::out_of_range, "NaN at row 2, column 2");
    options.replace_nan = true;
    ASSERT_FALSE(floats_to_flat(values, Shape{2, 3}, PixelFormat::u8, options, out, err));
    expect_error(err, ErrorCode::out_of_range, "2 at row 3, column 2");
    ASSERT_TRUE(floats_to_flat(values, Shape{5, 1}, PixelFormat::f32, options, out, err));
    EXPECT_EQ(load_raw(PixelFormat::f32, out, 3), 0u);
    EXPECT_EQ(load_raw(PixelFormat::f32, out, 4), 0u); // -0.0
    ASSERT_FALSE(floats_to_flat(values, Shape{3, 1}, PixelFormat::bit, options, out, err));
    expect_error(err, ErrorCode::out_of_range, "0.5 at row 1, column 3 is neither 0 nor 1");
    options.domain = Domain{1, 0};
    EXPECT_FALSE(floats_to_flat(values, Shape{3, 1}, PixelFormat::f32, options, out, err));
    EXPECT_EQ(int(err.code), int(ErrorCode::invalid_parameter));
}

// To a finer format and back is the identity; to any format moves a value by half a step at most.
TEST(Convert, FormatsRoundToNearest)
{
    Random random(seed());
    for (int i = 0; i < 200; i++) {
        Mask mask = random_mask(random, 25);
        for (PixelFormat to :
             {PixelFormat::f32, PixelFormat::f16, PixelFormat::u8, PixelFormat::u16}) {
            Error err;
            if (!check_domain(to, mask.domain, err))
                continue;
            Mask out = convert(mask, to);
            double span = mask.domain.hi - mask.domain.lo;
            double reach = std::max(std::fabs(mask.domain.lo), std::fabs(mask.domain.hi));
            double step = to == PixelFormat::u8    ? span / 255
                          : to == PixelFormat::u16 ? span / 65535
                          : to == PixelFormat::f16 ? reach / 1024 + 6e-8
                                                   : reach * 1.2e-7 + 1e-44;
            for (int32_t y = 0; y < mask.shape.height; y++)
                for (int32_t x = 0; x < mask.shape.width; x++)
                    ASSERT_NEAR(out.value(x, y),
                                std::clamp(mask.value(x, y), mask.domain.lo, mask.domain.hi),
                                step * 0.5001 + reach * 1e-7)
                        << mask.describe();
            if (mask.format == to) {
                ASSERT_TRUE(same(out, mask));
            }
            if ((mask.format == PixelFormat::u8 && to == PixelFormat::u16) ||
                mask.format == PixelFormat::bit) {
                ASSERT_TRUE(same(convert(out, mask.format), mask))
                    << mask.describe() << " " << format_name(to);
            }
        }
    }
}

TEST(Convert, ToBitTakesTheEndsOnly)
{
    float values[] = {0.1f, 0.8f, 0.1f, 0.5f};
    uint8_t out[4];
    Error err;
    Domain domain{0.1, 0.8};
    ASSERT_TRUE(
        convert_format(PixelFormat::f32, PixelFormat::bit, domain, Shape{3, 1}, values, out, err));
    EXPECT_EQ(out[0] + 2 * out[1] + 4 * out[2], 2);
    ASSERT_FALSE(
        convert_format(PixelFormat::f32, PixelFormat::bit, domain, Shape{2, 2}, values, out, err));
    expect_error(err, ErrorCode::out_of_range, "0.5 at row 2, column 2 is neither 0.1 nor 0.8");
    expect_error(err, ErrorCode::out_of_range, "Threshold it first, as in mask > 0.5.");
    EXPECT_FALSE(convert_format(PixelFormat::f32, PixelFormat::f16, Domain{0, 1e6}, Shape{2, 2},
                                values, out, err));
    EXPECT_EQ(int(err.code), int(ErrorCode::invalid_parameter));
}

TEST(Normalize, ScalesToTheUnitDomain)
{
    float values[] = {-2, 6, 2, -2.5f, 7, std::nanf("")}, out[6];
    Error err;
    NormalizeOptions options;
    options.lo = -2;
    options.hi = 6;
    ASSERT_TRUE(normalize_floats(values, Shape{3, 1}, options, out, err));
    EXPECT_EQ(out[0], 0.0f);
    EXPECT_EQ(out[1], 1.0f);
    EXPECT_EQ(out[2], 0.5f);
    ASSERT_FALSE(normalize_floats(values, Shape{2, 2}, options, out, err));
    expect_error(err, ErrorCode::out_of_range, "-2.5 at row 2, column 2");
    options.clamp = true;
    ASSERT_TRUE(normalize_floats(values, Shape{5, 1}, options, out, err));
    EXPECT_EQ(out[3], 0.0f);
    EXPECT_EQ(out[4], 1.0f);
    ASSERT_FALSE(normalize_floats(values, Shape{2, 3}, options, out, err));
    expect_error(err, ErrorCode::out_of_range, "NaN at row 3, column 2");
    options.replace_nan = true;
    options.nan_value = 0.75;
    ASSERT_TRUE(normalize_floats(values, Shape{2, 3}, options, out, err));
    EXPECT_EQ(out[5], 0.75f);
    options.nan_value = 3;
    ASSERT_FALSE(normalize_floats(values, Shape{2, 3}, options, out, err));
    expect_error(err, ErrorCode::out_of_range, "replacement of NaN, 3,");
}

TEST(Normalize, EndsAreMetAtThePrecisionOfTheInput)
{
    float f[] = {0.1f, 0.7f}, out[2];
    double d[] = {-1.5e308, 1.5e308};
    NormalizeOptions options;
    Error err;
    options.lo = 0.1;
    options.hi = 0.7;
    ASSERT_TRUE(normalize_floats(f, Shape{2, 1}, options, out, err)) << err.message;
    EXPECT_EQ(out[0], 0.0f);
    EXPECT_EQ(out[1], 1.0f);
    options.lo = -1.5e308;
    options.hi = 1.5e308;
    ASSERT_TRUE(normalize_doubles(d, Shape{2, 1}, options, out, err)) << err.message;
    EXPECT_EQ(out[0], 0.0f);
    EXPECT_EQ(out[1], 1.0f);
    ASSERT_FALSE(normalize_floats(f, Shape{2, 1}, options, out, err)); // infinite as floats
    options.lo = options.hi = 0;
    ASSERT_FALSE(normalize_doubles(d, Shape{2, 1}, options, out, err));
    expect_error(err, ErrorCode::invalid_parameter, "cannot normalize over [0, 0]");
    options.hi = std::nan("");
    ASSERT_FALSE(normalize_doubles(d, Shape{2, 1}, options, out, err));
    expect_error(err, ErrorCode::invalid_parameter, "NaN");
}
