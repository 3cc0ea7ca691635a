// Text of masks: parse, print, parse.
#include "core/io/text/text.h"
#include "fuzz.h"

using namespace mq;
using namespace mq::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = reinterpret_cast<const char *>(data);
    Error err{};
    MaskTextHeader header;
    if (!scan_mask_text(text, size, &header, err)) {
        require_error(err);
        return 0;
    }
    Flat flat(header.format, header.shape);
    if (flat.data() == nullptr)
        return 0;
    if (!parse_mask_text(text, size, header, flat.data(), err)) {
        require_error(err);
        return 0;
    }
    require_pixels(header.format, header.domain, header.shape, flat.data());

    std::vector<char> out(mask_text_bound(header.format, header.shape));
    size_t length =
        print_mask_text(header.format, header.domain, header.shape, flat.data(), out.data());
    require(length <= out.size(), "longer than the bound");
    out.resize(length);
    out.shrink_to_fit();
    MaskTextHeader again;
    require(scan_mask_text(out.data(), length, &again, err),
            "printed text is refused:", err.message);
    require(again.format == header.format && again.domain == header.domain &&
                again.shape == header.shape,
            "header changed");
    Flat back(again.format, again.shape);
    require(parse_mask_text(out.data(), length, again, back.data(), err),
            "printed pixels are refused:", err.message);
    require(back == flat, "pixels changed");
    return 0;
}
