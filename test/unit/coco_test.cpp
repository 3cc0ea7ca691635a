// COCO's two shapes of an object: run lengths and polygons.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/io/shape/coco_rle.h"
#include "core/io/shape/polygon.h"
#include "errors.h"
#include "random_mask.h"

using namespace mq;
using namespace mq::test;

namespace
{

std::string encode_runs(const Mask &mask)
{
    std::string out(coco_string_bound(mask.shape), '\0');
    out.resize(write_coco_string(mask.shape, mask.flat(), out.data()));
    return out;
}

Mask bits(Shape shape)
{
    return make_mask(PixelFormat::bit, shape, Domain{});
}

bool decode(const std::string &counts, Mask *mask, Error &err)
{
    std::vector<char> copy(counts.begin(), counts.end());
    return read_coco_string(copy.data(), copy.size(), mask->shape, mask->flat(), err);
}

void expect_failure(const std::string &counts, ErrorCode code, const std::string &words)
{
    SCOPED_TRACE(counts);
    Mask mask = bits(Shape{4, 3});
    Error err;
    ASSERT_FALSE(decode(counts, &mask, err));
    expect_error(err, code, words);
}

} // namespace

TEST(CocoRle, RoundTrip)
{
    Random random(seed());
    for (int i = 0; i < 400; i++) {
        Mask mask = random_mask(random, PixelFormat::bit, random_shape(random, 80), Domain{});
        std::string counts = encode_runs(mask);
        ASSERT_LE(counts.size(), coco_string_bound(mask.shape));
        Mask back = bits(mask.shape);
        Error err;
        ASSERT_TRUE(decode(counts, &back, err)) << err.message;
        ASSERT_EQ(memcmp(back.flat(), mask.flat(), mask.flat_size()), 0);
    }
}

// Runs that grow and shrink need the most characters for their differences.
TEST(CocoRle, BoundHoldsForTheWorstRuns)
{
    for (int32_t longest : {2, 15, 16, 17, 31, 33, 511, 513}) {
        Mask mask = bits(Shape{500, 40});
        uint8_t value = 0;
        for (size_t i = 0, run = 0; i < mask.shape.pixels(); run++, value ^= 1) {
            size_t length = run % 4 < 2 ? 1 : size_t(longest);
            for (; length > 0 && i < mask.shape.pixels(); length--, i++)
                mask.flat()[i % 40 * 500 + i / 40] = value;
        }
        EXPECT_LE(encode_runs(mask).size(), coco_string_bound(mask.shape)) << longest;
    }
}

// Worked by hand from the definition: columns (0 0 1), (1 1 0), (0 0 0), (0 0 1) have the counts 2
// 3 6 1.
TEST(CocoRle, KnownString)
{
    Mask mask = bits(Shape{4, 3});
    mask.set_raw(0, 2, 1);
    mask.set_raw(1, 0, 1);
    mask.set_raw(1, 1, 1);
    mask.set_raw(3, 2, 1);
    EXPECT_EQ(encode_runs(mask),
              "236N"); // the fourth is 1 - 3 = -2: bits 11110, the sign among them, 48 + 30
    int64_t counts[] = {2, 3, 6, 1};
    Mask back = bits(mask.shape);
    Error err;
    ASSERT_TRUE(read_coco_counts(counts, 4, mask.shape, back.flat(), err)) << err.message;
    EXPECT_EQ(memcmp(back.flat(), mask.flat(), mask.flat_size()), 0);
    EXPECT_EQ(encode_runs(bits(Shape{5, 20})), "T3"); // one run of 100: 4 + 32 * 3
}

TEST(CocoRle, RefusesBadInput)
{
    expect_failure("", ErrorCode::invalid_parameter, "sum to 0, expected 12");
    expect_failure("236", ErrorCode::invalid_parameter, "sum to 11, expected 12");
    expect_failure("236P", ErrorCode::invalid_text, "position 5");
    expect_failure("2360", ErrorCode::invalid_parameter, "sum to at least 14, expected 12");
    expect_failure("O", ErrorCode::invalid_parameter,
                   "count 1 of the run-length encoding is negative: -1");
    expect_failure("2 36", ErrorCode::invalid_text, "position 2");
    expect_failure("\xff", ErrorCode::invalid_text, "position 1");
    expect_failure("T", ErrorCode::invalid_text, "cut off");
    expect_failure(std::string(20, 'o'), ErrorCode::invalid_text, "longer than any mask");
    expect_failure(std::string(11, 'o') + "?", ErrorCode::invalid_parameter, "at least");
    for (std::vector<int64_t> counts : {std::vector<int64_t>{INT64_MAX, INT64_MAX},
                                        {1, INT64_MAX},
                                        {-1},
                                        {12, INT64_MIN},
                                        {6, 7},
                                        {}}) {
        Mask mask = bits(Shape{4, 3});
        Error err;
        ASSERT_FALSE(read_coco_counts(counts.data(), counts.size(), mask.shape, mask.flat(), err));
        expect_error(err, ErrorCode::invalid_parameter, "run-length");
    }
}

namespace
{

Mask fill(const std::vector<double> &xy, Shape shape)
{
    Mask mask = bits(shape);
    Error err;
    EXPECT_TRUE(fill_polygon(xy.data(), xy.size(), shape, mask.flat(), err)) << err.message;
    return mask;
}

std::string picture(const Mask &mask)
{
    std::string out;
    for (int32_t y = 0; y < mask.shape.height; y++, out += '\n')
        for (int32_t x = 0; x < mask.shape.width; x++)
            out += mask.raw(x, y) ? '#' : '.';
    return out;
}

void expect_polygon_failure(std::vector<double> xy, ErrorCode code, const std::string &words)
{
    Mask mask = bits(Shape{4, 4});
    Error err;
    ASSERT_FALSE(fill_polygon(xy.data(), xy.size(), mask.shape, mask.flat(), err));
    expect_error(err, code, words);
}

} // namespace

TEST(Polygon, Boxes)
{
    EXPECT_EQ(picture(fill({1, 1, 3, 1, 3, 2, 1, 2}, Shape{4, 3})), "....\n.##.\n....\n");
    EXPECT_EQ(picture(fill({1, 2, 3, 2, 3, 1, 1, 1}, Shape{4, 3})),
              "....\n.##.\n....\n"); // the other way round
    EXPECT_EQ(picture(fill({-9, -9, 99, -9, 99, 99, -9, 99}, Shape{2, 2})), "##\n##\n");
    EXPECT_EQ(picture(fill({-9, 0, -5, 0, -5, 9}, Shape{2, 2})), "..\n..\n");
    // Half-open: centres on the left and upper edge are in, those on the right and lower edge are
    // out.
    EXPECT_EQ(picture(fill({0.5, 0.5, 2.5, 0.5, 2.5, 2.5, 0.5, 2.5}, Shape{3, 3})),
              "##.\n##.\n...\n");
    // Even-odd: a square within a square, walked as one polygon, leaves a hole.
    EXPECT_EQ(
        picture(fill({0, 0, 4, 0, 4, 4, 0, 4, 0, 0, 1, 1, 1, 3, 3, 3, 3, 1, 1, 1}, Shape{4, 4})),
        "####\n#..#\n#..#\n####\n");
}

TEST(Polygon, AgreesWithThePointInPolygonTest)
{
    Random random(seed());
    for (int i = 0; i < 300; i++) {
        Shape shape = random_shape(random, 24);
        std::vector<double> xy(2 * (3 + below(random, 8)));
        for (double &c : xy) // whole and half numbers hit centres and edges
            c = one_in(random, 3) ? uniform(random, -5, 30) : double(below(random, 50)) / 2 - 2;
        Mask mask = fill(xy, shape);
        for (int32_t y = 0; y < shape.height; y++) {
            for (int32_t x = 0; x < shape.width; x++) {
                double px = x + 0.5, py = y + 0.5;
                bool inside = false, near = false;
                for (size_t k = 0; k < xy.size(); k += 2) {
                    size_t j = (k + 2) % xy.size();
                    double x1 = xy[k], y1 = xy[k + 1], x2 = xy[j], y2 = xy[j + 1];
                    if ((y1 <= py) == (y2 <= py))
                        continue;
                    if (y1 >
                        y2) { // as the filler does: the same arithmetic where a crossing is exact
                        std::swap(x1, x2);
                        std::swap(y1, y2);
                    }
                    double cross = x1 + (py - y1) / (y2 - y1) * (x2 - x1);
                    near = near || (std::fabs(cross - px) < 1e-9 && cross != px);
                    inside ^= cross <= px;
                }
                if (!near) { // rounding may put a crossing on either side of a centre
                    ASSERT_EQ(mask.raw(x, y), uint32_t(inside)) << picture(mask);
                }
            }
        }
    }
}

// Cut a box by random lines through common vertices: every pixel belongs to exactly one piece.
TEST(Polygon, NeighboursShareNoPixel)
{
    Random random(seed());
    for (int i = 0; i < 200; i++) {
        Shape shape{20, 20};
        double cx = uniform(random, 0, 20), cy = one_in(random, 2) ? uniform(random, 0, 20) : 10.5;
        std::vector<std::pair<double, double>> rim = {{0, 0}, {20, 0}, {20, 20}, {0, 20}};
        for (int k = 0; k < 3; k++)
            rim.insert(rim.begin() + 1, {uniform(random, 0, rim[1].first), 0});
        std::vector<int> owners(shape.pixels());
        for (size_t k = 0; k < rim.size(); k++) {
            auto a = rim[k], b = rim[(k + 1) % rim.size()];
            Mask piece = fill({cx, cy, a.first, a.second, b.first, b.second}, shape);
            for (size_t p = 0; p < shape.pixels(); p++)
                owners[p] += piece.flat()[p];
        }
        for (int n : owners)
            ASSERT_EQ(n, 1);
    }
}

TEST(Polygon, RefusesBadInput)
{
    expect_polygon_failure({}, ErrorCode::invalid_parameter, "too few coordinates, 0");
    expect_polygon_failure({1, 2, 3, 4}, ErrorCode::invalid_parameter, "too few coordinates, 4");
    expect_polygon_failure({1, 2, 3, 4, 5, 6, 7}, ErrorCode::invalid_parameter,
                           "odd count of coordinates, 7");
    expect_polygon_failure({1, 2, 3, std::nan(""), 5, 6}, ErrorCode::out_of_range,
                           "y coordinate of polygon point 2");
    expect_polygon_failure({1, 2, 3, 4, -INFINITY, 6}, ErrorCode::out_of_range,
                           "point 3 is out of range: -Infinity");
    expect_polygon_failure({2e9, 2, 3, 4, 5, 6}, ErrorCode::out_of_range,
                           "x coordinate of polygon point 1");
}
