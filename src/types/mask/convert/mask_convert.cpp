// Masks from and to what ML tools write: .npy, PNG, COCO run lengths, polygons, raw bytes.
#include "core/io/shape/coco_rle.h"
#include "core/io/file/npy.h"
#include "core/io/file/png.h"
#include "core/io/shape/polygon.h"
#include "core/io/file/raw.h"
#include "types/mask/mask.h"
#include "types/mask/convert/mask_options.h"
#include "pg/guard.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
}

using namespace mq;

static Bytes bytea_bytes(const bytea *b)
{
    return Bytes{reinterpret_cast<const uint8_t *>(VARDATA_ANY(b)), size_t(VARSIZE_ANY_EXHDR(b))};
}

static Shape checked_shape(int32 width, int32 height)
{
    call_core([&](Error &err) { return check_shape(width, height, err); });
    return Shape{width, height};
}

// Number of elements of an array of any number of dimensions, which lie row-major. NULL elements
// are an error.
static int plain_elements(const ArrayType *array, const char *what)
{
    if (array_contains_nulls(const_cast<ArrayType *>(array)))
        ereport(ERROR,
                (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not hold nulls", what),
                 errhint("Leave null elements out with array_remove(..., NULL).")));
    return ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
}

// mask_from_npy(npy, lo, hi, nan)
MQ_FUNCTION(mask_from_npy)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    Bytes file = bytea_bytes(PG_GETARG_BYTEA_PP(0));
    InputOptions options = getarg_options(fcinfo, 1);
    NpyHeader header;
    call_core([&](Error &err) { return read_npy_header(file, &header, err); });
    FlatMask flat = make_flat(header.format, header.shape, options.domain);
    call_core([&](Error &err) { return read_npy_pixels(file, header, options, flat.pixels, err); });
    return flat_get_datum(flat);
}

// mask_from_png(png, lo, hi)
MQ_FUNCTION(mask_from_png)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    Bytes file = bytea_bytes(PG_GETARG_BYTEA_PP(0));
    Domain domain = getarg_domain(fcinfo, 1);
    PngHeader header;
    call_core([&](Error &err) {
        return read_png_header(file, &header, err) && check_domain(header.format, domain, err);
    });
    FlatMask flat = make_flat(header.format, header.shape, domain);
    call_core([&](Error &err) { return read_png_pixels(file, header, flat.pixels, err); });
    return flat_get_datum(flat);
}

// mask_from_coco_rle(counts text, height, width)
MQ_FUNCTION(mask_from_coco_string)
{
    const text *counts = PG_GETARG_TEXT_PP(0);
    FlatMask flat = make_flat(PixelFormat::bit,
                              checked_shape(PG_GETARG_INT32(2), PG_GETARG_INT32(1)), Domain{});
    call_core([&](Error &err) {
        return read_coco_string(VARDATA_ANY(counts), VARSIZE_ANY_EXHDR(counts), flat.shape,
                                static_cast<uint8_t *>(flat.pixels), err);
    });
    return flat_get_datum(flat);
}

// mask_from_coco_rle(counts int[], height, width)
MQ_FUNCTION(mask_from_coco_counts)
{
    const ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    int n = plain_elements(array, "counts");
    const int32 *narrow = reinterpret_cast<const int32 *>(ARR_DATA_PTR(array));
    int64_t *counts = static_cast<int64_t *>(palloc_huge(n * sizeof(int64_t)));
    std::copy(narrow, narrow + n, counts);
    FlatMask flat = make_flat(PixelFormat::bit,
                              checked_shape(PG_GETARG_INT32(2), PG_GETARG_INT32(1)), Domain{});
    call_core([&](Error &err) {
        return read_coco_counts(counts, n, flat.shape, static_cast<uint8_t *>(flat.pixels), err);
    });
    return flat_get_datum(flat);
}

// mask_from_polygon(xy double precision[], width, height)
MQ_FUNCTION(mask_from_polygon)
{
    const ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    int n = plain_elements(array, "polygon");
    FlatMask flat = make_flat(PixelFormat::bit,
                              checked_shape(PG_GETARG_INT32(1), PG_GETARG_INT32(2)), Domain{});
    call_core([&](Error &err) {
        return fill_polygon(reinterpret_cast<const double *>(ARR_DATA_PTR(array)), n, flat.shape,
                            static_cast<uint8_t *>(flat.pixels), err);
    });
    return flat_get_datum(flat);
}

// mask_from_raw(pixels bytea, width, height, format text, lo, hi, nan)
MQ_FUNCTION(mask_from_raw)
{
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
        PG_RETURN_NULL();
    Bytes bytes = bytea_bytes(PG_GETARG_BYTEA_PP(0));
    Shape shape = checked_shape(PG_GETARG_INT32(1), PG_GETARG_INT32(2));
    const text *name = PG_GETARG_TEXT_PP(3);
    InputOptions options = getarg_options(fcinfo, 4);
    PixelFormat format;
    if (!format_from_name(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), &format))
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("invalid pixel format: \"%s\"", text_to_cstring(name)),
                        errhint("Formats are f32, f16, u8, u16 and bit.")));
    FlatMask flat = make_flat(format, shape, options.domain);
    call_core(
        [&](Error &err) { return read_raw(bytes, format, shape, options, flat.pixels, err); });
    return flat_get_datum(flat);
}

MQ_FUNCTION(mask_to_npy)
{
    FlatMask flat = datum_get_flat(PG_GETARG_DATUM(0));
    size_t size = npy_size(flat.format, flat.shape);
    check_result_size(size, ".npy file");
    bytea *result = static_cast<bytea *>(palloc(VARHDRSZ + size));
    SET_VARSIZE(result, VARHDRSZ + size);
    call_core([&](Error &) {
        write_npy(flat.format, flat.shape, flat.pixels,
                  reinterpret_cast<uint8_t *>(VARDATA(result)));
        return true;
    });
    PG_RETURN_BYTEA_P(result);
}

// mask_to_png(mask, colormap text)
MQ_FUNCTION(mask_to_png)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    Colormap colormap = Colormap::none;
    if (!PG_ARGISNULL(1)) {
        const text *name = PG_GETARG_TEXT_PP(1);
        call_core([&](Error &err) {
            return colormap_from_name(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), &colormap, err);
        });
    }
    FlatMask flat = datum_get_flat(PG_GETARG_DATUM(0));
    size_t capacity = png_bound(flat.format, flat.shape, colormap), size = 0;
    bytea *result = static_cast<bytea *>(palloc_huge(VARHDRSZ + capacity));
    call_core([&](Error &err) {
        return write_png(flat.format, flat.domain, flat.shape, flat.pixels, colormap,
                         reinterpret_cast<uint8_t *>(VARDATA(result)), capacity, &size, err);
    });
    check_result_size(size, "PNG file");
    SET_VARSIZE(result, VARHDRSZ + size);
    PG_RETURN_BYTEA_P(result);
}

MQ_FUNCTION(mask_to_coco_rle)
{
    FlatMask flat = datum_get_flat(PG_GETARG_DATUM(0));
    if (flat.format != PixelFormat::bit)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("run lengths need a mask of format bit"),
                        errdetail("The mask has format %s.", format_name(flat.format)),
                        errhint("Take a threshold first, as in mask_to_coco_rle(mask > 0.5).")));
    text *result = static_cast<text *>(palloc_huge(VARHDRSZ + coco_string_bound(flat.shape)));
    size_t size = 0;
    call_core([&](Error &) {
        size = write_coco_string(flat.shape, static_cast<const uint8_t *>(flat.pixels),
                                 VARDATA(result));
        return true;
    });
    check_result_size(size, "run lengths of the mask");
    SET_VARSIZE(result, VARHDRSZ + size);
    PG_RETURN_TEXT_P(result);
}
