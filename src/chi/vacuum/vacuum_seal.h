// VACUUM's sealing: what inserters left row-shaped, and segments that have become thin.
#pragma once

#include "store/page/page.h"

namespace mq
{

// Seals row-shaped entries in the order of their TIDs, together with the rows of segments that have
// lost more than half of theirs, or have few and neighbours to join. Returns how many pages it
// freed. VACUUM can do without: where there is no room for the segments, or a page is damaged, it
// gives up and logs why. REQUIRES: the caller is the one VACUUM of the table.
BlockNumber vacuum_seal(Relation index, BufferAccessStrategy strategy);

} // namespace mq
