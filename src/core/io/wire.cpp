#include "core/io/wire.h"

#include "core/io/file/raw.h"

namespace mq
{

bool read_wire_header(Bytes message, WireHeader *out, Error &err)
{
    const uint8_t *p = message.data;
    if (message.size < kWireHeaderSize) {
        err.set(ErrorCode::invalid_binary, "binary mask is too short");
        return err
            .with_detail("It has %zu bytes; the header alone takes %zu.", message.size,
                         kWireHeaderSize)
            .with_hint("See docs/binary-format.md for the layout.");
    }
    if (p[0] != kWireVersion) {
        err.set(ErrorCode::invalid_binary, "binary mask has version %u, expected %u", p[0],
                kWireVersion);
        return err.with_hint("See docs/binary-format.md for the layout.");
    }
    if (!is_valid_format(p[1])) {
        err.set(ErrorCode::invalid_binary, "binary mask has unknown pixel format %u", p[1]);
        return err.with_hint("Formats are 1 (f32), 2 (f16), 3 (u8), 4 (u16) and 5 (bit).");
    }
    if (load_le<uint16_t>(p + 6) != 0) {
        err.set(ErrorCode::invalid_binary, "binary mask has reserved bytes that are not zero");
        return err.with_hint("See docs/binary-format.md for the layout.");
    }
    out->format = PixelFormat(p[1]);
    out->shape = Shape{load_le<uint16_t>(p + 2), load_le<uint16_t>(p + 4)};
    out->domain = Domain{load_le<double>(p + 8) + 0.0, load_le<double>(p + 16) + 0.0}; // no -0.0
    if (!check_shape(out->shape.width, out->shape.height, err) ||
        !check_domain(out->format, out->domain, err))
        return false;
    size_t expected = wire_size(out->format, out->shape);
    if (message.size != expected) {
        err.set(ErrorCode::invalid_binary, "binary mask has %zu bytes, expected %zu", message.size,
                expected);
        return err
            .with_detail("Its header tells of %d x %d pixels of format %s.", out->shape.width,
                         out->shape.height, format_name(out->format))
            .with_hint("See docs/binary-format.md for the layout.");
    }
    return true;
}

bool read_wire_pixels(Bytes message, const WireHeader &header, void *flat, Error &err)
{
    InputOptions options;
    options.domain = header.domain;
    Bytes pixels = message.slice(kWireHeaderSize, message.size - kWireHeaderSize);
    return read_raw(pixels, header.format, header.shape, options, flat, err);
}

size_t wire_size(PixelFormat format, Shape shape)
{
    return kWireHeaderSize + raw_size(format, shape);
}

void write_wire(const WireHeader &header, const void *flat, uint8_t *out)
{
    out[0] = kWireVersion;
    out[1] = uint8_t(header.format);
    store_le<uint16_t>(out + 2, uint16_t(header.shape.width));
    store_le<uint16_t>(out + 4, uint16_t(header.shape.height));
    store_le<uint16_t>(out + 6, 0);
    store_le<double>(out + 8, header.domain.lo);
    store_le<double>(out + 16, header.domain.hi);
    write_raw(header.format, header.shape, flat, out + kWireHeaderSize);
}

} // namespace mq
