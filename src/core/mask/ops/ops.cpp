#include "core/mask/ops/ops.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <vector>

namespace mq
{

namespace
{

// Calls f with a typed pointer and a function from a pixel to its ordinal.
template <typename F> void with_ordinals(PixelFormat format, const void *flat, F f)
{
    switch (format) {
    case PixelFormat::f32:
        f(static_cast<const uint32_t *>(flat), [](uint32_t raw) { return ordinal_f32(raw); });
        break;
    case PixelFormat::f16:
        f(static_cast<const uint16_t *>(flat), [](uint16_t raw) { return ordinal_f16(raw); });
        break;
    case PixelFormat::u16:
        f(static_cast<const uint16_t *>(flat), [](uint16_t raw) { return uint32_t{raw}; });
        break;
    case PixelFormat::u8:
    case PixelFormat::bit:
        f(static_cast<const uint8_t *>(flat), [](uint8_t raw) { return uint32_t{raw}; });
    }
}

template <bool kMax>
void pick(PixelFormat format, size_t pixels, const void *a, const void *b, void *out)
{
    with_ordinals(format, a, [=](auto *pa, auto ordinal) {
        auto pb = static_cast<decltype(pa)>(b);
        auto po = static_cast<std::remove_const_t<std::remove_pointer_t<decltype(pa)>> *>(out);
        for (size_t i = 0; i < pixels; i++)
            po[i] = (ordinal(pa[i]) < ordinal(pb[i])) != kMax ? pa[i] : pb[i];
    });
}

} // namespace

uint32_t above_ordinal(PixelFormat format, const Domain &domain, double t)
{
    if (format == PixelFormat::bit) {
        float rounded = float(t);
        return rounded < float(domain.lo) ? 0 : rounded < float(domain.hi) ? 1 : 2;
    }
    uint32_t raw;
    if (!is_float_format(format) && t < domain.lo && !value_to_raw(format, domain, t, &raw))
        return 0;
    return std::min(lower_ordinal(format, domain, t) + 1, ordinal_end(format));
}

bool threshold(PixelFormat format, const Domain &domain, size_t pixels, const void *flat,
               Comparison comparison, double t, uint8_t *out, Error &err)
{
    if (std::isnan(t)) {
        err.set(ErrorCode::invalid_parameter, "cannot compare a mask with NaN");
        return err.with_hint("Give a number as the threshold.");
    }
    bool above = comparison == Comparison::gt || comparison == Comparison::le;
    uint8_t negate = comparison == Comparison::lt || comparison == Comparison::le;
    uint32_t first = above ? above_ordinal(format, domain, t) : lower_ordinal(format, domain, t);
    with_ordinals(format, flat, [=](auto *p, auto ordinal) {
        for (size_t i = 0; i < pixels; i++)
            out[i] = uint8_t(ordinal(p[i]) >= first) ^ negate;
    });
    return true;
}

void at_least(PixelFormat format, size_t pixels, const void *flat, uint32_t first, uint8_t *out)
{
    with_ordinals(format, flat, [=](auto *p, auto ordinal) {
        for (size_t i = 0; i < pixels; i++)
            out[i] = uint8_t(ordinal(p[i]) >= first);
    });
}

void pixel_min(PixelFormat format, size_t pixels, const void *a, const void *b, void *out)
{
    pick<false>(format, pixels, a, b, out);
}

void pixel_max(PixelFormat format, size_t pixels, const void *a, const void *b, void *out)
{
    pick<true>(format, pixels, a, b, out);
}

void complement(PixelFormat format, const Domain &domain, size_t pixels, const void *flat,
                void *out)
{
    switch (format) {
    case PixelFormat::f32: {
        const float *p = static_cast<const float *>(flat);
        float *q = static_cast<float *>(out);
        for (size_t i = 0; i < pixels; i++)
            q[i] = float(std::clamp(domain.lo + (domain.hi - double(p[i])), domain.lo, domain.hi)) +
                   0.0f;
        return;
    }
    case PixelFormat::f16: {
        const uint16_t *p = static_cast<const uint16_t *>(flat);
        uint16_t *q = static_cast<uint16_t *>(out);
        for (size_t i = 0; i < pixels; i++) {
            double v = domain.lo + (domain.hi - raw_to_value(format, domain, p[i]));
            uint32_t raw = 0;
            value_to_raw(format, domain, std::clamp(v, domain.lo, domain.hi),
                         &raw); // holds: inside the domain
            q[i] = uint16_t(raw);
        }
        return;
    }
    case PixelFormat::u16: {
        const uint16_t *p = static_cast<const uint16_t *>(flat);
        uint16_t *q = static_cast<uint16_t *>(out);
        for (size_t i = 0; i < pixels; i++)
            q[i] = uint16_t(65535 - p[i]);
        return;
    }
    case PixelFormat::u8:
    case PixelFormat::bit: {
        const uint8_t top = format == PixelFormat::u8 ? 255 : 1;
        const uint8_t *p = static_cast<const uint8_t *>(flat);
        uint8_t *q = static_cast<uint8_t *>(out);
        for (size_t i = 0; i < pixels; i++)
            q[i] = uint8_t(top - p[i]);
    }
    }
}

void crop(PixelFormat format, Shape shape, const void *flat, const PixelRect &rect, void *out)
{
    const size_t size = flat_pixel_size(format);
    const size_t row = size_t(rect.x1 - rect.x0) * size;
    const uint8_t *from = static_cast<const uint8_t *>(flat);
    uint8_t *to = static_cast<uint8_t *>(out);
    for (int32_t y = rect.y0; y < rect.y1; y++, to += row)
        memcpy(to, from + (size_t(y) * size_t(shape.width) + size_t(rect.x0)) * size, row);
}

bool histogram(PixelFormat format, const Domain &domain, size_t pixels, const void *flat,
               int32_t bins, uint64_t *counts, Error &err)
{
    if (bins < 1 || bins > kMaxHistogramBins) {
        err.set(ErrorCode::invalid_parameter, "histogram of %d bins", bins);
        return err.with_detail("The number of bins must be between 1 and %d.", kMaxHistogramBins)
            .with_hint("Choose a number of bins in that range.");
    }
    // Bin i starts at ordinal first[i]; nothing lies below the first bin.
    std::vector<uint32_t> first(size_t(bins), 0);
    for (int32_t i = 1; i < bins; i++)
        first[size_t(i)] =
            lower_ordinal(format, domain, domain.lo + (domain.hi - domain.lo) * i / bins);
    std::fill_n(counts, bins, uint64_t{0});

    if (format == PixelFormat::f32) {
        // The bin by division may be one off where an edge was rounded: the edges decide.
        const float *values = static_cast<const float *>(flat);
        double scale = bins / (domain.hi - domain.lo);
        for (size_t i = 0; i < pixels; i++) {
            uint32_t raw;
            memcpy(&raw, &values[i], sizeof raw);
            uint32_t ordinal = ordinal_f32(raw);
            double guess =
                std::clamp((double(values[i]) - domain.lo) * scale, 0.0, double(bins - 1));
            size_t bin = size_t(guess);
            while (bin > 0 && ordinal < first[bin])
                bin--;
            while (bin + 1 < size_t(bins) && ordinal >= first[bin + 1])
                bin++;
            counts[bin]++;
        }
        return true;
    }
    // At most 65536 ordinals: count each, then deal them out.
    std::vector<uint64_t> by_ordinal(ordinal_end(format), 0);
    with_ordinals(format, flat, [&](auto *p, auto ordinal) {
        for (size_t i = 0; i < pixels; i++)
            by_ordinal[ordinal(p[i])]++;
    });
    size_t bin = 0;
    for (size_t ordinal = 0; ordinal < by_ordinal.size(); ordinal++) {
        while (bin + 1 < size_t(bins) && ordinal >= first[bin + 1])
            bin++;
        counts[bin] += by_ordinal[ordinal];
    }
    return true;
}

} // namespace mq
