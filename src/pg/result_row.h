// The row that a function of ours returns.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "access/tupdesc.h"
}

namespace mq
{

// The row type that the call's function was declared to return, after a check that it has as many
// columns as this library fills in: an extension whose script is of another version than the
// library declares others. Errors: ERRCODE_DATATYPE_MISMATCH.
TupleDesc result_row(FunctionCallInfo fcinfo, int columns);

} // namespace mq
