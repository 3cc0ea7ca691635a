// The check sum of PNG chunks, to repair it after a chunk was changed on purpose.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mq::test
{

// CRC-32 of the chunk's type and data.
inline uint32_t png_crc(const uint8_t *data, size_t size)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

// Repairs the check sums of all whole chunks of a file.
inline void repair_png(uint8_t *file, size_t size)
{
    size_t at = 8; // after the signature
    while (size > at && size - at >= 12) {
        size_t length = size_t{file[at]} << 24 | size_t{file[at + 1]} << 16 |
                        size_t{file[at + 2]} << 8 | file[at + 3];
        if (length > size - at - 12)
            return;
        uint32_t crc = png_crc(file + at + 4, length + 4);
        for (size_t i = 0; i < 4; i++)
            file[at + 8 + length + i] = uint8_t(crc >> (24 - 8 * i));
        at += length + 12;
    }
}

} // namespace mq::test
