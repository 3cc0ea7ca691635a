// Exact sums, against error-free transformations in double and against pixels taken one by one.
#include "core/mask/measure/pixel_sum.h"

#include <cfloat>
#include <cmath>

#include "errors.h"
#include "random_mask.h"

namespace mq
{

using namespace test;

namespace
{

// The exactly rounded sum by non-overlapping partial sums (Shewchuk): another road than ExactSum's.
double oracle_sum(const std::vector<double> &terms)
{
    std::vector<double> partials; // increasing in size, without common bits
    for (double x : terms) {
        size_t kept = 0;
        for (double y : partials) {
            if (std::fabs(x) < std::fabs(y))
                std::swap(x, y);
            double hi = x + y, lo = y - (hi - x);
            if (lo != 0)
                partials[kept++] = lo;
            x = hi;
        }
        partials.resize(kept);
        partials.push_back(x);
    }
    double hi = 0, lo = 0;
    size_t n = partials.size();
    while (n > 0 && lo == 0) {
        double x = hi, y = partials[--n];
        hi = x + y;
        lo = y - (hi - x);
    }
    // Halfway cases are decided by the sign of what follows.
    if (n > 0 && ((lo < 0) == (partials[n - 1] < 0)) && partials[n - 1] != 0) {
        double y = 2 * lo, x = hi + y;
        if (x - hi == y)
            hi = x;
    }
    return hi;
}

double random_double(Random &random, int low, int high)
{
    double v = std::ldexp(uniform(random, 1, 2), low + int(below(random, uint64_t(high - low))));
    return one_in(random, 2) ? -v : v;
}

void add_product(std::vector<double> *terms, double a, double b)
{
    double p = a * b;
    terms->push_back(p);
    terms->push_back(std::fma(a, b, -p));
}

// |value * divisor - sum of terms| is at most half of value's last place, times divisor.
void expect_nearest(double value, double divisor, std::vector<double> terms, const char *what)
{
    add_product(&terms, -value, divisor);
    double step = std::nextafter(std::fabs(value), INFINITY) - std::fabs(value);
    EXPECT_LE(std::fabs(oracle_sum(terms)), step / 2 * divisor) << what;
}

// The sum by its definition: pixel by pixel.
void expect_pixel_sum(const Mask &m, const Roi &roi, double lv, double uv, double found)
{
    OrdinalRange range = ordinal_range(m.format, m.domain, lv, uv);
    PixelRect rect = clip(roi, m.shape.width, m.shape.height);
    std::vector<double> terms;
    uint64_t count = 0, codes = 0;
    for (int32_t y = rect.y0; y < rect.y1; y++)
        for (int32_t x = rect.x0; x < rect.x1; x++) {
            uint32_t ordinal = raw_to_ordinal(m.format, m.raw(x, y));
            if (ordinal < range.lo || ordinal >= range.hi)
                continue;
            if (is_float_format(m.format))
                terms.push_back(m.value(x, y));
            count++;
            codes += ordinal;
        }
    if (is_float_format(m.format)) {
        ASSERT_EQ(found, oracle_sum(terms)) << m.describe();
        return;
    }
    double max = m.format == PixelFormat::u8 ? 255 : m.format == PixelFormat::u16 ? 65535 : 1;
    add_product(&terms, double(count) * max - double(codes), m.domain.lo);
    add_product(&terms, double(codes), m.domain.hi);
    expect_nearest(found, max, terms, m.describe().c_str());
}

} // namespace

TEST(PixelSum, ExactSumRoundsOnce)
{
    Random random(seed());
    for (int i = 0; i < 3000; i++) {
        int low = -1000 + int(below(random, 1900)), high = low + 1 + int(below(random, 120));
        std::vector<double> terms;
        for (uint64_t n = below(random, 40); n > 0; n--) {
            terms.push_back(random_double(random, low, high));
            if (one_in(random, 3)) // cancellation
                terms.push_back(-terms[below(random, terms.size())]);
            if (one_in(random, 5)) // halves of the last place of another
                terms.push_back(std::ldexp(terms.back(), -53));
        }
        ExactSum sum, reversed;
        for (size_t k = 0; k < terms.size(); k++) {
            sum.add(1, terms[k]);
            reversed.add(1, terms[terms.size() - 1 - k]);
        }
        double expected = oracle_sum(terms);
        ASSERT_EQ(sum.round(1), expected);
        ASSERT_EQ(reversed.round(1), expected);
        ASSERT_EQ(sum.sign(), expected > 0 ? 1 : expected < 0 ? -1 : 0);
        uint32_t divisor = 1 + uint32_t(below(random, 65535));
        if (std::fabs(expected) > 1e-250 && std::fabs(expected) < 1e250)
            expect_nearest(sum.round(divisor), divisor, terms, "quotient");
    }
}

TEST(PixelSum, ExactSumAtTheEnds)
{
    ExactSum sum;
    EXPECT_EQ(sum.sign(), 0);
    EXPECT_FALSE(std::signbit(sum.round(3)));
    sum.add(3, -5e-324);
    EXPECT_EQ(sum.sign(), -1);
    EXPECT_EQ(sum.round(1), -1.5e-323);
    EXPECT_EQ(sum.round(2), -1e-323); // one and a half of the least: to even
    EXPECT_EQ(sum.round(6), 0);       // a half of it
    EXPECT_FALSE(std::signbit(sum.round(6)));
    EXPECT_EQ(sum.round(5), -5e-324);
    EXPECT_EQ(sum.sign(), -1);

    ExactSum large;
    large.add(uint64_t{1} << 28, DBL_MAX);
    EXPECT_EQ(large.round(1), INFINITY);
    EXPECT_EQ(large.round(uint32_t{1} << 28), DBL_MAX);
    large.add((uint64_t{1} << 28) - 1, -DBL_MAX);
    EXPECT_EQ(large.round(1), DBL_MAX);
    large.add(1, DBL_MAX * 0x1p-54); // a quarter of the last place
    EXPECT_EQ(large.round(1), DBL_MAX);
    large.add(1, DBL_MAX * 0x1p-54);
    EXPECT_EQ(large.round(1), INFINITY);
    large.add(3, -DBL_MAX);
    EXPECT_EQ(large.round(1), -INFINITY);
}

TEST(PixelSum, MasksAgainstTheDefinition)
{
    Random random(seed());
    for (int i = 0; i < 3000; i++) {
        Mask m = random_mask(random, one_in(random, 20) ? 300 : 80);
        if (one_in(random, 4) && is_float_format(m.format) && m.domain.lo <= 0 && m.domain.hi > 0)
            for (int k = 0; k < 20; k++) { // values far below the domain's ends
                double tiny = std::ldexp(m.domain.hi, -int(below(random, 150)));
                uint32_t raw;
                if (value_to_raw(m.format, m.domain, tiny, &raw))
                    m.set_raw(int32_t(below(random, uint64_t(m.shape.width))),
                              int32_t(below(random, uint64_t(m.shape.height))), raw);
            }
        std::vector<uint8_t> stored = encode(m);
        for (int k = 0; k < 4; k++) {
            double lv = random_threshold(random, m), uv = random_threshold(random, m);
            if (one_in(random, 3))
                lv = -INFINITY, uv = INFINITY;
            if (lv > uv)
                std::swap(lv, uv);
            Roi roi = random_roi(random, m.shape);
            double found;
            Error err;
            ASSERT_TRUE(sum_mask(Bytes{stored.data(), stored.size()}, roi, lv, uv, &found, err));
            expect_pixel_sum(m, roi, lv, uv, found);
            ASSERT_TRUE(found == 0 || std::fabs(found) >= least_sum(m.format, m.domain))
                << m.describe();
        }
    }
}

TEST(PixelSum, LargeMask)
{
    Random random(seed());
    for (PixelFormat format : kFormats) {
        Mask m = random_mask(random, format, Shape{1500, 700}, random_domain(random, format));
        std::vector<uint8_t> stored = encode(m);
        double found;
        Error err;
        ASSERT_TRUE(sum_mask(Bytes{stored.data(), stored.size()}, kFullRoi, -INFINITY, INFINITY,
                             &found, err));
        expect_pixel_sum(m, kFullRoi, -INFINITY, INFINITY, found);
    }
}

} // namespace mq
