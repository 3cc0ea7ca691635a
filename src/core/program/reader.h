// Walks the prefix-order bytes of a program. open_program() has checked every length, so reads need
// no check.
#pragma once

#include "core/program/program.h"

namespace mq
{

struct CodeReader {
    const uint8_t *p;

    uint8_t u8() { return *p++; }
    template <typename T> T le()
    {
        T v = load_le<T>(p);
        p += sizeof(T);
        return v;
    }
    ProgramOp op() { return static_cast<ProgramOp>(u8()); }
};

} // namespace mq
