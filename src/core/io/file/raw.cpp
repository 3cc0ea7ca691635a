#include "core/io/file/raw.h"

namespace mq
{

namespace
{

bool read_f32(Bytes bytes, Shape shape, const InputOptions &options, float *flat, Error &err)
{
    FloatRange range = float_range(options.domain);
    for (size_t i = 0; i < shape.pixels(); i++) {
        float v = load_le<float>(bytes.data + 4 * i);
        if (range.holds(v))
            flat[i] = v + 0.0f; // -0.0 becomes 0.0
        else if (!store_value(PixelFormat::f32, options, shape.width, double(v), i, flat, err))
            return false;
    }
    return true;
}

bool read_f16(Bytes bytes, Shape shape, const InputOptions &options, void *flat, Error &err)
{
    for (size_t i = 0; i < shape.pixels(); i++) {
        double v = double(half_to_float(load_le<uint16_t>(bytes.data + 2 * i)));
        if (!store_value(PixelFormat::f16, options, shape.width, v, i, flat, err))
            return false;
    }
    return true;
}

bool read_bits(Bytes bytes, size_t pixels, uint8_t *flat, Error &err)
{
    for (size_t i = 0; i < pixels; i++)
        flat[i] = (bytes.data[i / 8] >> (7 - i % 8)) & 1;
    // Two encodings of one mask would compare as different bytes.
    if (pixels % 8 != 0 && (bytes.data[pixels / 8] & (0xFF >> (pixels % 8))) != 0) {
        err.set(ErrorCode::invalid_binary, "bit mask has bits set after its last pixel");
        return err
            .with_detail("%zu pixels leave %zu trailing bits, which must be zero.", pixels,
                         8 - pixels % 8)
            .with_hint("Pack bits over the whole mask, most significant bit first, as "
                       "numpy.packbits does.");
    }
    return true;
}

} // namespace

size_t raw_size(PixelFormat format, Shape shape)
{
    if (format == PixelFormat::bit)
        return (shape.pixels() + 7) / 8;
    return shape.pixels() * flat_pixel_size(format);
}

bool read_raw(Bytes bytes, PixelFormat format, Shape shape, const InputOptions &options, void *flat,
              Error &err)
{
    if (!check_input_options(format, options, err))
        return false;
    if (bytes.size != raw_size(format, shape)) {
        err.set(ErrorCode::invalid_binary, "raw pixels have %zu bytes, expected %zu", bytes.size,
                raw_size(format, shape));
        err.with_detail("A mask of %d x %d pixels of format %s takes %zu bytes.", shape.width,
                        shape.height, format_name(format), raw_size(format, shape));
        if (format == PixelFormat::bit)
            return err.with_hint("Eight pixels of a bit mask share a byte; pack them with "
                                 "numpy.packbits.");
        return err.with_hint("Check width, height and format against the array that the bytes "
                             "come from.");
    }
    switch (format) {
    case PixelFormat::f32:
        return read_f32(bytes, shape, options, static_cast<float *>(flat), err);
    case PixelFormat::f16:
        return read_f16(bytes, shape, options, flat, err);
    case PixelFormat::bit:
        return read_bits(bytes, shape.pixels(), static_cast<uint8_t *>(flat), err);
    case PixelFormat::u8:
    case PixelFormat::u16:
        break; // every code is a pixel
    }
    memcpy(flat, bytes.data, bytes.size);
    return true;
}

void write_raw(PixelFormat format, Shape shape, const void *flat, uint8_t *out)
{
    size_t size = raw_size(format, shape);
    if (format != PixelFormat::bit) {
        memcpy(out, flat, size);
        return;
    }
    const uint8_t *pixels = static_cast<const uint8_t *>(flat);
    memset(out, 0, size);
    for (size_t i = 0; i < shape.pixels(); i++)
        out[i / 8] |= uint8_t(pixels[i] << (7 - i % 8));
}

} // namespace mq
