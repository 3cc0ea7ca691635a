// roi: input, output, constructors and casts.
#include "core/io/text/roi_text.h"
#include "pg/guard.h"
#include "types/roi/roi.h"

extern "C" {
#include "libpq/pqformat.h"
#include "utils/float.h"
#include "utils/geo_decls.h"
}

using namespace mq;

static Datum checked_roi(int64 x1, int64 y1, int64 x2, int64 y2)
{
    Roi r;
    call_core([&](Error &err) { return make_roi(x1, y1, x2, y2, &r, err); });
    return roi_get_datum(r);
}

// A rounded float8 coordinate as an integer. Infinities, NaN and numbers far outside int4 are
// refused here, where the cast to int64 would be undefined; make_roi checks the rest.
static int64 whole_coordinate(double v)
{
    if (!(std::fabs(v) <= 1e15))
        ereport(
            ERROR,
            (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("roi corner out of range"),
             errdetail("%s does not lie in %d to %d.", float8out_internal(v), INT32_MIN, INT32_MAX),
             errhint("Use 'full' for a region that covers any mask.")));
    return int64(v);
}

MQ_FUNCTION(roi_in)
{
    const char *s = PG_GETARG_CSTRING(0);
    Roi r;
    if (!call_core_soft(fcinfo->context,
                        [&](Error &err) { return parse_roi(s, strlen(s), &r, err); }))
        PG_RETURN_NULL();
    return roi_get_datum(r);
}

MQ_FUNCTION(roi_out)
{
    char *s = static_cast<char *>(palloc(kRoiTextSize));
    format_roi(PG_GETARG_ROI(0), s);
    PG_RETURN_CSTRING(s);
}

MQ_FUNCTION(roi_recv)
{
    StringInfo buf = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
    int32 c[4];
    for (int32 &v : c)
        v = int32(pq_getmsgint(buf, 4));
    return checked_roi(c[0], c[1], c[2], c[3]);
}

MQ_FUNCTION(roi_send)
{
    const Roi &r = PG_GETARG_ROI(0);
    StringInfoData buf;
    pq_begintypsend(&buf);
    for (int32 v : {r.x1, r.y1, r.x2, r.y2})
        pq_sendint32(&buf, v);
    PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

// roi(x1, y1, x2, y2)
MQ_FUNCTION(roi_make)
{
    return checked_roi(PG_GETARG_INT32(0), PG_GETARG_INT32(1), PG_GETARG_INT32(2),
                       PG_GETARG_INT32(3));
}

// The pixels that the 0-based continuous box [left, right) x [top, bottom) covers or touches:
// whole-numbered boxes map exactly, others grow to whole pixels.
static Datum covering_roi(double left, double top, double right, double bottom)
{
    if (!(left < right && top < bottom)) {
        bool x = !(left < right);
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("box covers no pixels"),
                        errdetail("It spans %s from %s to %s.", x ? "x" : "y",
                                  float8out_internal(x ? left : top),
                                  float8out_internal(x ? right : bottom)),
                        errhint("Width and height of a box must be positive.")));
    }
    return checked_roi(whole_coordinate(std::floor(left)) + 1,
                       whole_coordinate(std::floor(top)) + 1, whole_coordinate(std::ceil(right)),
                       whole_coordinate(std::ceil(bottom)));
}

MQ_FUNCTION(roi_xywh)
{
    double x = PG_GETARG_FLOAT8(0), y = PG_GETARG_FLOAT8(1);
    return covering_roi(x, y, x + PG_GETARG_FLOAT8(2), y + PG_GETARG_FLOAT8(3));
}

MQ_FUNCTION(roi_xyxy)
{
    return covering_roi(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
                        PG_GETARG_FLOAT8(3));
}

// Ends of pixel range first..last (1-based, inclusive) on a side of `from` pixels, scaled to `to`
// pixels: the pixels that the scaled range covers or touches. Exact in integers: at most 2^31 *
// 2^31.
static void scale_range(int32 first, int32 last, int32 from, int32 to, int64 *out_first,
                        int64 *out_last)
{
    int64 begin = (int64{first} - 1) * to, end = int64{last} * to;
    int64 floor_begin = begin / from - (begin % from < 0);
    int64 ceil_end = end / from + (end % from > 0);
    *out_first = floor_begin + 1;
    *out_last = ceil_end;
}

MQ_FUNCTION(roi_scale)
{
    const Roi &r = PG_GETARG_ROI(0);
    static const char *const names[] = {"from_width", "from_height", "to_width", "to_height"};
    int32 size[4];
    for (int i = 0; i < 4; i++) {
        size[i] = PG_GETARG_INT32(i + 1);
        if (size[i] < 1)
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("%s must be positive, not %d", names[i], size[i]),
                            errhint("Give width and height of the image that the roi was made on, "
                                    "then those of the "
                                    "mask.")));
    }
    if (is_full(r))
        return roi_get_datum(r);
    int64 x1, y1, x2, y2;
    scale_range(r.x1, r.x2, size[0], size[2], &x1, &x2);
    scale_range(r.y1, r.y2, size[1], size[3], &y1, &y2);
    return checked_roi(x1, y1, x2, y2);
}

// A box has its corners in any order and its y axis has no direction; roi numbers them 1-based and
// inclusive, both the same as in the papers' ((x1,y1),(x2,y2)). Fractions grow to whole pixels.
MQ_FUNCTION(box_to_roi)
{
    const BOX *b = PG_GETARG_BOX_P(0);
    return checked_roi(
        whole_coordinate(std::floor(b->low.x)), whole_coordinate(std::floor(b->low.y)),
        whole_coordinate(std::ceil(b->high.x)), whole_coordinate(std::ceil(b->high.y)));
}

MQ_FUNCTION(roi_to_box)
{
    const Roi &r = PG_GETARG_ROI(0);
    BOX *b = static_cast<BOX *>(palloc(sizeof(BOX)));
    b->low.x = r.x1;
    b->low.y = r.y1;
    b->high.x = r.x2;
    b->high.y = r.y2;
    PG_RETURN_BOX_P(b);
}
