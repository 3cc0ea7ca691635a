#include "core/base/exact_sum.h"

#include "core/base/assert.h"

#include <cmath>
#include <cstring>

namespace mq
{

__extension__ typedef unsigned __int128 Wide;

static constexpr int kLowestBit = -1074 - 64; // weight of bit 0 of word 0, as a power of two

void ExactSum::add(uint64_t count, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const int exponent = int(bits >> 52 & 0x7FF);
    uint64_t significand = bits & ((uint64_t{1} << 52) - 1);
    if (exponent != 0)
        significand |= uint64_t{1} << 52;
    const Wide product = Wide{count} * significand; // below 2^113
    if (product == 0)
        return;
    // The significand's last bit weighs 2^-1074 in subnormal numbers and in those of exponent 1.
    const int position = 64 + (exponent == 0 ? 0 : exponent - 1);
    const int word = position / 64, shift = position % 64;
    const uint64_t low = uint64_t(product), high = uint64_t(product >> 64);
    const uint64_t parts[3] = {low << shift,
                               shift == 0 ? high : low >> (64 - shift) | high << shift,
                               shift == 0 ? 0 : high >> (64 - shift)};
    const bool negative = bits >> 63;
    uint64_t carry = 0;
    for (int i = 0; word + i < kWords && (i < 3 || carry); i++) {
        const uint64_t part = i < 3 ? parts[i] : 0;
        uint64_t &w = words_[word + i];
        // w +- carry +- part: at most one of the two steps carries.
        uint64_t next;
        if (negative) {
            carry = __builtin_sub_overflow(w, carry, &next);
            carry |= __builtin_sub_overflow(next, part, &w);
        } else {
            carry = __builtin_add_overflow(w, carry, &next);
            carry |= __builtin_add_overflow(next, part, &w);
        }
    }
}

int ExactSum::sign() const
{
    if (words_[kWords - 1] >> 63)
        return -1;
    for (uint64_t w : words_)
        if (w != 0)
            return 1;
    return 0;
}

double ExactSum::round(uint32_t divisor) const
{
    mq_assert(divisor > 0);
    const bool negative = words_[kWords - 1] >> 63;
    // Magnitude, divided from the top word down; what is left of the division is below the last
    // bit.
    uint64_t magnitude[kWords], carry = negative;
    for (int i = 0; i < kWords; i++) {
        uint64_t w = negative ? ~words_[i] : words_[i];
        carry = __builtin_add_overflow(w, carry, &magnitude[i]);
    }
    uint64_t rest = 0;
    int top = -1; // highest word that is not 0
    for (int i = kWords - 1; i >= 0; i--) {
        if (divisor != 1) {
            Wide part = Wide{rest} << 64 | magnitude[i];
            magnitude[i] = uint64_t(part / divisor);
            rest = uint64_t(part % divisor);
        }
        if (magnitude[i] != 0 && top < 0)
            top = i;
    }
    if (top < 0)
        return 0.0; // less than half of the least double

    // The result keeps 53 bits, or those from 2^-1074 on, bit 64, where it is subnormal.
    const int highest = 64 * top + 63 - __builtin_clzll(magnitude[top]);
    const int last = highest - 52 > 64 ? highest - 52 : 64;
    auto bit = [&](int i) { return magnitude[i / 64] >> (i % 64) & 1; };
    uint64_t kept = 0;
    if (highest >= last) {
        kept = magnitude[last / 64] >> (last % 64);
        if (last % 64 != 0 && last / 64 + 1 < kWords)
            kept |= magnitude[last / 64 + 1] << (64 - last % 64);
    }
    if (bit(last - 1)) {
        bool beyond_half = rest != 0;
        for (int i = 0; i < (last - 1) / 64 && !beyond_half; i++)
            beyond_half = magnitude[i] != 0;
        beyond_half = beyond_half ||
                      (magnitude[(last - 1) / 64] & ((uint64_t{1} << ((last - 1) % 64)) - 1)) != 0;
        kept += beyond_half || (kept & 1);
    }
    const double result = std::ldexp(double(kept), last + kLowestBit);
    return negative && result != 0 ? -result : result;
}

} // namespace mq
