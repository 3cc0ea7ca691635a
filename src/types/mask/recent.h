// The pixels of the masks encoded last, for the index entries that are made of them right after.
//
// INSERT hands a chi index the very value that a function encoded a moment before, and a third of
// the cost of its entry would be to decode it again. So encoded masks are remembered with their
// pixels, a few at a time, once an index has asked for them; a session that fills no index
// remembers nothing.
//
// COPY has a way of its own, copy_sink.h: it knows its index when it encodes a mask, and comes back
// to it after 1,000 others, too many for their pixels to be kept. An INSERT knows neither index nor
// whether the mask will be stored or is the argument of another function, so that making an entry
// at once would often be in vain.
#pragma once

#include "core/base/bytes.h"
#include "types/mask/mask.h"

namespace mq
{

// Notes that these bytes were encoded from these pixels. Copies both, if an index is interested.
void remember_mask(Bytes encoded, const FlatMask &flat);

// The pixels of a mask, when it is one of those encoded last (compared byte by byte). They live
// until the next call into this module. Asking is what turns remembering on.
bool recall_mask(Bytes encoded, FlatMask *flat);

} // namespace mq
