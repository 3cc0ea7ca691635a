#include "core/base/value_sum.h"

#include <algorithm>
#include <cmath>

namespace mq
{

static uint32_t largest_code(PixelFormat format)
{
    return ordinal_end(format) - 1;
}

void ValueSum::add(uint32_t ordinal, uint64_t count)
{
    if (is_float_format(format_))
        floats_.add(count, raw_to_value(format_, domain_, ordinal_to_raw(format_, ordinal)));
    else
        add_codes(count, ordinal * count);
}

ExactSum ValueSum::total() const
{
    ExactSum sum = floats_;
    if (!is_float_format(format_)) {
        sum.add(count_ * largest_code(format_) - codes_, domain_.lo);
        sum.add(codes_, domain_.hi);
    }
    return sum;
}

int ValueSum::sign() const
{
    return total().sign();
}

double ValueSum::value() const
{
    return total().round(is_float_format(format_) ? 1 : largest_code(format_));
}

double least_sum(PixelFormat format, const Domain &domain)
{
    // A sum of multiples of a power of two is one. Every f32 is a multiple of the least subnormal
    // one, so is every f16.
    if (format == PixelFormat::f32)
        return 0x1p-149;
    if (format == PixelFormat::f16)
        return 0x1p-24;
    double unit = HUGE_VAL;
    for (double end : {domain.lo, domain.hi})
        if (end != 0)
            unit = std::min(unit, std::ldexp(1.0, std::ilogb(end) - 52));
    // Halved, for the division's rounding. An end near the least normal double gives 0 or nearly.
    return unit / largest_code(format) / 2;
}

} // namespace mq
