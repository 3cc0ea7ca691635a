// Arrays of numbers to flat pixels and back, and flat pixels from one format to another.
#pragma once

#include "core/io/pixel_io.h"

namespace mq
{

// Row-major values to flat pixels of the format, rounded to the nearest pixel value. REQUIRES:
// check_shape holds. Errors: invalid_parameter (domain), out_of_range (a value outside the domain,
// NaN, infinity; for bit one that is neither lo nor hi): names row, column and value.
bool floats_to_flat(const float *values, Shape shape, PixelFormat format,
                    const InputOptions &options, void *flat, Error &err);
bool doubles_to_flat(const double *values, Shape shape, PixelFormat format,
                     const InputOptions &options, void *flat, Error &err);

// Flat pixels to row-major values; exact for f32 and f16, the value of the code rounded to float
// else.
void flat_to_floats(PixelFormat format, const Domain &domain, Shape shape, const void *flat,
                    float *values);

// The same pixels in another format over the same domain, each value rounded to the nearest of the
// target's. To `bit` only when every pixel is lo or hi at its own precision. REQUIRES: flat and out
// do not overlap. Errors: invalid_parameter (the domain does not fit f16), out_of_range (to bit;
// names the pixel, hints at a threshold).
bool convert_format(PixelFormat from, PixelFormat to, const Domain &domain, Shape shape,
                    const void *flat, void *out, Error &err);

// mask_normalize: (v - lo) / (hi - lo) as f32 over [0, 1].
struct NormalizeOptions {
    double lo = 0.0, hi = 1.0; // finite, lo < hi
    bool clamp = false;        // values outside (infinities too) become 0 or 1; false: an error
    bool replace_nan = false;  // NaN becomes nan_value; false: an error
    double nan_value = 0.0;    // of the result, so in [0, 1]
};

// Errors: invalid_parameter (lo, hi), out_of_range (nan_value; a value outside [lo, hi] or NaN:
// names row, column and value).
bool normalize_floats(const float *values, Shape shape, const NormalizeOptions &options,
                      float *flat, Error &err);
bool normalize_doubles(const double *values, Shape shape, const NormalizeOptions &options,
                       float *flat, Error &err);

} // namespace mq
