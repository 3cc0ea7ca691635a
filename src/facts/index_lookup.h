// The chi index of a column.
#pragma once

#include "pg/pg.h"

namespace mq
{

// OID of a chi index on the named column of a relation, InvalidOid when there is none. The caller
// holds a lock on the relation. With `usable`, only an index that this transaction may rely on:
// valid, and not built over HOT chains that a snapshot of ours could still see broken
// (indcheckxmin).
Oid find_chi_index(Oid relid, const char *column, bool usable);

// The same for a table or any of its partitions or inheritance children.
bool has_chi_index(Oid relid, const char *column, bool include_children);

} // namespace mq
