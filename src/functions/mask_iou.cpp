// mask_iou and mask_iomin: how much the regions value >= threshold of two masks overlap.
#include "core/mask/measure/overlap.h"

#include "read/tile_reader.h"
#include "types/mask/mask.h"
#include "pg/guard.h"

extern "C" {
#include "utils/float.h"
}

using namespace mq;

// Rows are taken in bands of about this many pixels: masks of usual sizes are read in one go, large
// ones take little memory.
static constexpr size_t kBandPixels = size_t{1} << 20;

namespace
{

struct FillState {
    const MaskHeader *header;
    uint32_t threshold_ordinal;
    RegionRows rows;
};

void add_tile(uint32_t tile, const void *pixels, void *arg)
{
    const FillState *state = static_cast<FillState *>(arg);
    fill_tile(*state->header, tile, pixels, state->threshold_ordinal, state->rows);
}

// Brings a band of a mask's region into rows: reads only tiles whose extremes lie on both sides of
// the threshold.
void read_region(const MaskReader &reader, uint32_t threshold_ordinal, const RegionRows &rows)
{
    const MaskHeader &h = reader.header();
    uint32_t first = uint32_t(rows.y0 / h.tile_height) * h.tiles_x,
             end = uint32_t((rows.y1 - 1) / h.tile_height + 1) * h.tiles_x;
    uint32_t *tiles = static_cast<uint32_t *>(palloc((end - first) * sizeof(uint32_t)));
    size_t wanted = 0;
    for (uint32_t tile = first; tile < end; tile++)
        if (!fill_known_tile(reader.directory(), tile, threshold_ordinal, rows))
            tiles[wanted++] = tile;
    FillState state{&h, threshold_ordinal, rows};
    reader.visit_tiles(tiles, wanted, add_tile, &state);
    pfree(tiles);
}

OverlapCounts overlap(FunctionCallInfo fcinfo, const char *function)
{
    double threshold = PG_GETARG_FLOAT8(2);
    if (std::isnan(threshold))
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("threshold of %s must not be NaN", function),
                        errhint("Pixels with value >= threshold are compared; give a number or an "
                                "infinity.")));
    MaskReader a = MaskReader::open(PG_GETARG_DATUM(0), fcinfo->flinfo),
               b = MaskReader::open(PG_GETARG_DATUM(1), fcinfo->flinfo);
    const MaskHeader &ha = a.header(), &hb = b.header();
    check_same_shape(ha.shape(), hb.shape());

    // Tiles' heights are powers of two, so that the larger one cuts between tiles of both masks.
    const int32_t step = Max(ha.tile_height, hb.tile_height);
    const int32_t steps = Max(1, int32_t(kBandPixels / (size_t(step) * size_t(ha.width))));
    const int32_t band = Min(steps * step, ha.height);
    uint32_t a_ordinal = lower_ordinal(ha.format, ha.domain, threshold),
             b_ordinal = lower_ordinal(hb.format, hb.domain, threshold);
    RegionRows in_a{0, 0, ha.width,
                    static_cast<uint8_t *>(palloc_huge(size_t(band) * size_t(ha.width)))};
    RegionRows in_b = in_a;
    in_b.inside = static_cast<uint8_t *>(palloc_huge(size_t(band) * size_t(ha.width)));
    OverlapCounts counts;
    for (int32_t y = 0; y < ha.height; y += band) {
        in_a.y0 = in_b.y0 = y;
        in_a.y1 = in_b.y1 = Min(y + band, ha.height);
        read_region(a, a_ordinal, in_a);
        read_region(b, b_ordinal, in_b);
        count_overlap(in_a, in_b, &counts);
    }
    pfree(in_a.inside);
    pfree(in_b.inside);
    return counts;
}

double ratio(uint64_t part, uint64_t of)
{
    return of > 0 ? double(part) / double(of) : 0;
}

} // namespace

// mask_iou(mask, mask, threshold)
MQ_FUNCTION(mask_iou)
{
    OverlapCounts n = overlap(fcinfo, "mask_iou");
    PG_RETURN_FLOAT8(ratio(n.both, n.a + n.b - n.both));
}

// mask_iomin(mask, mask, threshold)
MQ_FUNCTION(mask_iomin)
{
    OverlapCounts n = overlap(fcinfo, "mask_iomin");
    PG_RETURN_FLOAT8(ratio(n.both, Min(n.a, n.b)));
}
