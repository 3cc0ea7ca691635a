// PNG: what is written reads back, what libpng writes in other layouts reads or is refused by name,
// damage is found.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include <png.h>

#include "core/io/file/colormap.h"
#include "core/io/file/png.h"
#include "errors.h"
#include "png_crc.h"
#include "random_mask.h"

using namespace mq;
using namespace mq::test;

namespace
{

using File = std::vector<uint8_t>;

File write(const Mask &mask, Colormap colormap = Colormap::none)
{
    File out(png_bound(mask.format, mask.shape, colormap));
    size_t size = 0;
    Error err;
    EXPECT_TRUE(write_png(mask.format, mask.domain, mask.shape, mask.flat(), colormap, out.data(),
                          out.size(), &size, err))
        << err.message;
    out.resize(size);
    return out;
}

bool read(const File &file, Mask *mask, Error &err)
{
    PngHeader header;
    Bytes bytes{file.data(), file.size()};
    if (!read_png_header(bytes, &header, err))
        return false;
    *mask = make_mask(header.format, header.shape, Domain{});
    return read_png_pixels(bytes, header, mask->flat(), err);
}

void expect_failure(const File &file, ErrorCode code, const std::string &words)
{
    SCOPED_TRACE(words);
    Mask mask;
    Error err;
    ASSERT_FALSE(read(file, &mask, err));
    expect_error(err, code, words);
}

// A file as other programs write it. sample(x, y) gives the bits of one pixel; rows are packed
// here.
File other_png(Shape shape, int depth, int color, int interlace,
               const std::function<uint32_t(int, int)> &sample)
{
    File out;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(
        png, &out,
        [](png_structp p, png_bytep data, size_t n) {
            File *f = static_cast<File *>(png_get_io_ptr(p));
            f->insert(f->end(), data, data + n);
        },
        nullptr);
    png_set_IHDR(png, info, png_uint_32(shape.width), png_uint_32(shape.height), depth, color,
                 interlace, 0, 0);
    png_color palette[2] = {{0, 0, 0}, {255, 255, 255}};
    if (color == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, 2);
    png_write_info(png, info);
    int passes = png_set_interlace_handling(png);
    size_t stride = png_get_rowbytes(png, info);
    for (int pass = 0; pass < passes; pass++) {
        for (int y = 0; y < shape.height; y++) {
            File row(stride);
            for (int x = 0; x < shape.width && color == PNG_COLOR_TYPE_GRAY; x++) {
                uint32_t v = sample(x, y);
                if (depth == 16) {
                    row[size_t(x) * 2] = uint8_t(v >> 8);
                    row[size_t(x) * 2 + 1] = uint8_t(v);
                } else {
                    size_t bit = size_t(x) * size_t(depth);
                    row[bit / 8] |= uint8_t(v << (8 - depth - int(bit % 8)));
                }
            }
            png_write_row(png, row.data());
        }
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return out;
}

} // namespace

TEST(Png, RoundTrip)
{
    Random random(seed());
    for (int i = 0; i < 150; i++) {
        Mask mask = random_mask(random, 70), back;
        Error err;
        ASSERT_TRUE(read(write(mask), &back, err)) << mask.describe() << ": " << err.detail;
        ASSERT_EQ(back.shape, mask.shape);
        ASSERT_EQ(back.format,
                  mask.format == PixelFormat::u16 ? PixelFormat::u16 : PixelFormat::u8);
        for (int32_t y = 0; y < mask.shape.height; y++) {
            for (int32_t x = 0; x < mask.shape.width; x++) {
                uint32_t expected = mask.raw(x, y);
                if (mask.format == PixelFormat::bit)
                    expected *= 255;
                if (is_float_format(mask.format)) {
                    double v = std::clamp(mask.value(x, y), mask.domain.lo, mask.domain.hi);
                    ASSERT_TRUE(value_to_raw(PixelFormat::u8, mask.domain, v, &expected));
                }
                ASSERT_EQ(back.raw(x, y), expected) << mask.describe();
            }
        }
    }
}

// Noise does not compress: the bound must hold all the same.
TEST(Png, BoundHoldsForNoise)
{
    Random random(seed());
    for (PixelFormat format : kFormats) {
        for (Colormap colormap : {Colormap::none, Colormap::viridis}) {
            Mask mask = make_mask(format, Shape{300, 200}, Domain{});
            for (int32_t y = 0; y < 200; y++)
                for (int32_t x = 0; x < 300; x++) {
                    uint32_t raw;
                    double v = uniform(random, 0, 1);
                    value_to_raw(format, mask.domain, format == PixelFormat::bit ? v > 0.5 : v,
                                 &raw);
                    mask.set_raw(x, y, raw);
                }
            EXPECT_LE(write(mask, colormap).size(), png_bound(format, mask.shape, colormap));
        }
    }
}

TEST(Png, ReadsEveryGrayLayout)
{
    Random random(seed());
    for (int depth : {1, 2, 4, 8, 16}) {
        for (int interlace : {PNG_INTERLACE_NONE, PNG_INTERLACE_ADAM7}) {
            for (int i = 0; i < 5; i++) {
                Shape shape = random_shape(random, 40);
                uint64_t key = random();
                auto sample = [&](int x, int y) {
                    return uint32_t((key * uint64_t(x * 977 + y * 331 + 7)) >> 40) &
                           ((1u << depth) - 1);
                };
                Mask mask;
                Error err;
                ASSERT_TRUE(read(other_png(shape, depth, PNG_COLOR_TYPE_GRAY, interlace, sample),
                                 &mask, err))
                    << err.message << err.detail;
                ASSERT_EQ(mask.format, depth == 16 ? PixelFormat::u16 : PixelFormat::u8);
                uint32_t spread = depth < 8 ? 255 / ((1u << depth) - 1) : 1;
                for (int y = 0; y < shape.height; y++)
                    for (int x = 0; x < shape.width; x++)
                        ASSERT_EQ(mask.raw(x, y), sample(x, y) * spread)
                            << depth << " " << x << "," << y;
            }
        }
    }
}

TEST(Png, RefusesOtherColours)
{
    Shape shape{4, 3};
    auto none = [](int, int) { return 0u; };
    ErrorCode code = ErrorCode::unsupported;
    expect_failure(other_png(shape, 8, PNG_COLOR_TYPE_RGB, 0, none), code,
                   "PNG file is RGB of 8 bits, not gray");
    expect_failure(other_png(shape, 16, PNG_COLOR_TYPE_RGB_ALPHA, 0, none), code,
                   "RGB with alpha of 16 bits");
    expect_failure(other_png(shape, 8, PNG_COLOR_TYPE_GRAY_ALPHA, 0, none), code,
                   "gray with alpha of 8 bits");
    expect_failure(other_png(shape, 1, PNG_COLOR_TYPE_PALETTE, 0, none), code, "palette of 1 bits");
    Mask mask = make_mask(PixelFormat::u8, shape, Domain{});
    expect_failure(write(mask, Colormap::jet), code, "convert('L')");
}

TEST(Png, RefusesLargeAndHollowFiles)
{
    auto none = [](int, int) { return 0u; };
    expect_failure(other_png(Shape{16385, 1}, 8, PNG_COLOR_TYPE_GRAY, 0, none),
                   ErrorCode::too_large, "16385");
    // A header of 16384 x 16384 pixels before the pixels of one row.
    File file = other_png(Shape{16384, 1}, 16, PNG_COLOR_TYPE_GRAY, 0, none);
    file[22] = 0x40; // height
    file[23] = 0;
    repair_png(file.data(), file.size());
    expect_failure(file, ErrorCode::invalid_binary, "too few for 16384 x 16384 pixels of 16 bits");
}

TEST(Png, EveryCutIsFound)
{
    Random random(seed());
    Mask mask = random_mask(random, PixelFormat::u8, Shape{40, 30}, Domain{});
    File file = write(mask);
    expect_failure({}, ErrorCode::invalid_binary, "cut off");
    for (size_t n = 0; n < file.size(); n += n < 100 ? 1 : 13) {
        Mask back;
        Error err;
        ASSERT_FALSE(read(File(file.begin(), file.begin() + long(n)), &back, err)) << n;
        ASSERT_EQ(int(err.code), int(ErrorCode::invalid_binary)) << n;
    }
    // Every byte of the file is covered by a check sum or is the signature.
    for (size_t at = 0; at < file.size(); at++) {
        File bad = file;
        bad[at] ^= uint8_t(1 << below(random, 8));
        Mask back;
        Error err;
        if (read(bad, &back, err)) { // nothing but what carries no pixels
            ASSERT_EQ(memcmp(back.flat(), mask.flat(), mask.flat_size()), 0) << at;
        }
    }
}

TEST(Png, ColormapsByName)
{
    Colormap map;
    Error err;
    for (const char *name : {"gray", "jet", "hot", "viridis"})
        EXPECT_TRUE(colormap_from_name(name, strlen(name), &map, err));
    EXPECT_EQ(map, Colormap::viridis);
    ASSERT_FALSE(colormap_from_name("none", 4, &map, err));
    expect_error(err, ErrorCode::invalid_parameter, "gray, jet, hot and viridis");
}

TEST(Png, ColormapsReachTheirAnchors)
{
    Rgb t[256];
    colormap_table(Colormap::gray, t);
    for (int i = 0; i < 256; i++)
        EXPECT_EQ(t[i].r, i);
    colormap_table(Colormap::viridis, t);
    EXPECT_EQ(t[0].r, 68);
    EXPECT_EQ(t[0].b, 84);
    EXPECT_EQ(t[255].r, 253);
    EXPECT_EQ(t[255].g, 231);
    colormap_table(Colormap::hot, t);
    EXPECT_EQ(t[0].r + t[0].g + t[0].b, 0);
    EXPECT_EQ(t[255].r + t[255].g + t[255].b, 3 * 255);
    colormap_table(Colormap::jet, t);
    EXPECT_EQ(t[0].b, 128);
    EXPECT_EQ(t[255].r, 128);
}
