// cp: the number of pixels of a mask inside a roi whose value lies in a range (paper section 2.1,
// CP).
#include "cp/tile_reader.h"
#include "pg/guard.h"
#include "roi/roi.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/float.h"
#include "utils/typcache.h"
}

using namespace mq;

struct ValueRange {
    double lv, uv;
};

static void check_range(const ValueRange &range)
{
    if (range.lv <= range.uv) // false for NaN
        return;
    bool nan = std::isnan(range.lv) || std::isnan(range.uv);
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    nan ? errmsg("value range of cp must not hold NaN")
                        : errmsg("lower end of the value range of cp is above its upper end"),
                    errdetail("lv = %s, uv = %s.", float8out_internal(range.lv),
                              float8out_internal(range.uv)),
                    errhint("cp counts pixels with lv <= value < uv; leave an end open with "
                            "-infinity or infinity.")));
}

static Datum count(Datum mask, const Roi &roi, const ValueRange &range, FmgrInfo *flinfo)
{
    check_range(range);
    PG_RETURN_FLOAT8(double(MaskReader::open(mask, flinfo).count(roi, range.lv, range.uv)));
}

// Converts a number of any built-in type.
static double number_to_float8(Datum value, Oid type)
{
    switch (type) {
    case FLOAT8OID:
        return DatumGetFloat8(value);
    case FLOAT4OID:
        return DatumGetFloat4(value);
    case NUMERICOID:
        return DatumGetFloat8(DirectFunctionCall1(numeric_float8, value));
    case INT2OID:
        return DatumGetInt16(value);
    case INT4OID:
        return DatumGetInt32(value);
    case INT8OID:
        return double(DatumGetInt64(value));
    }
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("value range of cp must be a row of two numbers"),
                    errdetail("A field of the row is of type %s.", format_type_be(type)),
                    errhint("Write cp(mask, roi, (0.6, 1.0)), or cp(mask, roi, 0.6, 1.0).")));
}

// The papers' (lv, uv): a row of two numbers. False when one of them is NULL.
static bool row_to_range(HeapTupleHeader row, ValueRange *range)
{
    TupleDesc desc =
        lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(row), HeapTupleHeaderGetTypMod(row));
    int live[2], fields = 0;
    for (int i = 0; i < desc->natts; i++) {
        if (TupleDescAttr(desc, i)->attisdropped)
            continue;
        if (fields < 2)
            live[fields] = i;
        fields++;
    }
    if (fields != 2)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("value range of cp must be a row of two numbers"),
                        errdetail_plural("The row has %d field.", "The row has %d fields.", fields,
                                         fields),
                        errhint("Write cp(mask, roi, (0.6, 1.0)), or cp(mask, roi, 0.6, 1.0).")));
    double ends[2];
    bool known = true;
    for (int i = 0; i < 2; i++) {
        bool isnull;
        Datum value = GetAttributeByNum(row, AttrNumber(live[i] + 1), &isnull);
        if (isnull)
            known = false;
        else
            ends[i] = number_to_float8(value, TupleDescAttr(desc, live[i])->atttypid);
    }
    ReleaseTupleDesc(desc);
    if (known)
        *range = ValueRange{ends[0], ends[1]};
    return known;
}

// cp(mask, roi, lv, uv)
MQ_FUNCTION(cp_roi)
{
    return count(PG_GETARG_DATUM(0), PG_GETARG_ROI(1),
                 ValueRange{PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3)}, fcinfo->flinfo);
}

// cp(mask, lv, uv)
MQ_FUNCTION(cp_full)
{
    return count(PG_GETARG_DATUM(0), kFullRoi, ValueRange{PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2)},
                 fcinfo->flinfo);
}

// cp(mask, roi, (lv, uv))
MQ_FUNCTION(cp_roi_row)
{
    ValueRange range;
    if (!row_to_range(PG_GETARG_HEAPTUPLEHEADER(2), &range))
        PG_RETURN_NULL();
    return count(PG_GETARG_DATUM(0), PG_GETARG_ROI(1), range, fcinfo->flinfo);
}

// cp(mask, (lv, uv))
MQ_FUNCTION(cp_full_row)
{
    ValueRange range;
    if (!row_to_range(PG_GETARG_HEAPTUPLEHEADER(1), &range))
        PG_RETURN_NULL();
    return count(PG_GETARG_DATUM(0), kFullRoi, range, fcinfo->flinfo);
}
