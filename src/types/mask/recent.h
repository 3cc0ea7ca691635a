// The pixels of the masks encoded last, for whoever needs them right after.
//
// COPY and INSERT hand a chi index the very value that an input function encoded a moment before,
// and half the cost of its entry would be to decode it again. So encoded masks are remembered with
// their pixels, a few at a time, once somebody has asked for them; a session that fills no index
// remembers nothing.
#pragma once

#include "core/base/bytes.h"
#include "types/mask/mask.h"

namespace mq
{

// Notes that these bytes were encoded from these pixels. Copies both, if anybody is interested.
void remember_mask(Bytes encoded, const FlatMask &flat);

// The pixels of a mask, when it is one of those encoded last (compared byte by byte). They live
// until the next call into this module. Asking is what turns remembering on.
bool recall_mask(Bytes encoded, FlatMask *flat);

} // namespace mq
