// PNG files: decode, encode, decode. Check sums are repaired first, or nearly every change would
// end at one.
#include "../unit/png_crc.h"
#include "core/io/file/png.h"
#include "fuzz.h"

using namespace mq;
using namespace mq::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    std::vector<uint8_t> repaired(data, data + size);
    test::repair_png(repaired.data(), size);
    Bytes file{repaired.data(), size};
    Error err{};
    PngHeader header;
    if (!read_png_header(file, &header, err)) {
        require_error(err);
        return 0;
    }
    Flat flat(header.format, header.shape);
    if (flat.data() == nullptr)
        return 0;
    if (!read_png_pixels(file, header, flat.data(), err)) {
        require_error(err);
        return 0;
    }

    size_t length = 0;
    std::vector<uint8_t> out(png_bound(header.format, header.shape, Colormap::none));
    require(write_png(header.format, Domain{}, header.shape, flat.data(), Colormap::none,
                      out.data(), out.size(), &length, err),
            "could not write:", err.message);
    PngHeader again;
    Bytes written{out.data(), length};
    Flat back(header.format, header.shape);
    require(read_png_header(written, &again, err), "written header is refused:", err.message);
    require(again.format == header.format && again.shape == header.shape, "header changed");
    require(read_png_pixels(written, again, back.data(), err),
            "written pixels are refused:", err.message);
    require(back == flat, "pixels changed");
    return 0;
}
