// Sums of doubles without rounding: whatever the order of the terms, the result is the same, and
// only the final round() loses anything.
#pragma once

#include <cstdint>

namespace mq
{

// A fixed-point number wide enough for every finite double and for 2^60 of the largest, in two's
// complement: word i holds bits of weight 2^(64 i - 1074 - 64) and up. The lowest word stays zero
// until a division fills it.
class ExactSum
{
  public:
    // Adds count * value. REQUIRES: value is finite, count <= 2^60.
    void add(uint64_t count, double value);

    // -1, 0 or 1.
    int sign() const;

    // The double nearest to sum / divisor, ties to even; infinite when that overflows, +0 for zero.
    // Monotone: a sum that is not less has a result that is not less. REQUIRES: divisor > 0.
    double round(uint32_t divisor) const;

  private:
    static constexpr int kWords = 36;
    uint64_t words_[kWords] = {};
};

} // namespace mq
