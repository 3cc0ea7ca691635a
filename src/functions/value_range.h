// The range of values that a function over pixels looks at: lv <= value < uv, or the papers' row
// (lv, uv). Errors name the function.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "access/htup_details.h"
}

namespace mq
{

struct ValueRange {
    double lv, uv;
};

// Errors: ERRCODE_INVALID_PARAMETER_VALUE unless lv <= uv, neither NaN.
void check_range(const ValueRange &range, const char *function);

// The papers' (lv, uv): a row of two numbers. False when one of them is NULL. Errors:
// ERRCODE_INVALID_PARAMETER_VALUE, ERRCODE_DATATYPE_MISMATCH for any other row.
bool row_to_range(HeapTupleHeader row, const char *function, ValueRange *range);

} // namespace mq
