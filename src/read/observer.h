// What is told of the masks that are read, and may have more read of them than was asked for.
#pragma once

#include "core/base/bytes.h"
#include "pg/pg.h"

extern "C" {
#include "access/detoast.h"
}

namespace mq
{

// `stored` is a mask as it stands in its tuple.
struct ReadObserver {
    // A mask is about to be read from the TOAST table.
    void (*loaded)(const struct varatt_external &pointer);
    // Whether the mask that is about to be read is wanted as a whole.
    bool (*wants)(const struct varlena *stored);
    // The bytes of such a mask; they live until the call ends.
    void (*offer)(const struct varlena *stored, Bytes mask);
};

// The observer, null when there is none. Set once, when the library is loaded.
extern const ReadObserver *read_observer;

} // namespace mq
