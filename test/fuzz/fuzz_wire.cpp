// The binary form: what is read is written back as the same bytes, but for -0.0.
#include "core/io/wire.h"
#include "fuzz.h"

using namespace mq;
using namespace mq::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Error err{};
    WireHeader header;
    Bytes message{data, size};
    if (!read_wire_header(message, &header, err)) {
        require_error(err);
        return 0;
    }
    Flat flat(header.format, header.shape);
    if (flat.data() == nullptr)
        return 0;
    if (!read_wire_pixels(message, header, flat.data(), err)) {
        require_error(err);
        return 0;
    }
    require_pixels(header.format, header.domain, header.shape, flat.data());

    std::vector<uint8_t> out(wire_size(header.format, header.shape));
    require(out.size() == size, "another size");
    write_wire(header, flat.data(), out.data());
    WireHeader again;
    Bytes written{out.data(), out.size()};
    Flat back(header.format, header.shape);
    require(read_wire_header(written, &again, err), "written header is refused:", err.message);
    require(again.format == header.format && again.domain == header.domain &&
                again.shape == header.shape,
            "header changed");
    require(read_wire_pixels(written, again, back.data(), err),
            "written pixels are refused:", err.message);
    require(back == flat, "pixels changed");
    if (!is_float_format(header.format))
        require(memcmp(out.data() + kWireHeaderSize, data + kWireHeaderSize,
                       size - kWireHeaderSize) == 0,
                "bytes changed");
    return 0;
}
