// The text form: what prints parses back to the same bits, and every way to get it wrong.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "core/io/text/decimal.h"
#include "core/io/text/text.h"
#include "errors.h"
#include "random_mask.h"

using namespace mq;
using namespace mq::test;

namespace
{

std::string print(const Mask &mask)
{
    std::string out(mask_text_bound(mask.format, mask.shape), '\0');
    out.resize(print_mask_text(mask.format, mask.domain, mask.shape, mask.flat(), out.data()));
    return out;
}

// The parser gets memory of the exact size, so that the sanitizer sees it read or write beyond.
bool parse(const std::string &text, Mask *mask, Error &err)
{
    std::vector<char> copy(text.begin(), text.end());
    MaskTextHeader header;
    if (!scan_mask_text(copy.data(), copy.size(), &header, err))
        return false;
    *mask = make_mask(header.format, header.shape, header.domain);
    return parse_mask_text(copy.data(), copy.size(), header, mask->flat(), err);
}

std::string reprint(const std::string &text)
{
    Mask mask;
    Error err;
    return parse(text, &mask, err) ? print(mask) : std::string("error: ") + err.message;
}

void expect_failure(const std::string &text, ErrorCode code, const std::string &words)
{
    SCOPED_TRACE(text);
    Mask mask;
    Error err;
    ASSERT_FALSE(parse(text, &mask, err));
    expect_error(err, code, words);
}

} // namespace

TEST(Text, PrintsShortestForms)
{
    EXPECT_EQ(reprint("[[0.1,0.2],[0.3,0.4]]"), "[[0.1,0.2],[0.3,0.4]]");

    EXPECT_EQ(reprint("f32:[[1]]"), "[[1]]");
    EXPECT_EQ(reprint("f32(0,80):[[12.5,80]]"), "f32(0,80):[[12.5,80]]");
    EXPECT_EQ(reprint("f16:[[0.1,0.33325]]"), "f16:[[0.1,0.3333]]");
    EXPECT_EQ(reprint("u8:[[0,128],[255,3]]"), "u8:[[0,128],[255,3]]");
    EXPECT_EQ(reprint("u16(0,65.535):[[0,65535]]"), "u16(0,65.535):[[0,65535]]");
    EXPECT_EQ(reprint("bit:[[0,1],[1,1]]"), "bit:[[0,1],[1,1]]");
    EXPECT_EQ(reprint("u8(0.0,1.0):[[7]]"), "u8:[[7]]");
}

TEST(Text, ReadsWhatPeopleWrite)
{
    EXPECT_EQ(reprint("{{0.5,1},{0,0.25}}"), "[[0.5,1],[0,0.25]]");
    EXPECT_EQ(reprint(" \t\n[ [ 0.5 , 1 ] ,\r\n [ 0 , .25 ] ] \v\f"), "[[0.5,1],[0,0.25]]");
    EXPECT_EQ(reprint(" f32 ( 0 , 80 ) : [[8e1, 7.5E+0, 1e-1, +3, 1e-400]]"),
              "f32(0,80):[[80,7.5,0.1,3,0]]");
    EXPECT_EQ(reprint("[[-0.0, -0, 0e5]]"), "[[0,0,0]]");
    EXPECT_EQ(reprint("f32(-0,2):[[1]]"), "f32(0,2):[[1]]");
    EXPECT_EQ(reprint("[[1.]]"), "[[1]]");
    EXPECT_EQ(reprint("u8:[[007]]"), "u8:[[7]]");
    EXPECT_EQ(reprint("[[0.333333333333333333333333333333333333333]]"), "[[0.33333334]]");
}

TEST(Text, PrintAndParseAreInverse)
{
    Random random(seed());
    for (int i = 0; i < 400; i++) {
        PixelFormat format = kFormats[below(random, 5)];
        Mask mask =
            random_mask(random, format, random_shape(random, 40), random_domain(random, format));
        Mask back;
        Error err;
        std::string text = print(mask);
        ASSERT_LE(text.size(), mask_text_bound(format, mask.shape));
        ASSERT_TRUE(parse(text, &back, err)) << mask.describe() << ": " << err.message;
        ASSERT_EQ(back.format, mask.format);
        ASSERT_EQ(back.shape, mask.shape);
        ASSERT_EQ(back.domain, mask.domain);
        ASSERT_EQ(memcmp(back.flat(), mask.flat(), mask.flat_size()), 0) << mask.describe();
    }
}

TEST(Text, EveryHalfIsPrintedShortest)
{
    Mask mask = make_mask(PixelFormat::f16, Shape{1, 1}, Domain{-65504, 65504});
    for (uint32_t raw = 0; raw < 65536; raw++) {
        if ((raw & 0x7C00) == 0x7C00 || raw == 0x8000) // infinities and NaN; -0.0 is not stored
            continue;
        mask.set_raw(0, 0, raw);
        Mask back;
        Error err;
        std::string text = print(mask);
        ASSERT_TRUE(parse(text, &back, err)) << text;
        ASSERT_EQ(back.raw(0, 0), raw) << text;
        // One digit fewer reads back as another half.
        char shorter[32];
        double v = raw_to_value(PixelFormat::f16, mask.domain, raw);
        size_t digits = 0;
        for (size_t i = text.find("[[") + 2; i < text.size() && text[i] != 'e'; i++)
            digits += text[i] >= '0' && text[i] <= '9' && (digits > 0 || text[i] != '0');
        if (digits < 2 || v == std::floor(v)) // whole numbers may end in zeros that are no digits
            continue;
        snprintf(shorter, sizeof shorter, "%.*e", int(digits) - 2, v);
        uint32_t other;
        ASSERT_TRUE(
            !value_to_raw(PixelFormat::f16, mask.domain, strtod(shorter, nullptr), &other) ||
            other != raw)
            << text << " could be " << shorter;
    }
}

// Random float bits, so all exponents; and decimals next to the middle of two floats, where
// rounding twice would err.
TEST(Text, FloatsAreRoundedOnce)
{
    Random random(seed());
    Domain all{-3.4e38, 3.4e38};
    Mask mask = make_mask(PixelFormat::f32, Shape{1, 1}, all);
    for (int i = 0; i < 20000; i++) {
        float f;
        uint32_t bits = uint32_t(random());
        memcpy(&f, &bits, sizeof f);
        if (!(std::fabs(f) < 3.4e38f) || f == 0)
            continue;
        mask.set_raw(0, 0, bits);
        Mask back;
        Error err;
        ASSERT_TRUE(parse(print(mask), &back, err)) << print(mask);
        ASSERT_EQ(back.raw(0, 0), bits) << print(mask);
    }
    for (int i = 0; i < 20000; i++) {
        float f = float(uniform(random, 0, 1));
        double middle = (double(f) + double(std::nextafterf(f, 2.0f))) / 2;
        char text[64];
        snprintf(text, sizeof text, "f32(0,2):[[%.*f]]", int(6 + below(random, 30)), middle);
        Mask back;
        Error err;
        ASSERT_TRUE(parse(text, &back, err)) << text;
        float expected = strtof(text + 11, nullptr);
        ASSERT_EQ(raw_to_value(PixelFormat::f32, all, back.raw(0, 0)), double(expected)) << text;
    }
}

TEST(Text, PlainDecimalsAgreeWithTheLibrary)
{
    Random random(seed());
    for (int i = 0; i < 50000; i++) {
        std::string text = one_in(random, 4) ? "-" : "";
        for (uint64_t n = below(random, 6); n > 0; n--)
            text += char('0' + below(random, 10));
        if (!one_in(random, 4))
            text += '.';
        for (uint64_t n = below(random, 18); n > 0; n--)
            text += char('0' + below(random, 10));
        text += one_in(random, 9) ? "e3" : "";
        size_t length = text.size();
        text += ",]/:;\xff"[below(random, 6)];
        text += "999999999";
        double v = 0;
        const char *end = read_plain(text.data(), text.data() + text.size(), &v);
        if (end != nullptr) {
            ASSERT_EQ(end, text.data() + length) << text;
            ASSERT_EQ(v, strtod(text.c_str(), nullptr)) << text;
        }
    }
}

TEST(Text, RefusesBadSyntax)
{
    ErrorCode code = ErrorCode::invalid_text;
    expect_failure("", code, "the text ends");
    expect_failure("   ", code, "position 4");
    expect_failure("0.5", code, "unknown pixel format");
    expect_failure("hello", code, "\"hello\"");
    expect_failure("F32:[[1]]", code, "Formats are");
    expect_failure("u8[[1]]", code, "\":\" after");
    expect_failure("u8(0:[[1]]", code, "\",\"");
    expect_failure("u8(0,1:[[1]]", code, "\")\"");
    expect_failure("u8(,1):[[1]]", code, "an end of the mask's domain");
    expect_failure("u8:", code, "the text ends");
    expect_failure("[0.1,0.2]", code, "a row");
    expect_failure("[[0.1]", code, "the text ends");
    expect_failure("[[0.1", code, "the end of a row");
    expect_failure("[[0.1],]", code, "a row");
    expect_failure("[[0.1][0.2]]", code, "position 7");
    expect_failure("[[0.1]]]", code, "nothing after");
    expect_failure("[[0.1]] x", code, "\"x\"");
    expect_failure("[{0.1}]", code, "a row");
    expect_failure("[[0.1},{0.1]]", code, "row 1, column 1");
    expect_failure("[[0.1],[\xC3\xA4]]", code, "\\xc3");
}

TEST(Text, RefusesWhatIsNoNumber)
{
    ErrorCode code = ErrorCode::invalid_text;
    expect_failure("[[0.1,x]]", code, "\"x\" at row 1, column 2");
    expect_failure("[[0.1],[0.1x]]", code, "\"0.1x\" at row 2, column 1");
    expect_failure("[[2x]]", code, "\"2x\"");
    expect_failure("[[0.1,,0.2]]", code, "\"\" at row 1, column 2");
    expect_failure("[[0.1,]]", code, "column 2");
    expect_failure("[[0.1 0.2]]", code, "\"0.1 0.2\"");
    expect_failure("[[0x1]]", code, "\"0x1\"");
    expect_failure("[[null]]", code, "\"null\"");
    expect_failure("[[--1]]", code, "\"--1\"");
    expect_failure("[[+-1]]", code, "\"+-1\"");
    expect_failure("[[1e]]", code, "\"1e\"");
    expect_failure("u8:[[1,a]]", code, "\"a\" at row 1, column 2");
    expect_failure("[[" + std::string(1000, 'z') + "]]", code, "zzz...");
}

TEST(Text, RefusesBadShapes)
{
    expect_failure("[]", ErrorCode::shape_mismatch, "no rows");
    expect_failure("{ }", ErrorCode::shape_mismatch, "no rows");
    expect_failure("[[]]", ErrorCode::shape_mismatch, "row 1 of the mask is empty");
    expect_failure("[[0.1],[ ]]", ErrorCode::shape_mismatch, "row 2 of the mask is empty");
    expect_failure("[[0,0],[0,0],[0,0,0]]", ErrorCode::shape_mismatch,
                   "Row 1 has 2 pixels, row 3 has 3.");
    std::string wide = "bit:[[0";
    for (int i = 0; i < 16384; i++)
        wide += ",0";
    expect_failure(wide + "]]", ErrorCode::too_large, "16385");
}

TEST(Text, RefusesValuesOutsideTheDomain)
{
    ErrorCode code = ErrorCode::out_of_range;
    expect_failure("[[0.5,1.5]]", code, "1.5 at row 1, column 2");
    expect_failure("[[0.5],[-0.1]]", code, "-0.1 at row 2, column 1");
    expect_failure("[[0.5,80]]", code, "f32(0,80):[[...]]");
    expect_failure("[[0.5,80]]", code, "The mask's domain is [0, 1].");
    expect_failure("f16(0,80):[[81]]", code, "[0, 80]");
    expect_failure("[[NaN]]", code, "nan => value");
    expect_failure("[[nan]]", code, "NaN at row 1, column 1");
    expect_failure("f16:[[-NaN]]", code, "NaN at row 1, column 1");
    expect_failure("[[Infinity]]", code, "Infinity at row 1");
    expect_failure("[[-Infinity]]", code, "-Infinity at row 1");
    expect_failure("[[1e400]]", code, "Infinity");
    expect_failure("[[0.0001e400]]", code, "Infinity");
    expect_failure("[[1e39]]", code, "1e+39");
    expect_failure("[[-1e99999999999999999999]]", code, "-Infinity");
}

TEST(Text, RefusesBadCodes)
{
    ErrorCode code = ErrorCode::out_of_range;
    expect_failure("u8:[[0,256]]", code, "256 at row 1, column 2");
    expect_failure("u8:[[0.5]]", code, "0.5 at row 1, column 1");
    expect_failure("u8:[[1 ],[-1]]", code, "-1 at row 2, column 1");
    expect_failure("u16:[[65536]]", code, "whole numbers from 0 to 65535");
    expect_failure("bit:[[2]]", code, "from 0 to 1");
    expect_failure("u8:[[NaN]]", code, "NaN");
    expect_failure("u8:[[4294967296]]", code, "4294967296");
}

TEST(Text, RefusesBadDomains)
{
    ErrorCode code = ErrorCode::invalid_parameter;
    for (const char *text : {"f32(1,0):[[1]]", "f32(0,inf):[[1]]", "u8(nan,1):[[1]]",
                             "f16(0,1e6):[[1]]", "u8(1,1):[[1]]"}) {
        Mask mask;
        Error err;
        EXPECT_FALSE(parse(text, &mask, err)) << text;
        EXPECT_EQ(int(err.code), int(code)) << text;
    }
}

// Whatever is cut off or changed in a good text: an error or a mask, never a crash.
TEST(Text, DamagedTextsAreSafe)
{
    Random random(seed());
    for (int i = 0; i < 3000; i++) {
        std::string text = print(random_mask(random, 6));
        static const char kBytes[] = "[]{}(),:.eE+-0123456789nNaif ux\n\xff";
        for (uint64_t n = below(random, 4); n > 0; n--)
            text[below(random, text.size())] = kBytes[below(random, sizeof kBytes)];
        text.resize(text.size() - below(random, 3));
        Mask mask, again;
        Error err;
        if (parse(text, &mask, err)) {
            ASSERT_TRUE(parse(print(mask), &again, err)) << text;
            ASSERT_EQ(memcmp(mask.flat(), again.flat(), mask.flat_size()), 0) << text;
        }
    }
}
