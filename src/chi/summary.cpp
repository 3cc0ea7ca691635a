#include "chi/summary.h"

#include "pg/guard.h"

namespace mq
{

static bool measure_shape(const ChiGrid &grid, const ChiBins &bins, Shape shape, size_t *size,
                          Error &err)
{
    if (!chi_entry_size(grid, bins, shape, size, err)) {
        if (err.code != ErrorCode::too_large)
            return false;
        *size = 0;
    }
    if (*size > kMaxEntryBytes)
        *size = 0;
    return true;
}

bool measure_entry(const ChiGrid &grid, const ChiBins &bins, Bytes mask, size_t *size, Error &err)
{
    MaskHeader header;
    return read_header(mask, &header, err) && measure_shape(grid, bins, header.shape(), size, err);
}

// measure(&capacity, err) tells the room that build(entry, capacity, err) needs.
template <typename Measure, typename Build>
static uint8_t *measure_and_build(size_t *size, Measure measure, Build build)
{
    size_t capacity;
    call_core([&](Error &err) { return measure(&capacity, err); });
    *size = 0;
    if (capacity == 0)
        return nullptr;

    uint8_t *entry = (uint8_t *)palloc(capacity);
    call_core([&](Error &err) { return build(entry, capacity, err); });
    return entry;
}

uint8_t *make_entry(const ChiGrid &grid, const ChiBins &bins, Bytes mask, size_t *size)
{
    return measure_and_build(
        size,
        [&](size_t *capacity, Error &err) {
            return measure_entry(grid, bins, mask, capacity, err);
        },
        [&](uint8_t *entry, size_t capacity, Error &err) {
            return chi_build_entry(mask, grid, bins, entry, capacity, size, err);
        });
}

uint8_t *make_entry(const ChiGrid &grid, const ChiBins &bins, const FlatMask &flat, size_t *size)
{
    return measure_and_build(
        size,
        [&](size_t *capacity, Error &err) {
            return measure_shape(grid, bins, flat.shape, capacity, err);
        },
        [&](uint8_t *entry, size_t capacity, Error &err) {
            return chi_build_entry_flat(flat.pixels, flat.format, flat.shape, flat.domain, grid,
                                        bins, entry, capacity, size, err);
        });
}

} // namespace mq
