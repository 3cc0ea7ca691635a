// Operators on masks: comparison with a value, pixel-wise and, or and not, equality, crop and
// resize.
#include "core/mask/ops/ops.h"
#include "types/mask/mask.h"
#include "pg/guard.h"
#include "types/roi/roi.h"

using namespace mq;

static Datum compare(Datum mask, Comparison comparison, double t)
{
    if (std::isnan(t))
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("cannot compare a mask with NaN"),
                 errhint("Pixels are never NaN; compare with a number or an infinity.")));
    FlatMask flat = datum_load_flat(mask);
    FlatMask out = make_flat(PixelFormat::bit, flat.shape, Domain{});
    call_core([&](Error &err) {
        return threshold(flat.format, flat.domain, flat.shape.pixels(), flat.pixels, comparison, t,
                         static_cast<uint8_t *>(out.pixels), err);
    });
    return flat_get_datum(out);
}

MQ_FUNCTION(mask_gt)
{
    return compare(PG_GETARG_DATUM(0), Comparison::gt, PG_GETARG_FLOAT8(1));
}
MQ_FUNCTION(mask_ge)
{
    return compare(PG_GETARG_DATUM(0), Comparison::ge, PG_GETARG_FLOAT8(1));
}
MQ_FUNCTION(mask_lt)
{
    return compare(PG_GETARG_DATUM(0), Comparison::lt, PG_GETARG_FLOAT8(1));
}
MQ_FUNCTION(mask_le)
{
    return compare(PG_GETARG_DATUM(0), Comparison::le, PG_GETARG_FLOAT8(1));
}

// value > mask and so on: the mirrored comparison.
MQ_FUNCTION(mask_gt_commuted)
{
    return compare(PG_GETARG_DATUM(1), Comparison::lt, PG_GETARG_FLOAT8(0));
}
MQ_FUNCTION(mask_ge_commuted)
{
    return compare(PG_GETARG_DATUM(1), Comparison::le, PG_GETARG_FLOAT8(0));
}
MQ_FUNCTION(mask_lt_commuted)
{
    return compare(PG_GETARG_DATUM(1), Comparison::gt, PG_GETARG_FLOAT8(0));
}
MQ_FUNCTION(mask_le_commuted)
{
    return compare(PG_GETARG_DATUM(1), Comparison::ge, PG_GETARG_FLOAT8(0));
}

using PixelFunction = void (*)(PixelFormat, size_t, const void *, const void *, void *);

// Masks of one format keep it, others meet in f32.
static Datum combine(Datum left, Datum right, PixelFunction function)
{
    FlatMask a = datum_load_flat(left), b = datum_load_flat(right);
    check_same_space(a.shape, a.domain, b.shape, b.domain);
    if (a.format != b.format) {
        a = with_format(a, PixelFormat::f32);
        b = with_format(b, PixelFormat::f32);
    }
    call_core([&](Error &) {
        function(a.format, a.shape.pixels(), a.pixels, b.pixels, a.pixels); // in place
        return true;
    });
    return flat_get_datum(a);
}

MQ_FUNCTION(mask_and)
{
    return combine(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), pixel_min);
}
MQ_FUNCTION(mask_or)
{
    return combine(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), pixel_max);
}

MQ_FUNCTION(mask_not)
{
    FlatMask flat = datum_load_flat(PG_GETARG_DATUM(0));
    call_core([&](Error &) {
        complement(flat.format, flat.domain, flat.shape.pixels(), flat.pixels, flat.pixels);
        return true;
    });
    return flat_get_datum(flat);
}

// Headers first: masks of different shapes are told apart without their pixels.
static bool equal(Datum left, Datum right)
{
    size_t size;
    MaskHeader a = datum_get_header(left, &size), b = datum_get_header(right, &size);
    if (!(a.shape() == b.shape()) || a.format != b.format || !(a.domain == b.domain))
        return false;
    FlatMask x = datum_get_flat(left), y = datum_get_flat(right);
    return memcmp(x.pixels, y.pixels, x.size()) ==
           0; // pixels have one representation: no NaN, no -0.0
}

MQ_FUNCTION(mask_eq)
{
    PG_RETURN_BOOL(equal(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}
MQ_FUNCTION(mask_ne)
{
    PG_RETURN_BOOL(!equal(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

MQ_FUNCTION(mask_crop)
{
    const Roi &roi = PG_GETARG_ROI(1);
    FlatMask flat = datum_get_flat(PG_GETARG_DATUM(0));
    PixelRect rect = clip(roi, flat.shape.width, flat.shape.height);
    if (rect.empty())
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("roi does not touch the mask"),
                 errdetail("The roi is ((%d,%d),(%d,%d)), the mask measures %d x %d pixels.",
                           roi.x1, roi.y1, roi.x2, roi.y2, flat.shape.width, flat.shape.height),
                 errhint("A crop keeps the part of the roi that lies inside the mask.")));
    FlatMask out = make_flat(flat.format, Shape{rect.x1 - rect.x0, rect.y1 - rect.y0}, flat.domain);
    call_core([&](Error &) {
        crop(flat.format, flat.shape, flat.pixels, rect, out.pixels);
        return true;
    });
    return flat_get_datum(out);
}

MQ_FUNCTION(mask_resize)
{
    int32 width = PG_GETARG_INT32(1), height = PG_GETARG_INT32(2);
    call_core([&](Error &err) { return check_shape(width, height, err); });
    FlatMask flat = datum_get_flat(PG_GETARG_DATUM(0));
    FlatMask out = make_flat(flat.format, Shape{width, height}, flat.domain);
    call_core([&](Error &) {
        resize(flat.format, flat.domain, flat.shape, flat.pixels, out.shape, out.pixels);
        return true;
    });
    return flat_get_datum(out);
}
