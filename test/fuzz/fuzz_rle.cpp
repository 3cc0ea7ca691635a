// COCO run lengths and polygons. The first two bytes give width and height, the third says what the
// rest is: a compressed string, integer counts or the coordinates of a polygon.
#include "core/io/shape/coco_rle.h"
#include "core/io/shape/polygon.h"
#include "fuzz.h"

using namespace mq;
using namespace mq::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    Shape shape{1 + data[0], 1 + data[1]};
    int kind = data[2] % 3;
    data += 3;
    size -= 3;
    Error err{};
    Flat flat(PixelFormat::bit, shape);
    uint8_t *pixels = static_cast<uint8_t *>(flat.data());
    bool ok;
    if (kind == 0) {
        ok = read_coco_string(reinterpret_cast<const char *>(data), size, shape, pixels, err);
    } else {
        std::vector<uint8_t> aligned(data, data + size / 8 * 8);
        if (kind == 1)
            ok = read_coco_counts(reinterpret_cast<const int64_t *>(aligned.data()),
                                  aligned.size() / 8, shape, pixels, err);
        else
            ok = fill_polygon(reinterpret_cast<const double *>(aligned.data()), aligned.size() / 8,
                              shape, pixels, err);
    }
    if (!ok) {
        require_error(err);
        return 0;
    }
    require_pixels(PixelFormat::bit, Domain{}, shape, pixels);

    std::vector<char> out(coco_string_bound(shape));
    size_t length = write_coco_string(shape, pixels, out.data());
    require(length <= out.size(), "longer than the bound");
    Flat back(PixelFormat::bit, shape);
    require(read_coco_string(out.data(), length, shape, static_cast<uint8_t *>(back.data()), err),
            "written string is refused:", err.message);
    require(back == flat, "pixels changed");
    return 0;
}
