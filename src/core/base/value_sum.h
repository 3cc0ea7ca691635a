// Sums of pixel values. A sum is exact until it is rounded, once, to the nearest double: its value
// depends on the pixels only, and neither on their order nor on tiles, vectors or threads; and
// because that rounding is monotone, a bound of the exact sum, rounded the same way, is a bound of
// the computed one.
#pragma once

#include "core/base/exact_sum.h"
#include "core/base/pixel.h"

namespace mq
{

// The value that a pixel of code c stands for in a sum is exactly lo + (hi - lo) c / max, so the
// codes are added up as integers: with n pixels and codes that total s, the sum is
// ((n max - s) lo + s hi) / max.
class ValueSum
{
  public:
    ValueSum(PixelFormat format, const Domain &domain) : format_(format), domain_(domain) {}

    // Adds `count` pixels of this ordinal. REQUIRES: all counts total at most 2^28, the pixels of
    // the largest mask.
    void add(uint32_t ordinal, uint64_t count);
    // Adds a sum of pixel values in a float format. REQUIRES: it is exact.
    void add_floats(double sum) { floats_.add(1, sum); }
    // Adds `count` pixels whose codes total `codes`, in the other formats.
    void add_codes(uint64_t count, uint64_t codes)
    {
        count_ += count;
        codes_ += codes;
    }

    int sign() const;
    // The nearest double; infinite when the sum overflows.
    double value() const;

    PixelFormat format() const { return format_; }
    const Domain &domain() const { return domain_; }

  private:
    ExactSum total() const;

    PixelFormat format_;
    Domain domain_;
    uint64_t count_ = 0, codes_ = 0;
    ExactSum floats_;
};

// No sum of pixels of this kind, rounded, is nearer to 0 than this without being 0.
double least_sum(PixelFormat format, const Domain &domain);

} // namespace mq
