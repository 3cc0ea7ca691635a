// Encoding, decoding and counting of stored masks against brute force.
#include <gtest/gtest.h>

#include <cstring>

#include "random_mask.h"

namespace mq
{

using namespace test;

static void expect_round_trip(const Mask &mask)
{
    std::vector<uint8_t> bytes = encode(mask);
    Mask back = make_mask(mask.format, mask.shape, mask.domain);
    Error err;
    ASSERT_TRUE(decode_mask(Bytes{bytes.data(), bytes.size()}, back.flat(), err))
        << err.message << mask.describe();
    ASSERT_EQ(0, memcmp(mask.flat(), back.flat(), mask.flat_size())) << mask.describe();
    MaskHeader h;
    ASSERT_TRUE(read_header(Bytes{bytes.data(), kMaskHeaderSize}, &h, err));
    EXPECT_EQ(mask.format, h.format);
    EXPECT_TRUE(mask.shape == h.shape());
    EXPECT_TRUE(mask.domain == h.domain);
}

TEST(Mask, RoundTrip)
{
    Random random(seed());
    for (int i = 0; i < 400; i++)
        expect_round_trip(random_mask(random, 150));
}

TEST(Mask, RoundTripOfExtremeShapes)
{
    Random random(seed());
    for (PixelFormat f : kFormats)
        for (Shape s : {Shape{1, 1}, Shape{1, 300}, Shape{300, 1}, Shape{16384, 1}, Shape{1, 16384},
                        Shape{3, 5000}, Shape{5000, 3}, Shape{32, 32}, Shape{33, 32},
                        Shape{1000, 17}, Shape{450, 700}})
            expect_round_trip(random_mask(random, f, s, Domain{0, 1}));
}

TEST(Mask, SmallAndConstantMasksStaySmall)
{
    Mask tiny = make_mask(PixelFormat::u8, Shape{2, 2}, Domain{0, 1});
    tiny.set_raw(0, 0, 7);
    EXPECT_EQ(kMaskHeaderSize + 2 + 4, encode(tiny).size());
    Mask constant = make_mask(PixelFormat::f32, Shape{16, 16}, Domain{0, 1});
    EXPECT_EQ(kMaskHeaderSize + 8, encode(constant).size());
    Mask large = make_mask(PixelFormat::f32, Shape{2048, 2048}, Domain{0, 1});
    EXPECT_LT(encode(large).size(), 2048u * 2048u / 50);
}

// Where a group of tiles begins is stored beside the lengths that tell it too.
TEST(Mask, DirectoryMustAgreeWithItself)
{
    Random random(seed());
    Mask mask = random_mask(random, PixelFormat::f32, Shape{480, 480}, Domain{0, 1});
    std::vector<uint8_t> bytes = encode(mask);
    const size_t tiles = 15 * 15;
    std::vector<float> flat(480 * 480);
    for (size_t at = kMaskHeaderSize; at < kMaskHeaderSize + 4 + 2 * tiles; at++) {
        std::vector<uint8_t> damaged = bytes;
        damaged[at] ^= 1;
        Error err;
        EXPECT_FALSE(decode_mask(Bytes{damaged.data(), damaged.size()}, flat.data(), err)) << at;
    }
}

TEST(Mask, PackedBitsRunFromTheMostSignificant)
{
    Mask mask = make_mask(PixelFormat::bit, Shape{10, 1}, Domain{0, 1});
    mask.set_raw(0, 0, 1);
    mask.set_raw(9, 0, 1);
    std::vector<uint8_t> bytes = encode(mask);
    ASSERT_EQ(kMaskHeaderSize + 2 + 2, bytes.size());
    EXPECT_EQ(0x80, bytes[kMaskHeaderSize + 2]);
    EXPECT_EQ(0x40, bytes[kMaskHeaderSize + 3]);
}

TEST(Mask, CountIsExact)
{
    Random random(seed());
    for (int i = 0; i < 300; i++) {
        Mask mask = random_mask(random, 150);
        std::vector<uint8_t> bytes = encode(mask);
        for (int q = 0; q < 20; q++) {
            Roi roi = random_roi(random, mask.shape);
            double lv = random_threshold(random, mask), uv = random_threshold(random, mask);
            if (lv > uv)
                std::swap(lv, uv);
            if (one_in(random, 20))
                uv = lv;
            uint64_t count = 0;
            Error err;
            ASSERT_TRUE(count_mask(Bytes{bytes.data(), bytes.size()}, roi, lv, uv, &count, err))
                << err.message;
            ASSERT_EQ(brute_force_count(mask, roi, lv, uv), count)
                << mask.describe() << " roi " << roi.x1 << "," << roi.y1 << "," << roi.x2 << ","
                << roi.y2 << " lv " << lv << " uv " << uv;
        }
    }
}

TEST(Mask, CountPixelsOfAnyRectangle)
{
    Random random(seed());
    for (int i = 0; i < 500; i++) {
        Mask mask = random_mask(random, 300);
        double lv = random_threshold(random, mask), uv = random_threshold(random, mask);
        if (lv > uv)
            std::swap(lv, uv);
        PixelRect r = clip(random_roi(random, mask.shape), mask.shape.width, mask.shape.height);
        if (r.empty())
            continue;
        size_t first = size_t(r.y0) * mask.shape.width + r.x0;
        uint64_t count = count_pixels(
            mask.format, mask.flat() + first * flat_pixel_size(mask.format), mask.shape.width,
            r.x1 - r.x0, r.y1 - r.y0, ordinal_range(mask.format, mask.domain, lv, uv));
        ASSERT_EQ(brute_force_count(mask, Roi{r.x0 + 1, r.y0 + 1, r.x1, r.y1}, lv, uv), count)
            << mask.describe();
    }
}

// Whatever is done to the bytes, reading them ends well or in an Error.
TEST(Mask, DamagedBytesNeverCrash)
{
    Random random(seed());
    for (int i = 0; i < 2000; i++) {
        Mask mask = random_mask(random, one_in(random, 4) ? 150 : 40);
        std::vector<uint8_t> bytes = encode(mask);
        if (one_in(random, 3))
            bytes.resize(below(random, bytes.size()));
        size_t flips = below(random, 4);
        for (size_t f = 0; f < flips && !bytes.empty(); f++)
            bytes[one_in(random, 2) ? below(random, bytes.size())
                                    : below(random, std::min<size_t>(bytes.size(), 64))] ^=
                uint8_t(1) << below(random, 8);
        bytes.shrink_to_fit();
        Bytes value{bytes.data(), bytes.size()};
        Error err;
        MaskHeader h;
        if (!read_header(value, &h, err) || h.shape().pixels() > 1000000)
            continue;
        std::vector<uint64_t> flat(h.shape().pixels() * flat_pixel_size(h.format) / 8 + 1);
        bool sound = decode_mask(value, flat.data(), err);
        uint64_t count = 0;
        bool counted = count_mask(value, kFullRoi, 0.3, 0.7, &count, err);
        EXPECT_TRUE(counted || !sound);
        EXPECT_LE(counted ? count : 0, h.shape().pixels());
    }
}

} // namespace mq
