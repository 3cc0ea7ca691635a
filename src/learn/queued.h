// Where guard and cp meet: the guard knows the row and not the bytes of its mask, cp the bytes and
// not the row.
#pragma once

#include "learn/index_file.h"

namespace mq
{

// A row whose mask is about to be read, to be indexed then. A mask is recognised by its TOAST
// pointer, or by its bytes when it lies in the tuple: an address would not do, since the next row
// may lie at the same one.
struct QueuedMask {
    bool open;
    IndexFile file;
    ItemPointerData root;
    bool external;
    struct varatt_external pointer;
    size_t inline_size;
    char inline_bytes[BLCKSZ];
};

// Forgotten when a few others follow before the mask is read.
void queue_mask(const IndexFile &file, const ItemPointerData *root, const struct varlena *stored);

// The place of a mask in the queue; null when it has none. The finder closes it (open = false).
QueuedMask *find_queued(const struct varlena *stored);

// The same for masks whose TOAST value is not to be noted when cp reads it, because a guard was
// asked about their row.
void note_guarded(const struct varlena *stored);
bool was_guarded(const struct varatt_external &pointer);
void forget_guarded(); // the statement has ended

} // namespace mq
