// A span of bytes that somebody else owns, and checked little-endian access to it. Every byte from
// outside (input, stored datum, index page) is read through here.
#pragma once

#include "core/base/assert.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mq
{

// The memory must outlive the span; a span never frees.
struct Bytes {
    const uint8_t *data = nullptr;
    size_t size = 0;

    // True when [offset, offset + length) lies inside; safe against overflow of the sum.
    bool contains(size_t offset, size_t length) const
    {
        return offset <= size && length <= size - offset;
    }
    // REQUIRES: contains(offset, length).
    Bytes slice(size_t offset, size_t length) const
    {
        mq_assert(contains(offset, length));
        return Bytes{data + offset, length};
    }
};

// Unaligned little-endian loads and stores. REQUIRES: sizeof(T) bytes at p. All machines that
// PostgreSQL and this extension support here (x86-64, arm64) are little-endian; a big-endian build
// is refused at compile time.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "stored formats are little-endian");

template <typename T> inline T load_le(const uint8_t *p)
{
    T v;
    memcpy(&v, p, sizeof v);
    return v;
}
template <typename T> inline void store_le(uint8_t *p, T v)
{
    memcpy(p, &v, sizeof v);
}

// a * b and a + b in size_t; false on overflow.
inline bool checked_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}
inline bool checked_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

} // namespace mq
