// Arrays of numbers from and to masks.
#include "core/io/convert.h"
#include "types/mask/mask.h"
#include "types/mask/convert/mask_options.h"
#include "pg/guard.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
}

using namespace mq;

// A pixel cannot be NULL: an error that names the first one.
static void refuse_nulls(const ArrayType *array, int32 width)
{
    if (!array_contains_nulls(const_cast<ArrayType *>(array)))
        return;
    const bits8 *present = ARR_NULLBITMAP(array);
    int index = 0;
    while (present[index / 8] & (1 << index % 8))
        index++;
    ereport(ERROR,
            (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
             errmsg("pixel at row %d, column %d is null", index / width + 1, index % width + 1),
             errhint("Write a value of the domain instead, for example with coalesce.")));
}

// Width and height of a two-dimensional array without NULLs; an empty one is refused by
// check_shape.
static Shape array_shape(const ArrayType *array)
{
    int ndim = ARR_NDIM(array);
    if (ndim != 2 && ndim != 0)
        ereport(ERROR,
                (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                 errmsg("a mask is made of a two-dimensional array"),
                 errdetail_plural("The array has %d dimension.", "The array has %d dimensions.",
                                  ndim, ndim),
                 errhint("Give rows from top to bottom, as in ARRAY[[0.1,0.2],[0.3,0.4]].")));
    int64 height = ndim ? ARR_DIMS(array)[0] : 0, width = ndim ? ARR_DIMS(array)[1] : 0;
    call_core([&](Error &err) { return check_shape(width, height, err); });
    refuse_nulls(array, width);
    return Shape{int32_t(width), int32_t(height)};
}

template <typename Float> static const Float *array_values(const ArrayType *array)
{
    return reinterpret_cast<const Float *>(ARR_DATA_PTR(array));
}

// real[] and double precision[] differ only in the core function that reads them.
static bool read_values(const float *v, Shape shape, const InputOptions &o, void *flat, Error &err)
{
    return floats_to_flat(v, shape, PixelFormat::f32, o, flat, err);
}
static bool read_values(const double *v, Shape shape, const InputOptions &o, void *flat, Error &err)
{
    return doubles_to_flat(v, shape, PixelFormat::f32, o, flat, err);
}
static bool normalize_values(const float *v, Shape shape, const NormalizeOptions &o, float *flat,
                             Error &err)
{
    return normalize_floats(v, shape, o, flat, err);
}
static bool normalize_values(const double *v, Shape shape, const NormalizeOptions &o, float *flat,
                             Error &err)
{
    return normalize_doubles(v, shape, o, flat, err);
}

template <typename Float>
static FlatMask array_to_flat(const ArrayType *array, const InputOptions &options)
{
    FlatMask flat = make_flat(PixelFormat::f32, array_shape(array), options.domain);
    call_core([&](Error &err) {
        return read_values(array_values<Float>(array), flat.shape, options, flat.pixels, err);
    });
    return flat;
}

template <typename Float> static Datum mask_from_array(FunctionCallInfo fcinfo)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    return flat_get_datum(
        array_to_flat<Float>(PG_GETARG_ARRAYTYPE_P(0), getarg_options(fcinfo, 1)));
}

template <typename Float> static Datum cast_to_mask(FunctionCallInfo fcinfo)
{
    FlatMask flat = array_to_flat<Float>(PG_GETARG_ARRAYTYPE_P(0), InputOptions{});
    apply_typmod(&flat, PG_GETARG_INT32(1), nullptr);
    return flat_get_datum(flat);
}

template <typename Float> static Datum normalize_array(FunctionCallInfo fcinfo)
{
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
        PG_RETURN_NULL();
    const ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    NormalizeOptions options;
    options.lo = PG_GETARG_FLOAT8(1);
    options.hi = PG_GETARG_FLOAT8(2);
    options.clamp = PG_GETARG_BOOL(3);
    options.replace_nan = !PG_ARGISNULL(4);
    if (options.replace_nan)
        options.nan_value = PG_GETARG_FLOAT8(4);
    FlatMask flat = make_flat(PixelFormat::f32, array_shape(array), Domain{});
    call_core([&](Error &err) {
        return normalize_values(array_values<Float>(array), flat.shape, options,
                                static_cast<float *>(flat.pixels), err);
    });
    return flat_get_datum(flat);
}

MQ_FUNCTION(mask_from_float4_array)
{
    return mask_from_array<float>(fcinfo);
}
MQ_FUNCTION(mask_from_float8_array)
{
    return mask_from_array<double>(fcinfo);
}
MQ_FUNCTION(float4_array_to_mask)
{
    return cast_to_mask<float>(fcinfo);
}
MQ_FUNCTION(float8_array_to_mask)
{
    return cast_to_mask<double>(fcinfo);
}
MQ_FUNCTION(mask_normalize_float4)
{
    return normalize_array<float>(fcinfo);
}
MQ_FUNCTION(mask_normalize_float8)
{
    return normalize_array<double>(fcinfo);
}

MQ_FUNCTION(mask_to_float4_array)
{
    FlatMask flat = datum_get_flat(PG_GETARG_DATUM(0));
    size_t size = ARR_OVERHEAD_NONULLS(2) + flat.shape.pixels() * sizeof(float4);
    check_result_size(size, "array of the mask's pixels");
    ArrayType *array = static_cast<ArrayType *>(palloc(size));
    memset(array, 0, ARR_OVERHEAD_NONULLS(2));
    SET_VARSIZE(array, size);
    array->ndim = 2;
    array->dataoffset = 0;
    array->elemtype = FLOAT4OID;
    ARR_DIMS(array)[0] = flat.shape.height;
    ARR_DIMS(array)[1] = flat.shape.width;
    ARR_LBOUND(array)[0] = ARR_LBOUND(array)[1] = 1;
    float *values = reinterpret_cast<float *>(ARR_DATA_PTR(array));
    call_core([&](Error &) {
        flat_to_floats(flat.format, flat.domain, flat.shape, flat.pixels, values);
        return true;
    });
    PG_RETURN_ARRAYTYPE_P(array);
}
