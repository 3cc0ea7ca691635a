#include "core/io/text/decimal.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace mq
{

namespace
{

// A number that overflows or underflows a double, which from_chars refuses alike: the position of
// its first digit tells the two apart. Infinity fails the domain check afterwards; a number too
// small to write is 0.
double out_of_double(const char *p, const char *end)
{
    bool negative = *p == '-';
    int64_t power = 0, exponent = 0; // of ten, of the first digit that is not 0
    bool point = false, significant = false;
    for (p += negative; p < end && ((*p >= '0' && *p <= '9') || *p == '.'); p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        significant = significant || *p != '0';
        power += significant && !point ? 1 : !significant && point ? -1 : 0;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p += p + 1 < end && p[1] == '+' ? 2 : 1;
        if (std::from_chars(p, end, exponent).ec != std::errc())
            exponent = *p == '-' ? INT32_MIN : INT32_MAX;
    }
    exponent = std::clamp<int64_t>(exponent, INT32_MIN, INT32_MAX);
    double magnitude = power + exponent > 0 ? HUGE_VAL : 0.0;
    return negative ? -magnitude : magnitude;
}

} // namespace

const char *read_number(const char *p, const char *end, double *value)
{
    if (end - p >= 2 && *p == '+' && p[1] != '-') // from_chars takes no plus sign, people write it
        p++;
    std::from_chars_result r = std::from_chars(p, end, *value);
    if (r.ec == std::errc::result_out_of_range)
        *value = out_of_double(p, r.ptr);
    else if (r.ec != std::errc())
        return nullptr;
    return r.ptr;
}

} // namespace mq
