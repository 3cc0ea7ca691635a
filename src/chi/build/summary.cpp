#include "chi/build/summary.h"

#include "pg/guard.h"

namespace mq
{

bool measure_entry(const ChiGrid &grid, const ChiBins &bins, Bytes mask, size_t *size, Error &err)
{
    MaskHeader header;
    if (!read_header(mask, &header, err))
        return false;
    if (!chi_entry_size(grid, bins, header.shape(), size, err)) {
        if (err.code != ErrorCode::too_large)
            return false;
        *size = 0;
    }
    if (*size > kMaxEntryBytes)
        *size = 0;
    return true;
}

uint8_t *make_entry(const ChiGrid &grid, const ChiBins &bins, Bytes mask, const void *flat,
                    size_t *size)
{
    size_t capacity;
    call_core([&](Error &err) { return measure_entry(grid, bins, mask, &capacity, err); });
    *size = 0;
    if (capacity == 0)
        return nullptr;

    uint8_t *entry = (uint8_t *)palloc(capacity);
    call_core([&](Error &err) {
        return chi_build_entry_decoded(mask, flat, grid, bins, entry, capacity, size, err);
    });
    return entry;
}

} // namespace mq
