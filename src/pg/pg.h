// PostgreSQL's headers for every glue file, in the one order that works from C++: standard headers
// first, then postgres.h. PostgreSQL's macros (Min, Max, Abs, gettext) bite C++ headers that come
// later, so a glue file includes standard and core headers first and this one after them; further
// PostgreSQL headers follow in an extern "C" block.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

extern "C" {
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#if __has_include("varatt.h") // since 16; postgres.h had it
#include "varatt.h"
#endif
}
