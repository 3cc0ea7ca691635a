// cp: the number of pixels of a mask inside a roi whose value lies in a range (paper section 2.1,
// CP).
#include "read/tile_reader.h"
#include "functions/value_range.h"
#include "pg/guard.h"
#include "types/roi/roi.h"

using namespace mq;

static Datum count(Datum mask, const Roi &roi, const ValueRange &range, FmgrInfo *flinfo)
{
    check_range(range, "cp");
    PG_RETURN_FLOAT8(double(MaskReader::open(mask, flinfo).count(roi, range.lv, range.uv)));
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
    if (!row_to_range(PG_GETARG_HEAPTUPLEHEADER(2), "cp", &range))
        PG_RETURN_NULL();
    return count(PG_GETARG_DATUM(0), PG_GETARG_ROI(1), range, fcinfo->flinfo);
}

// cp(mask, (lv, uv))
MQ_FUNCTION(cp_full_row)
{
    ValueRange range;
    if (!row_to_range(PG_GETARG_HEAPTUPLEHEADER(1), "cp", &range))
        PG_RETURN_NULL();
    return count(PG_GETARG_DATUM(0), kFullRoi, range, fcinfo->flinfo);
}
