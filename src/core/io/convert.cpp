#include "core/io/convert.h"

#include <algorithm>
#include <cmath>

namespace mq
{

namespace
{

template <typename T>
bool values_to_flat(const T *values, Shape shape, PixelFormat format, const InputOptions &options,
                    void *flat, Error &err)
{
    if (!check_input_options(format, options, err))
        return false;
    for (size_t i = 0; i < shape.pixels(); i++)
        if (!store_value(format, options, shape.width, double(values[i]), i, flat, err))
            return false;
    return true;
}

// To bit: only the two ends of the domain, as the source format writes them, have a place.
bool convert_to_bit(PixelFormat from, const Domain &domain, Shape shape, const void *flat,
                    uint8_t *out, Error &err)
{
    uint32_t lo = 0, hi = 0;
    if (!value_to_raw(from, domain, domain.lo, &lo) || !value_to_raw(from, domain, domain.hi, &hi))
        return err.set(ErrorCode::internal, "ends of the domain are no pixel values");
    for (size_t i = 0; i < shape.pixels(); i++) {
        uint32_t raw = load_raw(from, flat, i);
        if (raw != lo && raw != hi)
            return fail_pixel_value(PixelFormat::bit, domain, pixel_place(i, shape.width),
                                    raw_to_value(from, domain, raw), err);
        out[i] = raw == hi;
    }
    return true;
}

template <typename T>
bool normalize(const T *values, Shape shape, const NormalizeOptions &options, float *flat,
               Error &err)
{
    // At the precision of the input: with lo = 0.7 a float4 of 0.7 is the low end, not below it.
    T lo = T(options.lo), hi = T(options.hi);
    char text[kNumberText], lo_text[kNumberText], hi_text[kNumberText];
    format_number(options.lo, lo_text);
    format_number(options.hi, hi_text);
    if (!std::isfinite(lo) || !std::isfinite(hi) || lo >= hi) {
        err.set(ErrorCode::invalid_parameter, "cannot normalize over [%s, %s]", lo_text, hi_text);
        return err.with_detail("Both ends must be finite numbers, the low one below the high one.")
            .with_hint("Give the smallest and the largest value that the array can hold.");
    }
    InputOptions unit;
    unit.replace_nan = options.replace_nan;
    unit.nan_value = options.nan_value;
    if (!check_input_options(PixelFormat::f32, unit, err))
        return false;

    // Halves, because hi - lo of two large numbers may overflow; halving is exact but for the
    // tiniest numbers.
    bool wide = !std::isfinite(double(hi) - double(lo));
    double scale = wide ? 0.5 : 1.0;
    double origin = double(lo) * scale, extent = double(hi) * scale - origin;
    for (size_t i = 0; i < shape.pixels(); i++) {
        T v = values[i];
        if (std::isnan(v)) {
            if (!store_value(PixelFormat::f32, unit, shape.width, double(v), i, flat, err))
                return false;
            continue;
        }
        if (!options.clamp && (v < lo || v > hi)) {
            PixelPlace place = pixel_place(i, shape.width);
            format_number(double(v), text);
            err.set(ErrorCode::out_of_range, "value %s at row %ld, column %ld is out of range",
                    text, place.row, place.column);
            return err.with_detail("The range to normalize is [%s, %s].", lo_text, hi_text)
                .with_hint("Widen the range, or ask for values outside it to be clamped.");
        }
        v = std::clamp(v, lo, hi);
        flat[i] = float((double(v) * scale - origin) / extent) + 0.0f; // never -0.0
    }
    return true;
}

} // namespace

bool floats_to_flat(const float *values, Shape shape, PixelFormat format,
                    const InputOptions &options, void *flat, Error &err)
{
    if (format != PixelFormat::f32)
        return values_to_flat(values, shape, format, options, flat, err);
    if (!check_input_options(format, options, err))
        return false;
    FloatRange range = float_range(options.domain);
    float *out = static_cast<float *>(flat);
    for (size_t i = 0; i < shape.pixels(); i++) {
        if (range.holds(values[i]))
            out[i] = values[i] + 0.0f; // -0.0 becomes 0.0
        else if (!store_value(format, options, shape.width, double(values[i]), i, flat, err))
            return false;
    }
    return true;
}

bool doubles_to_flat(const double *values, Shape shape, PixelFormat format,
                     const InputOptions &options, void *flat, Error &err)
{
    return values_to_flat(values, shape, format, options, flat, err);
}

void flat_to_floats(PixelFormat format, const Domain &domain, Shape shape, const void *flat,
                    float *values)
{
    if (format == PixelFormat::f32) {
        memcpy(values, flat, shape.pixels() * sizeof(float));
        return;
    }
    for (size_t i = 0; i < shape.pixels(); i++)
        values[i] = float(raw_to_value(format, domain, load_raw(format, flat, i)));
}

bool convert_format(PixelFormat from, PixelFormat to, const Domain &domain, Shape shape,
                    const void *flat, void *out, Error &err)
{
    if (from == to) {
        memcpy(out, flat, shape.pixels() * flat_pixel_size(from));
        return true;
    }
    if (!check_domain(to, domain, err))
        return false;
    if (to == PixelFormat::bit)
        return convert_to_bit(from, domain, shape, flat, static_cast<uint8_t *>(out), err);
    for (size_t i = 0; i < shape.pixels(); i++) {
        // The ends of the domain as f32 or f16 may lie a rounding error beyond the ends themselves.
        double v = raw_to_value(from, domain, load_raw(from, flat, i));
        uint32_t raw;
        if (!value_to_raw(to, domain, std::clamp(v, domain.lo, domain.hi), &raw))
            return fail_pixel_value(to, domain, pixel_place(i, shape.width), v, err);
        store_raw(to, out, i, raw);
    }
    return true;
}

bool normalize_floats(const float *values, Shape shape, const NormalizeOptions &options,
                      float *flat, Error &err)
{
    return normalize(values, shape, options, flat, err);
}

bool normalize_doubles(const double *values, Shape shape, const NormalizeOptions &options,
                       float *flat, Error &err)
{
    return normalize(values, shape, options, flat, err);
}

} // namespace mq
