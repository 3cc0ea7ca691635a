// pixel_sum: the sum of the pixel values that cp counts, exact and rounded once
// (core/base/value_sum.h).
#include "core/mask/measure/pixel_sum.h"

#include "read/tile_reader.h"
#include "functions/value_range.h"
#include "pg/guard.h"
#include "types/roi/roi.h"

using namespace mq;

static constexpr ValueRange kAllValues{-HUGE_VAL, HUGE_VAL};

namespace
{

struct SumState {
    const MaskHeader *header;
    PixelRect rect;
    OrdinalRange range;
    ValueSum *sum;
};

void add_tile(uint32_t tile, const void *pixels, void *arg)
{
    const SumState *state = static_cast<SumState *>(arg);
    PixelFormat format = state->header->format;
    PixelRect whole = state->header->tile_rect(tile), part = intersect(whole, state->rect);
    size_t stride = whole.x1 - whole.x0;
    size_t skip = (part.y0 - whole.y0) * stride + (part.x0 - whole.x0);
    sum_pixels(static_cast<const uint8_t *>(pixels) + skip * flat_pixel_size(format), stride,
               part.x1 - part.x0, part.y1 - part.y0, state->range, state->sum);
}

} // namespace

// Reads only tiles that the roi touches, whose values are not all the same and may lie in range.
static Datum sum(Datum mask, const Roi &roi, const ValueRange &range, FmgrInfo *flinfo)
{
    check_range(range, "pixel_sum");
    MaskReader reader = MaskReader::open(mask, flinfo);
    const MaskHeader &h = reader.header();
    ValueSum total(h.format, h.domain);
    SumState state{&h, clip(roi, h.width, h.height),
                   ordinal_range(h.format, h.domain, range.lv, range.uv), &total};
    if (state.rect.empty())
        PG_RETURN_FLOAT8(0);

    int32_t tx0 = state.rect.x0 / h.tile_width, tx1 = (state.rect.x1 - 1) / h.tile_width;
    int32_t ty0 = state.rect.y0 / h.tile_height, ty1 = (state.rect.y1 - 1) / h.tile_height;
    size_t touched = size_t(tx1 - tx0 + 1) * size_t(ty1 - ty0 + 1), wanted = 0;
    uint32_t *tiles = static_cast<uint32_t *>(palloc(touched * sizeof(uint32_t)));
    for (int32_t ty = ty0; ty <= ty1; ty++)
        for (int32_t tx = tx0; tx <= tx1; tx++) {
            uint32_t tile = uint32_t(ty) * h.tiles_x + tx;
            if (!sum_constant_tile(reader.directory(), tile, state.rect, state.range, &total))
                tiles[wanted++] = tile;
        }
    reader.visit_tiles(tiles, wanted, add_tile, &state);
    pfree(tiles);

    double value = total.value();
    if (std::isinf(value))
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                        errmsg("pixel_sum is out of range of double precision"),
                        errdetail("The domain of the mask is [%g, %g].", h.domain.lo, h.domain.hi),
                        errhint("Scale the values of the mask down.")));
    PG_RETURN_FLOAT8(value);
}

// pixel_sum(mask)
MQ_FUNCTION(pixel_sum_all)
{
    return sum(PG_GETARG_DATUM(0), kFullRoi, kAllValues, fcinfo->flinfo);
}

// pixel_sum(mask, roi)
MQ_FUNCTION(pixel_sum_roi_all)
{
    return sum(PG_GETARG_DATUM(0), PG_GETARG_ROI(1), kAllValues, fcinfo->flinfo);
}

// pixel_sum(mask, roi, lv, uv)
MQ_FUNCTION(pixel_sum_roi)
{
    return sum(PG_GETARG_DATUM(0), PG_GETARG_ROI(1),
               ValueRange{PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3)}, fcinfo->flinfo);
}

// pixel_sum(mask, lv, uv)
MQ_FUNCTION(pixel_sum_full)
{
    return sum(PG_GETARG_DATUM(0), kFullRoi, ValueRange{PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2)},
               fcinfo->flinfo);
}

// pixel_sum(mask, roi, (lv, uv))
MQ_FUNCTION(pixel_sum_roi_row)
{
    ValueRange range;
    if (!row_to_range(PG_GETARG_HEAPTUPLEHEADER(2), "pixel_sum", &range))
        PG_RETURN_NULL();
    return sum(PG_GETARG_DATUM(0), PG_GETARG_ROI(1), range, fcinfo->flinfo);
}
