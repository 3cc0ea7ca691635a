// Reading a value whose TOAST rows may be removed meanwhile.
#pragma once

#include "pg/pg.h"

namespace mq
{

// The detoasted value in the current memory context, or null when part of it is not there any more.
//
// The server's own detoasting takes missing TOAST rows for corruption, rightly so where
// a snapshot keeps them. The snapshot of a VACUUM does not: other backends ignore it when
// deciding what may be removed. REQUIRES: a value stored in a heap table.
struct varlena *detoast_if_there(Datum value);

} // namespace mq
