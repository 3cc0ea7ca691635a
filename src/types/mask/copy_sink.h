// What wants the masks of a COPY while their pixels are at hand.
//
// COPY reads up to 1,000 rows before it feeds their indexes with them. What an index makes of a
// mask would then begin with decoding what was encoded a moment before.
#pragma once

#include "core/base/bytes.h"
#include "types/mask/mask.h"

namespace mq
{

// Told of each mask that one input function of a COPY makes. take: null when they are not wanted.
struct CopySink {
    void (*take)(const CopySink &sink, Bytes encoded, const FlatMask &flat);
    void *arg;
};

// Asked once for every input function of a statement; what it allocates in the context lives as
// long as the statement. Set by src/chi when the library is loaded.
extern CopySink (*find_copy_sink)(MemoryContext context);

} // namespace mq
