// Text and corners of roi.
#include "core/io/text/roi_text.h"

#include <cstring>

#include "errors.h"
#include "random_mask.h"

namespace mq
{

using namespace test;

static bool parse(const char *s, Roi *out, Error &err)
{
    return parse_roi(s, strlen(s), out, err);
}

static bool same(const Roi &a, const Roi &b)
{
    return a.x1 == b.x1 && a.y1 == b.y1 && a.x2 == b.x2 && a.y2 == b.y2;
}

TEST(Roi, ReadsEverySpelling)
{
    Roi r;
    Error err;
    for (const char *s : {"((1,-2),(3,4))", " ( ( 1 , -2 ) , ( +3 , 4 ) ) ", "(1,-2),(3,4)",
                          "\t((1,-2)\n,(3,0004))"}) {
        ASSERT_TRUE(parse(s, &r, err)) << s << ": " << err.message;
        EXPECT_TRUE(same(r, Roi{1, -2, 3, 4})) << s;
    }
    for (const char *s : {"full", "FULL", "  Full "}) {
        ASSERT_TRUE(parse(s, &r, err)) << s;
        EXPECT_TRUE(is_full(r)) << s;
    }
}

TEST(Roi, RefusesOtherText)
{
    Roi r;
    Error err;
    for (const char *s :
         {"", "f", "fulll", "full full", "(1,2,3,4)", "((1,2),(3,4)", "(1,2),(3,4))",
          "((1,2),(3,4)))", "((1,2)(3,4))", "((1.5,2),(3,4))", "((- 1,2),(3,4))",
          "((1,2),(3,99999999999999999999))", "((\xff,2),(3,4))"}) {
        ASSERT_FALSE(parse(s, &r, err)) << s;
        expect_error(err, ErrorCode::invalid_text, "invalid input syntax for type roi");
    }
}

TEST(Roi, ChecksItsCorners)
{
    Roi r;
    Error err;
    ASSERT_FALSE(parse("((3,1),(2,1))", &r, err));
    expect_error(err, ErrorCode::invalid_parameter, "x1 = 3 is greater than x2 = 2.");
    ASSERT_FALSE(parse("((1,3),(1,2))", &r, err));
    expect_error(err, ErrorCode::invalid_parameter, "y1 = 3 is greater than y2 = 2.");
    ASSERT_FALSE(parse("((1,1),(2147483648,1))", &r, err));
    expect_error(err, ErrorCode::out_of_range, "2147483648");
    ASSERT_TRUE(make_roi(INT32_MIN, 0, INT32_MAX, 0, &r, err));
    ASSERT_FALSE(make_roi(int64_t{INT32_MIN} - 1, 0, 0, 0, &r, err));
}

TEST(Roi, TextReadsBack)
{
    Random random(seed());
    for (int i = 0; i < 10000; i++) {
        auto corner = [&] {
            return int32_t(one_in(random, 2) ? random() : below(random, 400) - 100);
        };
        int32_t x1 = corner(), x2 = corner(), y1 = corner(), y2 = corner();
        Roi r{std::min(x1, x2), std::min(y1, y2), std::max(x1, x2), std::max(y1, y2)}, back;
        char text[kRoiTextSize];
        Error err;
        format_roi(r, text);
        ASSERT_TRUE(parse(text, &back, err)) << text;
        EXPECT_TRUE(same(r, back)) << text;
    }
}

} // namespace mq
