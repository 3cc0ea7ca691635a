// Text of rois: parse, print, parse.
#include "core/io/text/roi_text.h"

#include "fuzz.h"

using namespace mq;
using namespace mq::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Roi r, back;
    Error err{};
    if (!parse_roi(reinterpret_cast<const char *>(data), size, &r, err)) {
        require_error(err);
        return 0;
    }
    require(r.x1 <= r.x2 && r.y1 <= r.y2, "corners in the wrong order");
    char text[kRoiTextSize];
    format_roi(r, text);
    require(parse_roi(text, strlen(text), &back, err), "printed text is refused:", err.message);
    require(memcmp(&r, &back, sizeof r) == 0, "roi changed");
    return 0;
}
