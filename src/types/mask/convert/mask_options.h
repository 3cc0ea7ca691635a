// The optional arguments lo, hi and nan that constructors share.
#pragma once

#include "core/io/pixel_io.h"
#include "pg/pg.h"

namespace mq
{

// Domain [lo, hi] of arguments first and first + 1, 0 and 1 where they are NULL or left out. The
// core checks it.
inline Domain getarg_domain(FunctionCallInfo fcinfo, int first)
{
    Domain d;
    if (!PG_ARGISNULL(first))
        d.lo = PG_GETARG_FLOAT8(first);
    if (!PG_ARGISNULL(first + 1))
        d.hi = PG_GETARG_FLOAT8(first + 1);
    return d;
}

// The same with nan, argument first + 2: the value written instead of NaN, an error for NaN when
// NULL.
inline InputOptions getarg_options(FunctionCallInfo fcinfo, int first)
{
    InputOptions options;
    options.domain = getarg_domain(fcinfo, first);
    options.replace_nan = !PG_ARGISNULL(first + 2);
    if (options.replace_nan)
        options.nan_value = PG_GETARG_FLOAT8(first + 2);
    return options;
}

} // namespace mq
