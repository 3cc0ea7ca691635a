#include "pg/guard.h"

#include "pg/compat.h"

namespace mq
{

static int sqlstate(ErrorCode code)
{
    switch (code) {
    case ErrorCode::invalid_text:
        return ERRCODE_INVALID_TEXT_REPRESENTATION;
    case ErrorCode::invalid_binary:
        return ERRCODE_INVALID_BINARY_REPRESENTATION;
    case ErrorCode::out_of_range:
        return ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
    case ErrorCode::invalid_parameter:
        return ERRCODE_INVALID_PARAMETER_VALUE;
    case ErrorCode::shape_mismatch:
        return ERRCODE_ARRAY_SUBSCRIPT_ERROR;
    case ErrorCode::too_large:
        return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
    case ErrorCode::unsupported:
        return ERRCODE_FEATURE_NOT_SUPPORTED;
    case ErrorCode::corrupted:
        return ERRCODE_DATA_CORRUPTED;
    case ErrorCode::index_corrupted:
        return ERRCODE_INDEX_CORRUPTED;
    case ErrorCode::out_of_memory:
        return ERRCODE_OUT_OF_MEMORY;
    case ErrorCode::internal:
        break;
    }
    return ERRCODE_INTERNAL_ERROR;
}

void report_error(const Error &err)
{
    ereport(ERROR, (errcode(sqlstate(err.code)), errmsg("%s", err.message),
                    err.detail[0] ? errdetail("%s", err.detail) : 0,
                    err.hint[0] ? errhint("%s", err.hint) : 0));
    pg_unreachable();
}

void save_error(Node *escontext, const Error &err)
{
    errsave(escontext, (errcode(sqlstate(err.code)), errmsg("%s", err.message),
                        err.detail[0] ? errdetail("%s", err.detail) : 0,
                        err.hint[0] ? errhint("%s", err.hint) : 0));
}

} // namespace mq
