// Bits of an array of bytes: bit i is bit i % 8 of byte i / 8.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mq
{

inline bool test_bit(const uint8_t *bits, size_t i)
{
    return bits[i / 8] >> (i % 8) & 1;
}

inline void set_bit(uint8_t *bits, size_t i)
{
    bits[i / 8] |= 1 << (i % 8);
}

} // namespace mq
