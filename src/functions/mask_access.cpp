// Shape, header, single pixels, histogram and thumbnail of a mask.
#include "core/mask/ops/ops.h"
#include "read/tile_reader.h"
#include "types/mask/mask.h"
#include "pg/guard.h"
#include "pg/result_row.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
}

using namespace mq;

MQ_FUNCTION(mask_width)
{
    size_t size;
    PG_RETURN_INT32(datum_get_header(PG_GETARG_DATUM(0), &size).width);
}

MQ_FUNCTION(mask_height)
{
    size_t size;
    PG_RETURN_INT32(datum_get_header(PG_GETARG_DATUM(0), &size).height);
}

MQ_FUNCTION(mask_domain)
{
    size_t size;
    Domain domain = datum_get_header(PG_GETARG_DATUM(0), &size).domain;
    Datum ends[] = {Float8GetDatum(domain.lo), Float8GetDatum(domain.hi)};
    PG_RETURN_ARRAYTYPE_P(
        construct_array(ends, 2, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

// mask_info(mask): width, height, format, lo, hi, bytes, tile_width, tile_height, tiles
MQ_FUNCTION(mask_info)
{
    size_t size;
    MaskHeader h = datum_get_header(PG_GETARG_DATUM(0), &size);
    Datum values[] = {Int32GetDatum(h.width),
                      Int32GetDatum(h.height),
                      CStringGetTextDatum(format_name(h.format)),
                      Float8GetDatum(h.domain.lo),
                      Float8GetDatum(h.domain.hi),
                      Int64GetDatum(int64(size)),
                      Int32GetDatum(h.tile_width),
                      Int32GetDatum(h.tile_height),
                      Int32GetDatum(int32(h.tiles()))};
    bool nulls[lengthof(values)] = {};
    TupleDesc row = result_row(fcinfo, lengthof(values));
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(row, values, nulls)));
}

// pixel(mask, x, y), 1-based. As real: the value itself for f32, f16 and bit, the nearest real for
// u8 and u16, as in the cast to real[].
MQ_FUNCTION(mask_pixel)
{
    int32 x = PG_GETARG_INT32(1), y = PG_GETARG_INT32(2);
    MaskReader reader = MaskReader::open(PG_GETARG_DATUM(0), fcinfo->flinfo);
    const MaskHeader &h = reader.header();
    if (x < 1 || x > h.width || y < 1 || y > h.height)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("pixel (%d,%d) lies outside the mask", x, y),
                        errdetail("The mask measures %d x %d pixels.", h.width, h.height),
                        errhint("Pixels count from 1: x from 1 to width, y from 1 to height.")));
    PG_RETURN_FLOAT4(float4(reader.pixel(x - 1, y - 1)));
}

MQ_FUNCTION(mask_histogram)
{
    int32 bins = PG_GETARG_INT32(1);
    if (bins < 1 || bins > kMaxHistogramBins)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("number of histogram bins is out of range: %d", bins),
                        errhint("Ask for 1 to %d bins.", kMaxHistogramBins)));
    FlatMask flat = datum_load_flat(PG_GETARG_DATUM(0));
    uint64_t *counts = static_cast<uint64_t *>(palloc(bins * sizeof(uint64_t)));
    call_core([&](Error &err) {
        return histogram(flat.format, flat.domain, flat.shape.pixels(), flat.pixels, bins, counts,
                         err);
    });
    Datum *values = static_cast<Datum *>(palloc(bins * sizeof(Datum)));
    for (int32 i = 0; i < bins; i++)
        values[i] = Int64GetDatum(int64(counts[i]));
    PG_RETURN_ARRAYTYPE_P(
        construct_array(values, bins, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

MQ_FUNCTION(mask_thumbnail)
{
    int32 width = PG_GETARG_INT32(1), height = PG_GETARG_INT32(2);
    call_core([&](Error &err) { return check_shape(width, height, err); });
    FlatMask flat = datum_get_flat(PG_GETARG_DATUM(0));
    FlatMask small = make_flat(PixelFormat::u8, Shape{width, height}, flat.domain);
    call_core([&](Error &) {
        thumbnail(flat.format, flat.domain, flat.shape, flat.pixels, small.shape,
                  static_cast<uint8_t *>(small.pixels));
        return true;
    });
    return flat_get_datum(small);
}
