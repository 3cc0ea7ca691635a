// Aggregates over masks that their owners have declared to be monotone: what
// maskquery_monotone_aggregate() keeps in the extension's table.
#pragma once

#include "pg/pg.h"

namespace mq
{

// Is the declaration of the aggregate in force? *claims: the table of declarations, in the schema
// of the mask type; InvalidOid when there is none (an older script version).
bool is_declared_monotone(Oid aggfnoid, Oid mask_type, Oid *claims);

} // namespace mq
