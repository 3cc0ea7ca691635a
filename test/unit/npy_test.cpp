// .npy files: every dtype and order against a writer made here, and damaged headers.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/io/file/npy.h"
#include "errors.h"
#include "random_mask.h"

using namespace mq;
using namespace mq::test;

namespace
{

using File = std::vector<uint8_t>;

File file(const std::string &dictionary, const File &data, unsigned major = 1)
{
    File f = {0x93, 'N', 'U', 'M', 'P', 'Y', uint8_t(major), 0};
    size_t n = dictionary.size();
    for (unsigned i = 0; i < (major == 1 ? 2 : 4); i++)
        f.push_back(uint8_t(n >> (8 * i)));
    f.insert(f.end(), dictionary.begin(), dictionary.end());
    f.insert(f.end(), data.begin(), data.end());
    return f;
}

File file(const std::string &descr, bool fortran, const std::string &shape, const File &data,
          unsigned major = 1)
{
    return file("{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
                    ", 'shape': " + shape + ", }\n",
                data, major);
}

bool read(const File &f, const InputOptions &options, Mask *mask, Error &err)
{
    NpyHeader header;
    Bytes bytes{f.data(), f.size()};
    if (!read_npy_header(bytes, &header, err))
        return false;
    *mask = make_mask(header.format, header.shape, options.domain);
    return read_npy_pixels(bytes, header, options, mask->flat(), err);
}

void expect_failure(const File &f, ErrorCode code, const std::string &words)
{
    SCOPED_TRACE(words);
    Mask mask;
    Error err;
    ASSERT_FALSE(read(f, InputOptions{}, &mask, err));
    expect_error(err, code, words);
}

// One item of a dtype as bytes, big-endian when asked.
File item(const std::string &type, double value, bool big)
{
    File bytes(8);
    size_t n = size_t(type[1] - '0');
    if (type == "f8") {
        store_le<double>(bytes.data(), value);
    } else if (type == "f4") {
        store_le<float>(bytes.data(), float(value));
    } else if (type == "f2") {
        store_le<uint16_t>(bytes.data(), float_to_half(float(value)));
    } else {
        store_le<uint64_t>(bytes.data(), uint64_t(value));
    }
    bytes.resize(n);
    if (big)
        std::reverse(bytes.begin(), bytes.end());
    return bytes;
}

} // namespace

TEST(Npy, ReadsEveryTypeAndOrder)
{
    Random random(seed());
    struct Case {
        const char *type;
        PixelFormat format;
    };
    const Case cases[] = {{"f2", PixelFormat::f16}, {"f4", PixelFormat::f32},
                          {"f8", PixelFormat::f32}, {"u1", PixelFormat::u8},
                          {"u2", PixelFormat::u16}, {"b1", PixelFormat::bit}};
    for (int round = 0; round < 200; round++) {
        const Case &c = cases[below(random, 6)];
        Shape shape = random_shape(random, 20);
        bool fortran = one_in(random, 2), wide = c.type[1] != '1', big = wide && one_in(random, 2);
        unsigned major = 1 + unsigned(below(random, 3));
        const char *order = !wide ? "|" : big ? ">" : one_in(random, 2) ? "<" : "=";
        std::vector<double> values(shape.pixels());
        for (double &v : values) {
            v = uniform(random, 0, 1);
            if (!is_float_format(c.format))
                v = double(random() % (c.format == PixelFormat::bit  ? 2
                                       : c.format == PixelFormat::u8 ? 256
                                                                     : 65536));
        }
        File data;
        for (size_t i = 0; i < shape.pixels(); i++) {
            size_t at = i;
            if (fortran)
                at = i % size_t(shape.height) * size_t(shape.width) + i / size_t(shape.height);
            File bytes = item(c.type, values[at], big);
            data.insert(data.end(), bytes.begin(), bytes.end());
        }
        std::string tuple =
            "(" + std::to_string(shape.height) + ", " + std::to_string(shape.width) + ")";
        Mask mask;
        Error err;
        ASSERT_TRUE(read(file(std::string(order) + c.type, fortran, tuple, data, major),
                         InputOptions{}, &mask, err))
            << err.message << " " << err.detail;
        ASSERT_EQ(mask.format, c.format);
        ASSERT_EQ(mask.shape, shape);
        for (size_t i = 0; i < shape.pixels(); i++) {
            uint32_t expected = uint32_t(values[i]);
            if (is_float_format(c.format)) {
                double v = c.format == PixelFormat::f16 ? double(float(values[i])) : values[i];
                ASSERT_TRUE(value_to_raw(c.format, Domain{}, v, &expected));
            }
            ASSERT_EQ(mask.raw(int32_t(i % size_t(shape.width)), int32_t(i / size_t(shape.width))),
                      expected);
        }
    }
}

TEST(Npy, RoundTrip)
{
    Random random(seed());
    for (int i = 0; i < 200; i++) {
        Mask mask = random_mask(random, 30), back;
        File f(npy_size(mask.format, mask.shape));
        write_npy(mask.format, mask.shape, mask.flat(), f.data());
        EXPECT_EQ((f.size() - mask.flat_size()) % 64, 0u);
        InputOptions options;
        options.domain = mask.domain;
        Error err;
        ASSERT_TRUE(read(f, options, &back, err)) << err.message << " " << err.detail;
        ASSERT_EQ(back.format, mask.format);
        ASSERT_EQ(back.shape, mask.shape);
        ASSERT_EQ(memcmp(back.flat(), mask.flat(), mask.flat_size()), 0) << mask.describe();
    }
}

// Byte for byte what numpy.save(f, numpy.zeros((2, 3), '<f4')) writes.
TEST(Npy, WritesWhatNumpyWrites)
{
    float zeros[6] = {};
    File f(npy_size(PixelFormat::f32, Shape{3, 2}));
    write_npy(PixelFormat::f32, Shape{3, 2}, zeros, f.data());
    std::string header(f.begin() + 10, f.begin() + 128);
    ASSERT_EQ(f.size(), 128u + 24);
    EXPECT_EQ(memcmp(f.data(), "\x93NUMPY\x01\x00\x76\x00", 10), 0);
    EXPECT_EQ(header, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }" +
                          std::string(58, ' ') + "\n");
}

TEST(Npy, HeaderIsReadTolerantly)
{
    File two = {7, 9};
    for (const char *dictionary :
         {"{'shape':(1,2),'descr':'|u1','fortran_order':False}",
          "{ \"descr\" : \"u1\" , 'shape' : ( 1L , 2L ) , "
          "'fortran_order' : False , } \n\t ",
          "{'descr': '<u1', 'fortran_order': False, 'shape': (1, 1, 2), }",
          "{'descr': '>u1', 'fortran_order': True, 'shape': (1, 1, 2, 1), }"}) {
        Mask mask;
        Error err;
        std::string d = dictionary;
        if (d.find("\"u1\"") != std::string::npos)
            d.replace(d.find("\"u1\""), 4, "\"|u1\"");
        ASSERT_TRUE(read(file(d, two), InputOptions{}, &mask, err))
            << d << ": " << err.message << err.detail;
        if (mask.shape.width == 1) // (1, 1, 2, 1): leading axes go first
            EXPECT_EQ(mask.raw(0, 1), 9u);
        else
            EXPECT_EQ(mask.raw(1, 0), 9u);
    }
}

TEST(Npy, RefusesBadFiles)
{
    ErrorCode bad = ErrorCode::invalid_binary, cannot = ErrorCode::unsupported;
    File four(4);
    File good = file("|u1", false, "(2, 2)", four);
    expect_failure({}, bad, "magic");
    expect_failure(File(good.begin(), good.begin() + 9), bad, "ends within its header");
    expect_failure(File(good.begin(), good.begin() + 30), bad, "ends within its header");
    expect_failure(File(good.begin(), good.end() - 1), bad, "3 bytes of data, expected 4");
    expect_failure(file("|u1", false, "(2, 2)", File(5)), bad, "5 bytes of data, expected 4");
    File version = good;
    version[6] = 4;
    expect_failure(version, cannot, "version 4.0");
    File magic = good;
    magic[0] = 'x';
    expect_failure(magic, bad, "magic");
    File length = file("|u1", false, "(2, 2)", four, 2);
    length[11] = 0xFF;
    expect_failure(length, bad, "ends within its header");
    expect_failure(file("[1]", four), bad, "not a dictionary");
    expect_failure(file("{'descr': '|u1'", four), bad, "separated by commas");
    expect_failure(file("{'descr': '|u1'}", four), bad, "lacks one of the keys");
    expect_failure(file("{'descr': '|u1', 'descr': '|u1'}", four), bad, "repeated key \"descr\"");
    expect_failure(file("{'other\x01': 1}", four), bad, "key \"other?\"");
    expect_failure(file("{1: 1}", four), bad, "string keys");
    expect_failure(file("{'descr': 1}", four), bad, "not a string");
    expect_failure(file("{'fortran_order': 0}", four), bad, "neither True nor False");
    expect_failure(file("|u1", false, "(2, -2)", four), bad, "tuple");
    expect_failure(file("|u1", false, "2", four), bad, "tuple");
    expect_failure(file("|u1", false, "(99999999999999999999, 2)", four), bad, "tuple");
    expect_failure(file("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2)} x", four), bad,
                   "follows");
    expect_failure(file("{'descr': [('a', '<f4')]}", four), cannot, "records");
    expect_failure(file("<i8", false, "(2, 2)", four), cannot, "\"<i8\"");
    expect_failure(file("|f4", false, "(2, 2)", four), cannot, "array.astype(numpy.float32)");
    expect_failure(file("|u1", false, "(4,)", four), cannot, "reshape");
    expect_failure(file("|u1", false, "()", four), cannot, "0 axes");
    expect_failure(file("|u1", false, "(2, 2, 2)", four), cannot, "array[i]");
    expect_failure(file("|u1", false, "(0, 2)", {}), ErrorCode::shape_mismatch, "empty");
    expect_failure(file("<f8", false, "(16384, 16385)", four), ErrorCode::too_large, "16385");
    expect_failure(file("<f8", false, "(9223372036854775799, 9223372036854775799)", four),
                   ErrorCode::too_large, "x");
}

TEST(Npy, RefusesBadPixels)
{
    File data;
    for (double v : {0.5, 0.25, 1.0, 80.0}) {
        File bytes = item("f8", v, false);
        data.insert(data.end(), bytes.begin(), bytes.end());
    }
    expect_failure(file("<f8", false, "(2, 2)", data), ErrorCode::out_of_range,
                   "80 at row 2, column 2");
    expect_failure(file("<f8", true, "(4, 1)", data), ErrorCode::out_of_range,
                   "80 at row 4, column 1");
    expect_failure(file("|b1", false, "(1, 2)", {1, 2}), ErrorCode::invalid_binary,
                   "2 at row 1, column 2");
    store_le<double>(data.data() + 8, std::nan(""));
    expect_failure(file("<f8", true, "(2, 2)", data), ErrorCode::out_of_range,
                   "NaN at row 2, column 1");

    InputOptions options;
    options.domain = Domain{0, 80};
    options.replace_nan = true;
    options.nan_value = 3;
    Mask mask;
    Error err;
    ASSERT_TRUE(read(file("<f8", false, "(2, 2)", data), options, &mask, err)) << err.message;
    EXPECT_EQ(mask.value(1, 0), 3.0);
    EXPECT_EQ(mask.value(1, 1), 80.0);
}
