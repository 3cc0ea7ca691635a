#include "core/mask/ops/sums.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace mq
{

// weight * (lo + (hi - lo) * code / max) as one multiplication and two additions a pixel.
template <typename Code>
static void add_codes(const Domain &domain, double max, size_t pixels, const Code *codes,
                      double weight, double *sums)
{
    double offset = weight * domain.lo, step = weight * (domain.hi - domain.lo) / max;
    for (size_t i = 0; i < pixels; i++)
        sums[i] += offset + step * codes[i];
}

void add_pixels(PixelFormat format, const Domain &domain, size_t pixels, const void *flat,
                double weight, double *sums)
{
    switch (format) {
    case PixelFormat::f32: {
        const float *values = static_cast<const float *>(flat);
        for (size_t i = 0; i < pixels; i++)
            sums[i] += weight * values[i];
        break;
    }
    case PixelFormat::f16: {
        const uint16_t *halves = static_cast<const uint16_t *>(flat);
        for (size_t i = 0; i < pixels; i++)
            sums[i] += weight * half_to_float(halves[i]);
        break;
    }
    case PixelFormat::u8:
        add_codes(domain, 255, pixels, static_cast<const uint8_t *>(flat), weight, sums);
        break;
    case PixelFormat::u16:
        add_codes(domain, 65535, pixels, static_cast<const uint16_t *>(flat), weight, sums);
        break;
    case PixelFormat::bit:
        add_codes(domain, 1, pixels, static_cast<const uint8_t *>(flat), weight, sums);
        break;
    }
}

bool finish_sums(const Domain &domain, size_t pixels, const double *sums, double divisor,
                 float *out, Error &err)
{
    if (!check_domain(PixelFormat::f32, domain, err))
        return false;
    for (size_t i = 0; i < pixels; i++) {
        double value = sums[i] / divisor;
        if (!std::isfinite(value)) {
            err.set(ErrorCode::out_of_range, "sum of masks overflows");
            return err.with_hint("Use weights of a smaller size.");
        }
        out[i] = float(std::clamp(value, domain.lo, domain.hi)) + 0.0f;
    }
    return true;
}

} // namespace mq
