// Masks at other sizes: resize (sampled) and thumbnail (averaged). Both work row by row on doubles:
// values for f32 and f16, codes for the others, since an average of codes is the code of the
// average.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "core/mask/ops/ops.h"

namespace mq
{

namespace
{

void load_row(PixelFormat format, Shape shape, const void *flat, int32_t y, double *out)
{
    const size_t width = size_t(shape.width);
    const size_t begin = size_t(y) * width;
    switch (format) {
    case PixelFormat::f32:
        std::copy_n(static_cast<const float *>(flat) + begin, width, out);
        break;
    case PixelFormat::f16:
        for (size_t x = 0; x < width; x++)
            out[x] = double(half_to_float(static_cast<const uint16_t *>(flat)[begin + x]));
        break;
    case PixelFormat::u16:
        std::copy_n(static_cast<const uint16_t *>(flat) + begin, width, out);
        break;
    case PixelFormat::u8:
    case PixelFormat::bit:
        std::copy_n(static_cast<const uint8_t *>(flat) + begin, width, out);
    }
}

void store_row(PixelFormat format, const Domain &domain, const double *values, size_t begin,
               size_t width, void *out)
{
    switch (format) {
    case PixelFormat::f32: {
        // Rounding may lead a hair beyond the inputs; the ends of the domain are where it would
        // matter.
        double lo = double(float(domain.lo)), hi = double(float(domain.hi));
        float *p = static_cast<float *>(out) + begin;
        for (size_t x = 0; x < width; x++)
            p[x] = float(std::clamp(values[x], lo, hi)) + 0.0f;
        break;
    }
    case PixelFormat::f16: {
        uint16_t *p = static_cast<uint16_t *>(out) + begin;
        for (size_t x = 0; x < width; x++) {
            uint32_t raw = 0;
            value_to_raw(format, domain, std::clamp(values[x], domain.lo, domain.hi),
                         &raw); // holds: inside
            p[x] = uint16_t(raw);
        }
        break;
    }
    case PixelFormat::u16:
        for (size_t x = 0; x < width; x++)
            static_cast<uint16_t *>(out)[begin + x] =
                uint16_t(std::clamp(values[x] + 0.5, 0.0, 65535.0));
        break;
    case PixelFormat::u8:
    case PixelFormat::bit:
        for (size_t x = 0; x < width; x++)
            static_cast<uint8_t *>(out)[begin + x] =
                uint8_t(std::clamp(values[x] + 0.5, 0.0, 255.0));
    }
}

// Where position i of `to` reads an axis of `from` pixels.
struct Sample {
    int32_t first, second;
    double weight; // of the second
};

Sample sample(int32_t i, int32_t from, int32_t to)
{
    double s = std::clamp((i + 0.5) * from / to - 0.5, 0.0, double(from - 1));
    int32_t first = int32_t(s);
    return Sample{first, std::min(first + 1, from - 1), s - first};
}

void resize_bits(Shape shape, const uint8_t *flat, Shape to, uint8_t *out)
{
    for (int32_t y = 0; y < to.height; y++) {
        int64_t row = (2 * int64_t{y} + 1) * shape.height / (2 * int64_t{to.height});
        for (int32_t x = 0; x < to.width; x++) {
            int64_t column = (2 * int64_t{x} + 1) * shape.width / (2 * int64_t{to.width});
            *out++ = flat[row * shape.width + column];
        }
    }
}

// The pixels of an axis of `from` that position i of `to` covers, in units of 1 / to of a pixel:
// all is whole numbers.
struct Cover {
    int64_t begin, end;  // units
    int32_t first, last; // pixels, inclusive

    Cover(int32_t i, int32_t from, int32_t to)
        : begin(int64_t{i} * from), end(begin + from), first(int32_t(begin / to)),
          last(int32_t((end - 1) / to))
    {
    }
    double units_of(int32_t pixel, int32_t to) const
    {
        return double(std::min(end, (int64_t{pixel} + 1) * to) -
                      std::max(begin, int64_t{pixel} * to));
    }
};

// u8 code of a mean over the domain, given as the format's value or code.
uint8_t mean_to_u8(PixelFormat format, const Domain &domain, double mean)
{
    double code = 0;
    switch (format) {
    case PixelFormat::f32:
    case PixelFormat::f16:
        code = (mean - domain.lo) / (domain.hi - domain.lo) * 255.0;
        break;
    case PixelFormat::u8:
        code = mean;
        break;
    case PixelFormat::u16:
        code = mean / 257.0;
        break;
    case PixelFormat::bit:
        code = mean * 255.0;
    }
    return uint8_t(std::clamp(code + 0.5, 0.0, 255.0));
}

} // namespace

void resize(PixelFormat format, const Domain &domain, Shape shape, const void *flat, Shape to,
            void *out)
{
    if (format == PixelFormat::bit)
        return resize_bits(shape, static_cast<const uint8_t *>(flat), to,
                           static_cast<uint8_t *>(out));

    const size_t width = size_t(to.width);
    std::vector<Sample> columns(width);
    for (int32_t x = 0; x < to.width; x++)
        columns[size_t(x)] = sample(x, shape.width, to.width);

    std::vector<double> source(size_t(shape.width)), result(width);
    std::vector<double> upper(width),
        lower(width); // rows of the source, interpolated between columns
    int32_t upper_row = -1, lower_row = -1;
    auto expand = [&](int32_t y, std::vector<double> &row) {
        load_row(format, shape, flat, y, source.data());
        for (size_t x = 0; x < width; x++) {
            const Sample &c = columns[x];
            row[x] = (1 - c.weight) * source[size_t(c.first)] + c.weight * source[size_t(c.second)];
        }
    };
    for (int32_t y = 0; y < to.height; y++) {
        Sample r = sample(y, shape.height, to.height);
        if (r.first == lower_row) {
            upper.swap(lower);
            std::swap(upper_row, lower_row);
        }
        if (r.first != upper_row)
            expand(upper_row = r.first, upper);
        if (r.second != lower_row)
            expand(lower_row = r.second, lower);
        for (size_t x = 0; x < width; x++)
            result[x] = (1 - r.weight) * upper[x] + r.weight * lower[x];
        store_row(format, domain, result.data(), size_t(y) * width, width, out);
    }
}

void thumbnail(PixelFormat format, const Domain &domain, Shape shape, const void *flat, Shape to,
               uint8_t *out)
{
    const size_t width = size_t(to.width);
    std::vector<double> source(size_t(shape.width)), sum(width);
    std::vector<Cover> columns;
    columns.reserve(width);
    for (int32_t x = 0; x < to.width; x++)
        columns.emplace_back(x, shape.width, to.width);
    const double area =
        double(shape.width) * double(shape.height); // units of one pixel of the result
    for (int32_t y = 0; y < to.height; y++) {
        Cover rows(y, shape.height, to.height);
        std::fill(sum.begin(), sum.end(), 0.0);
        for (int32_t r = rows.first; r <= rows.last; r++) {
            load_row(format, shape, flat, r, source.data());
            double row_units = rows.units_of(r, to.height);
            for (size_t x = 0; x < width; x++) {
                double row_sum = 0;
                for (int32_t c = columns[x].first; c <= columns[x].last; c++)
                    row_sum += columns[x].units_of(c, to.width) * source[size_t(c)];
                sum[x] += row_units * row_sum;
            }
        }
        for (size_t x = 0; x < width; x++)
            *out++ = mean_to_u8(format, domain, sum[x] / area);
    }
}

} // namespace mq
