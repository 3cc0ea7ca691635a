// Decimal numbers in a mask's text: std::from_chars reads all of them, and a faster road takes the
// plain ones, which are nearly all that a mask holds.
#pragma once

#include "core/base/bytes.h"

namespace mq
{

// Reads a decimal number, NaN or an infinity at p, a plus sign allowed, rounded to the nearest
// double: numbers that overflow become infinite, those that underflow 0. Returns the position after
// it, or null when there is none.
const char *read_number(const char *p, const char *end, double *value);

inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Appends the digits at p to *value, eight bytes at a time, and returns the position after the
// last. Digits come in the lowest bytes first (little-endian load): shifting those that are digits
// to the top leaves zeros before them, and three multiplications join neighbours to pairs, fours
// and eight. REQUIRES: a byte that is no digit before `end`.
inline const char *read_digits(const char *p, const char *end, uint64_t *value)
{
    static constexpr uint64_t kPowers[] = {1,      10,      100,      1000,     10000,
                                           100000, 1000000, 10000000, 100000000};
    while (end - p >= 8) {
        uint64_t t = load_le<uint64_t>(reinterpret_cast<const uint8_t *>(p)) ^
                     0x3030303030303030u; // '0' is 0x30
        uint64_t others =
            ((t + 0x7676767676767676u) | t) & 0x8080808080808080u; // top bit of bytes above 9
        int n = others == 0 ? 8 : __builtin_ctzll(others) / 8;
        if (n == 0)
            return p;
        t <<= 64 - 8 * n;
        t = t * 10 + (t >> 8);
        t = ((t & 0x000000FF000000FFu) * (100 + (uint64_t{1000000} << 32)) +
             (t >> 16 & 0x000000FF000000FFu) * (1 + (uint64_t{10000} << 32))) >>
            32;
        *value = *value * kPowers[n] +
                 t; // wraps when there are too many digits, which the caller counts
        p += n;
        if (n < 8)
            return p;
    }
    while (is_digit(*p))
        *value = *value * 10 + uint64_t(*p++ - '0');
    return p;
}

// Reads plain decimals such as 0.1234: both the digits as a whole number and the power of ten are
// exact in double, so one division gives the correctly rounded number. Returns null for anything
// else (exponents, more digits, NaN, no number), which std::from_chars reads several times slower.
// REQUIRES: a byte that is no digit follows, as a bracket always does.
inline const char *read_plain(const char *p, const char *end, double *value)
{
    static constexpr double kPowers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                         1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    bool negative = *p == '-';
    p += negative;
    const char *first = p;
    uint64_t digits = 0;
    while (is_digit(*p)) // few before the point
        digits = digits * 10 + uint64_t(*p++ - '0');
    int64_t count = p - first, decimals = 0;
    if (count > 0 && *p == '.') {
        const char *point = p + 1;
        p = read_digits(point, end, &digits);
        decimals = p - point;
        count += decimals;
    }
    if (count == 0 || count > 15 || *p == 'e' || *p == 'E') // 15 digits are less than 2^53
        return nullptr;
    double v = double(digits) / kPowers[decimals];
    *value = negative ? -v : v;
    return p;
}

// The same rounded to float; null also where rounding twice, to double and then to float, could
// differ from rounding once: where the double is the middle between two floats. (Floats below the
// normal ones need more than 15 digits.)
inline const char *read_plain(const char *p, const char *end, float *value)
{
    double v;
    p = read_plain(p, end, &v);
    if (p == nullptr)
        return nullptr;
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    if ((bits & 0x1FFFFFFF) == 0x10000000)
        return nullptr;
    *value = float(v);
    return p;
}

} // namespace mq
