// Tables of PostgreSQL's functions by OID.
#pragma once

#include "pg/pg.h"

namespace mq
{

// The entry of a table of structs with a member funcid; null when the function is not in it.
template <typename Entry, size_t N> const Entry *find_function(const Entry (&table)[N], Oid funcid)
{
    for (const Entry &e : table)
        if (e.funcid == funcid)
            return &e;
    return nullptr;
}

} // namespace mq
