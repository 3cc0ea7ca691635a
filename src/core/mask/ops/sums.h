// Pixel-wise sums of masks in double: what mask_avg and mask_sum accumulate.
#pragma once

#include "core/base/pixel.h"

namespace mq
{

// sums[i] += weight * value of pixel i.
void add_pixels(PixelFormat format, const Domain &domain, size_t pixels, const void *flat,
                double weight, double *sums);

// out[i] = sums[i] / divisor as an f32 pixel: clamped to the domain, rounded, -0.0 written as 0.0.
// Errors: invalid_parameter (the domain does not fit f32), out_of_range (a sum that overflowed).
bool finish_sums(const Domain &domain, size_t pixels, const double *sums, double divisor,
                 float *out, Error &err);

} // namespace mq
