// From a stored mask to the bytes of its entry.
#pragma once

#include "store/page/page.h"
#include "core/chi/entry.h"

namespace mq
{

// Bytes needed for the entry of a stored mask, 0 when it would pass kMaxEntryBytes (the row is
// marked as oversized then). Pure. Errors: corrupted.
bool measure_entry(const ChiGrid &grid, const ChiBins &bins, Bytes mask, size_t *size, Error &err);

// The entry in a palloc'd buffer; null, and *size = 0, when it would be too large. flat: the mask's
// pixels, when they are at hand, or null. Errors as ereport.
uint8_t *make_entry(const ChiGrid &grid, const ChiBins &bins, Bytes mask, const void *flat,
                    size_t *size);

// A detoasted mask as the core sees it. The bytes live as long as the datum.
inline Bytes mask_bytes(const struct varlena *mask)
{
    return Bytes{(const uint8_t *)VARDATA_ANY(mask), VARSIZE_ANY_EXHDR(mask)};
}

} // namespace mq
