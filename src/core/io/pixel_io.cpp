#include "core/io/pixel_io.h"

#include <charconv>
#include <cmath>

namespace mq
{

size_t format_number(double value, char *out)
{
    const char *name = std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    if (!std::isfinite(value))
        return size_t(snprintf(out, kNumberText, "%s", name));
    // A double beyond the floats must not be cast: that is undefined, not infinite.
    bool is_float = std::fabs(value) <= 3.4028234663852886e38 && double(float(value)) == value;
    std::to_chars_result r = is_float ? std::to_chars(out, out + kNumberText - 1, float(value))
                                      : std::to_chars(out, out + kNumberText - 1, value);
    *r.ptr = '\0';
    return size_t(r.ptr - out);
}

bool check_input_options(PixelFormat format, const InputOptions &options, Error &err)
{
    if (!check_domain(format, options.domain, err))
        return false;
    uint32_t raw;
    if (!options.replace_nan || value_to_raw(format, options.domain, options.nan_value, &raw))
        return true;
    char value[kNumberText], lo[kNumberText], hi[kNumberText];
    format_number(options.nan_value, value);
    format_number(options.domain.lo, lo);
    format_number(options.domain.hi, hi);
    err.set(ErrorCode::out_of_range, "the replacement of NaN, %s, is not a pixel value of the mask",
            value);
    return err.with_detail("The domain is [%s, %s], the format %s.", lo, hi, format_name(format))
        .with_hint("Choose a value that pixels of the mask can have.");
}

bool fail_pixel_value(PixelFormat format, const Domain &domain, PixelPlace place, double value,
                      Error &err)
{
    char text[kNumberText], lo[kNumberText], hi[kNumberText];
    format_number(value, text);
    format_number(domain.lo, lo);
    format_number(domain.hi, hi);
    if (format == PixelFormat::bit && value > domain.lo && value < domain.hi) {
        err.set(ErrorCode::out_of_range,
                "pixel value %s at row %ld, column %ld is neither %s nor %s", text, place.row,
                place.column, lo, hi);
        return err.with_detail("A bit mask holds the two ends of its domain only.")
            .with_hint("Threshold it first, as in mask > 0.5.");
    }
    err.set(ErrorCode::out_of_range, "pixel value %s at row %ld, column %ld is out of range", text,
            place.row, place.column);
    err.with_detail("The mask's domain is [%s, %s].", lo, hi);
    if (std::isnan(value))
        return err.with_hint("A mask holds no NaN; the constructors take nan => value to "
                             "replace it.");
    if (std::isinf(value))
        return err.with_hint("A mask holds finite values; replace infinities before making it.");
    return err.with_hint("Give the mask a domain that holds the value, as in f32(0,80):[[...]], or "
                         "rescale with mask_normalize().");
}

FloatRange float_range(const Domain &domain)
{
    return FloatRange{float(domain.lo), float(domain.hi)};
}

bool store_value(PixelFormat format, const InputOptions &options, int32_t width, double value,
                 size_t index, void *flat, Error &err)
{
    if (std::isnan(value) && options.replace_nan)
        value = options.nan_value;
    uint32_t raw;
    if (!value_to_raw(format, options.domain, value, &raw))
        return fail_pixel_value(format, options.domain, pixel_place(index, width), value, err);
    store_raw(format, flat, index, raw);
    return true;
}

} // namespace mq
