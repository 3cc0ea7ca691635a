// Pixel-wise sums, against raw_to_value.
#include "core/mask/ops/sums.h"

#include <cmath>

#include "errors.h"
#include "random_mask.h"

namespace mq
{

using namespace test;

TEST(Sums, AddWeightedValues)
{
    Random random(seed());
    for (int i = 0; i < 500; i++) {
        Mask m = random_mask(random, 70);
        size_t pixels = m.shape.pixels();
        double weight = uniform(random, -2, 2),
               size = std::fabs(m.domain.lo) + std::fabs(m.domain.hi);
        std::vector<double> sums(pixels, 0.25);
        add_pixels(m.format, m.domain, pixels, m.flat(), weight, sums.data());
        for (size_t p = 0; p < pixels; p++) {
            double value = m.value(int32_t(p % m.shape.width), int32_t(p / m.shape.width));
            ASSERT_NEAR(sums[p], 0.25 + weight * value, 1e-12 * (1 + size)) << m.describe();
        }
    }
}

TEST(Sums, FinishInsideTheDomain)
{
    const double sums[] = {-8, 1, 2, 1e300, -0.0};
    float out[5];
    Error err;
    ASSERT_TRUE(finish_sums(Domain{-1, 0.75}, 5, sums, 4, out, err));
    EXPECT_EQ(out[0], -1.0f);
    EXPECT_EQ(out[1], 0.25f);
    EXPECT_EQ(out[2], 0.5f);
    EXPECT_EQ(out[3], 0.75f);
    EXPECT_FALSE(std::signbit(out[4]));

    const double overflown = INFINITY, undefined = NAN;
    EXPECT_FALSE(finish_sums(Domain{}, 1, &overflown, 1, out, err));
    expect_error(err, ErrorCode::out_of_range, "overflow");
    EXPECT_FALSE(finish_sums(Domain{}, 1, &undefined, 1, out, err));
    EXPECT_FALSE(finish_sums(Domain{1e9, 1e9 + 1}, 1, sums, 1, out, err)); // empty in f32
}

} // namespace mq
