// Raw pixels and the binary form.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/io/file/raw.h"
#include "core/io/wire.h"
#include "errors.h"
#include "random_mask.h"

using namespace mq;
using namespace mq::test;

namespace
{

std::vector<uint8_t> write(const Mask &mask)
{
    std::vector<uint8_t> out(wire_size(mask.format, mask.shape));
    write_wire(WireHeader{mask.format, mask.domain, mask.shape}, mask.flat(), out.data());
    return out;
}

bool read(const std::vector<uint8_t> &message, Mask *mask, Error &err)
{
    WireHeader header;
    Bytes bytes{message.data(), message.size()};
    if (!read_wire_header(bytes, &header, err))
        return false;
    *mask = make_mask(header.format, header.shape, header.domain);
    return read_wire_pixels(bytes, header, mask->flat(), err);
}

Mask small(PixelFormat format)
{
    Mask mask = make_mask(format, Shape{3, 2}, Domain{});
    uint32_t one;
    value_to_raw(format, mask.domain, 1.0, &one);
    mask.set_raw(1, 0, one);
    return mask;
}

void expect_failure(const std::vector<uint8_t> &message, ErrorCode code, const std::string &words)
{
    Mask mask;
    Error err;
    ASSERT_FALSE(read(message, &mask, err)) << words;
    expect_error(err, code, words);
}

} // namespace

TEST(Wire, RoundTrip)
{
    Random random(seed());
    for (int i = 0; i < 300; i++) {
        PixelFormat format = kFormats[below(random, 5)];
        Mask mask =
            random_mask(random, format, random_shape(random, 50), random_domain(random, format));
        Mask back;
        Error err;
        ASSERT_TRUE(read(write(mask), &back, err)) << mask.describe() << ": " << err.message;
        ASSERT_EQ(back.format, mask.format);
        ASSERT_EQ(back.shape, mask.shape);
        ASSERT_EQ(back.domain, mask.domain);
        ASSERT_EQ(memcmp(back.flat(), mask.flat(), mask.flat_size()), 0) << mask.describe();
    }
}

// The bytes that docs/binary-format.md gives, and that drivers rely on.
TEST(Wire, BytesAreFixed)
{
    std::vector<uint8_t> expected = {1, 5, 3, 0, 2, 0, 0, 0, 0, 0,    0,    0,   0,
                                     0, 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x40};
    EXPECT_EQ(write(small(PixelFormat::bit)), expected);
    std::vector<uint8_t> f32 = write(small(PixelFormat::f32));
    ASSERT_EQ(f32.size(), 24u + 6 * 4);
    EXPECT_EQ(load_le<float>(f32.data() + 28), 1.0f);
}

TEST(Wire, RefusesBadHeaders)
{
    ErrorCode code = ErrorCode::invalid_binary;
    std::vector<uint8_t> good = write(small(PixelFormat::u8));
    auto with = [&](size_t at, uint8_t byte) {
        std::vector<uint8_t> bad = good;
        bad[at] = byte;
        return bad;
    };
    expect_failure({}, code, "0 bytes; the header alone takes 24");
    expect_failure(std::vector<uint8_t>(good.begin(), good.begin() + 23), code, "too short");
    expect_failure(with(0, 2), code, "version 2, expected 1");
    expect_failure(with(1, 0), code, "unknown pixel format 0");
    expect_failure(with(1, 6), code, "unknown pixel format 6");
    expect_failure(with(6, 1), code, "reserved");
    expect_failure(with(2, 4), code, "30 bytes, expected 32");
    expect_failure(with(2, 0), ErrorCode::shape_mismatch, "0 x 2");
    expect_failure(with(5, 255), ErrorCode::too_large, "65282");
    expect_failure(with(23, 0xBF), ErrorCode::invalid_parameter, "domain"); // hi = -1
    expect_failure(with(23, 0x7F), ErrorCode::invalid_parameter, "domain"); // hi = NaN
    good.push_back(0);
    expect_failure(good, code, "31 bytes, expected 30");
}

TEST(Wire, RefusesBadPixels)
{
    std::vector<uint8_t> f32 = write(small(PixelFormat::f32));
    store_le<float>(f32.data() + 24 + 4 * 5, 1.5f);
    expect_failure(f32, ErrorCode::out_of_range, "1.5 at row 2, column 3");
    store_le<float>(f32.data() + 24 + 4 * 5, std::numeric_limits<float>::quiet_NaN());
    expect_failure(f32, ErrorCode::out_of_range, "NaN at row 2, column 3");
    std::vector<uint8_t> f16 = write(small(PixelFormat::f16));
    store_le<uint16_t>(f16.data() + 24 + 2 * 3, 0xFC00);
    expect_failure(f16, ErrorCode::out_of_range, "-Infinity at row 2, column 1");
    std::vector<uint8_t> bit = write(small(PixelFormat::bit));
    bit[24] |= 1;
    expect_failure(bit, ErrorCode::invalid_binary, "2 trailing bits");
}

TEST(Wire, NegativeZeroIsZero)
{
    std::vector<uint8_t> f32 = write(small(PixelFormat::f32)), f16 = write(small(PixelFormat::f16));
    f32[27] = f16[25] = 0x80;
    f32[15] = 0x80; // the domain's low end too
    Mask mask;
    Error err;
    ASSERT_TRUE(read(f32, &mask, err));
    EXPECT_EQ(mask.raw(0, 0), 0u);
    EXPECT_FALSE(std::signbit(mask.domain.lo));
    ASSERT_TRUE(read(f16, &mask, err));
    EXPECT_EQ(mask.raw(0, 0), 0u);
}

TEST(Raw, ReplacesNanOnly)
{
    float values[] = {std::nanf(""), 0.5f, std::numeric_limits<float>::infinity(), 0};
    float out[4];
    Error err;
    InputOptions options;
    options.replace_nan = true;
    options.nan_value = 0.25;
    Bytes bytes{reinterpret_cast<const uint8_t *>(values), 8};
    ASSERT_TRUE(read_raw(bytes, PixelFormat::f32, Shape{2, 1}, options, out, err));
    EXPECT_EQ(out[0], 0.25f);
    bytes.size = 16;
    ASSERT_FALSE(read_raw(bytes, PixelFormat::f32, Shape{2, 2}, options, out, err));
    expect_error(err, ErrorCode::out_of_range, "Infinity at row 2, column 1");
    options.nan_value = 2;
    ASSERT_FALSE(read_raw(bytes, PixelFormat::f32, Shape{2, 2}, options, out, err));
    expect_error(err, ErrorCode::out_of_range, "replacement of NaN, 2,");
}

TEST(Raw, RefusesWrongSizes)
{
    uint8_t bytes[12] = {}, out[48];
    Error err;
    ASSERT_FALSE(
        read_raw(Bytes{bytes, 12}, PixelFormat::u16, Shape{3, 3}, InputOptions{}, out, err));
    expect_error(err, ErrorCode::invalid_binary, "12 bytes, expected 18");
    ASSERT_FALSE(
        read_raw(Bytes{bytes, 12}, PixelFormat::bit, Shape{4, 3}, InputOptions{}, out, err));
    expect_error(err, ErrorCode::invalid_binary, "numpy.packbits");
}
