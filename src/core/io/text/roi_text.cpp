#include "core/io/text/roi_text.h"

#include <algorithm>
#include <cstdio>

namespace mq
{

bool make_roi(int64_t x1, int64_t y1, int64_t x2, int64_t y2, Roi *out, Error &err)
{
    for (int64_t v : {x1, y1, x2, y2})
        if (v < INT32_MIN || v > INT32_MAX) {
            err.set(ErrorCode::out_of_range, "roi corner out of range");
            return err
                .with_detail("%lld does not lie in %d to %d.", static_cast<long long>(v), INT32_MIN,
                             INT32_MAX)
                .with_hint("Use 'full' for a region that covers any mask.");
        }
    if (x1 > x2 || y1 > y2) {
        bool x = x1 > x2;
        err.set(ErrorCode::invalid_parameter, "roi corners are in the wrong order");
        return err
            .with_detail(x ? "x1 = %lld is greater than x2 = %lld."
                           : "y1 = %lld is greater than y2 = %lld.",
                         static_cast<long long>(x ? x1 : y1), static_cast<long long>(x ? x2 : y2))
            .with_hint("Give the upper left corner first, then the lower right one; for x, y, "
                       "width and height use roi_xywh.");
    }
    *out = Roi{int32_t(x1), int32_t(y1), int32_t(x2), int32_t(y2)};
    return true;
}

namespace
{

bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

struct Cursor {
    const char *p, *end;

    void skip_space()
    {
        while (p < end && is_space(*p))
            p++;
    }
    bool take(char c)
    {
        skip_space();
        if (p == end || *p != c)
            return false;
        p++;
        return true;
    }
    // A decimal integer. One of more than 18 digits stops being one: far beyond what make_roi
    // takes.
    bool take_integer(int64_t *out)
    {
        constexpr int64_t kFar = 100'000'000'000'000'000;
        skip_space();
        bool negative = p < end && *p == '-';
        if (p < end && (*p == '-' || *p == '+'))
            p++;
        if (p == end || *p < '0' || *p > '9')
            return false;
        int64_t v = 0;
        for (; p < end && *p >= '0' && *p <= '9' && v < kFar; p++)
            v = v * 10 + (*p - '0');
        *out = negative ? -v : v;
        return true;
    }
    bool take_corner(int64_t *x, int64_t *y)
    {
        return take('(') && take_integer(x) && take(',') && take_integer(y) && take(')');
    }
    bool take_corners(int64_t c[4])
    {
        return take_corner(&c[0], &c[1]) && take(',') && take_corner(&c[2], &c[3]);
    }
    bool take_full()
    {
        const char *word = "full";
        skip_space();
        for (; *word; word++, p++)
            if (p == end || (*p | 0x20) != *word)
                return false;
        return true;
    }
    bool at_end()
    {
        skip_space();
        return p == end;
    }
};

} // namespace

bool parse_roi(const char *s, size_t n, Roi *out, Error &err)
{
    Cursor full{s, s + n};
    if (full.take_full() && full.at_end()) {
        *out = kFullRoi;
        return true;
    }
    int64_t c[4];
    Cursor bare{s, s + n};
    if (bare.take_corners(c) && bare.at_end())
        return make_roi(c[0], c[1], c[2], c[3], out, err);
    Cursor wrapped{s, s + n};
    if (wrapped.take('(') && wrapped.take_corners(c) && wrapped.take(')') && wrapped.at_end())
        return make_roi(c[0], c[1], c[2], c[3], out, err);

    // Printable ASCII only: half a multibyte character would be invalid in any encoding.
    char shown[64];
    size_t length = std::min(n, sizeof shown);
    std::transform(s, s + length, shown, [](char c) { return c >= ' ' && c <= '~' ? c : '?'; });
    err.set(ErrorCode::invalid_text, "invalid input syntax for type roi: \"%.*s%s\"", int(length),
            shown, n > length ? "..." : "");
    return err.with_hint("A roi is written ((x1,y1),(x2,y2)) in whole pixels, 1-based and "
                         "inclusive, or full.");
}

void format_roi(const Roi &r, char *out)
{
    if (is_full(r))
        snprintf(out, kRoiTextSize, "full");
    else
        snprintf(out, kRoiTextSize, "((%d,%d),(%d,%d))", r.x1, r.y1, r.x2, r.y2);
}

} // namespace mq
