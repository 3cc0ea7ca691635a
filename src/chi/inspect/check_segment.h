// chi_check() of one sealed segment.
#pragma once

#include "store/segment/segment_access.h"

namespace mq
{

// Verifies the segment whose first page is `block`: its head and the payload's, its pages, the line
// pointers that its rows name. Nothing happens when there is no segment, or when no slot leads to
// it (a seal or VACUUM that was cut short may leave anything of one). `s` is memory to work in.
// Errors: index_corrupted. REQUIRES: no buffer lock is held.
void check_segment(Relation index, BlockNumber block, ChiSegment *s);

} // namespace mq
