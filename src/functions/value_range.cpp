#include "functions/value_range.h"

#include <cmath>

extern "C" {
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/typcache.h"
}

namespace mq
{

void check_range(const ValueRange &range, const char *function)
{
    if (range.lv <= range.uv) // false for NaN
        return;
    bool nan = std::isnan(range.lv) || std::isnan(range.uv);
    ereport(
        ERROR,
        (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
         nan ? errmsg("value range of %s must not hold NaN", function)
             : errmsg("lower end of the value range of %s is above its upper end", function),
         errdetail("lv = %s, uv = %s.", float8out_internal(range.lv), float8out_internal(range.uv)),
         errhint("%s counts pixels with lv <= value < uv; leave an end open with "
                 "-infinity or infinity.",
                 function)));
}

// Converts a number of any built-in type.
static double number_to_float8(Datum value, Oid type, const char *function)
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
                    errmsg("value range of %s must be a row of two numbers", function),
                    errdetail("A field of the row is of type %s.", format_type_be(type)),
                    errhint("Write %s(mask, roi, (0.6, 1.0)), or %s(mask, roi, 0.6, 1.0).",
                            function, function)));
}

bool row_to_range(HeapTupleHeader row, const char *function, ValueRange *range)
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
                        errmsg("value range of %s must be a row of two numbers", function),
                        errdetail_plural("The row has %d field.", "The row has %d fields.", fields,
                                         fields),
                        errhint("Write %s(mask, roi, (0.6, 1.0)), or %s(mask, roi, 0.6, 1.0).",
                                function, function)));
    double ends[2];
    bool known = true;
    for (int i = 0; i < 2; i++) {
        bool isnull;
        Datum value = GetAttributeByNum(row, AttrNumber(live[i] + 1), &isnull);
        if (isnull)
            known = false;
        else
            ends[i] = number_to_float8(value, TupleDescAttr(desc, live[i])->atttypid, function);
    }
    ReleaseTupleDesc(desc);
    if (known)
        *range = ValueRange{ends[0], ends[1]};
    return known;
}

} // namespace mq
