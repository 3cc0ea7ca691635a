// Any bytes as a stored mask: reading ends well or in an Error, and what decodes is consistent with
// what is counted.
#include <cstdlib>
#include <vector>

#include "core/chi/entry.h"
#include "core/mask/codec.h"
#include "core/mask/measure/count.h"

using namespace mq;

// Larger masks only cost time.
constexpr size_t kMaxPixels = 1 << 16;

static void require(bool condition)
{
    if (!condition)
        abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Bytes value{data, size};
    Error err;
    MaskHeader h;
    if (!read_header(value, &h, err) || h.shape().pixels() > kMaxPixels)
        return 0;
    std::vector<uint64_t> flat(h.shape().pixels() * flat_pixel_size(h.format) / 8 + 1);
    bool sound = decode_mask(value, flat.data(), err);

    Roi roi{2, 3, h.width, h.height - 1};
    double lv = h.domain.lo + (h.domain.hi - h.domain.lo) * 0.3, uv = h.domain.hi;
    uint64_t count = 0;
    bool counted =
        roi.y1 <= roi.y2 && roi.x1 <= roi.x2 && count_mask(value, roi, lv, uv, &count, err);
    require(!counted || count <= h.shape().pixels());

    ChiGrid grid;
    ChiBins bins;
    equi_width_bins(h.domain.lo, h.domain.hi, 9, &bins);
    size_t entry_size = 0, built = 0;
    require(chi_entry_size(grid, bins, h.shape(), &entry_size, err));
    std::vector<uint8_t> entry(entry_size), flat_entry(entry_size);
    bool indexed = chi_build_entry(value, grid, bins, entry.data(), entry.size(), &built, err);
    if (!sound)
        return 0;

    // A sound mask counts as its flat pixels do, and encodes again.
    require(indexed);
    PixelRect r = clip(roi, h.width, h.height);
    size_t first = size_t(r.y0) * h.width + r.x0;
    if (counted)
        require(count == count_pixels(h.format,
                                      reinterpret_cast<uint8_t *>(flat.data()) +
                                          first * flat_pixel_size(h.format),
                                      size_t(h.width), r.x1 - r.x0, r.y1 - r.y0,
                                      ordinal_range(h.format, h.domain, lv, uv)));
    require(chi_build_entry_flat(flat.data(), h.format, h.shape(), h.domain, grid, bins,
                                 flat_entry.data(), flat_entry.size(), &built, err));
    require(entry == flat_entry);
    std::vector<uint8_t> again(encode_bound(h.format, h.shape()));
    size_t again_size;
    require(encode_mask(flat.data(), h.format, h.shape(), h.domain, again.data(), again.size(),
                        &again_size, err));
    std::vector<uint64_t> flat_again(flat.size());
    require(decode_mask(Bytes{again.data(), again_size}, flat_again.data(), err));
    require(flat == flat_again);
    return 0;
}
