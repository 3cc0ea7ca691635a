#include "pg/result_row.h"

extern "C" {
#include "funcapi.h"
#include "utils/lsyscache.h"
}

namespace mq
{

TupleDesc result_row(FunctionCallInfo fcinfo, int columns)
{
    TupleDesc row;
    if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "return type must be a row type");
    if (row->natts != columns)
        ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                        errmsg("function %s is declared for another version of maskquery",
                               get_func_name(fcinfo->flinfo->fn_oid)),
                        errdetail("Its rows are declared with %d columns, the library fills in %d.",
                                  row->natts, columns),
                        errhint("Update the extension with ALTER EXTENSION maskquery UPDATE.")));
    return BlessTupleDesc(row);
}

} // namespace mq
