// Where guard and cp meet: the guard knows the row and not the bytes of its mask, cp the bytes and
// not the row.
#pragma once

#include "learn/touched.h"

namespace mq
{

// A row whose mask is about to be read, to be learnt. A mask is recognised by its TOAST pointer, or
// by its bytes when it lies in the tuple: an address would not do, since the next row may lie at
// the same one.
struct Announced {
    bool open;
    IndexFile file;
    ItemPointerData root;
    bool external;
    struct varatt_external pointer;
    size_t inline_size;
    char inline_bytes[BLCKSZ];
};

// Forgotten when a few others follow before the mask is read.
void announce(const IndexFile &file, const ItemPointerData *root, const struct varlena *stored);

// The announcement of a mask; null when there is none. The finder closes it (open = false).
Announced *find_announced(const struct varlena *stored);

// The same for masks whose TOAST value is not to be noted when cp reads it, because a guard has
// seen to their row.
void note_judged(const struct varlena *stored);
bool was_judged(const struct varatt_external &pointer);
void forget_judged(); // the statement has ended

} // namespace mq
