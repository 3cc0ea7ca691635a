// How the core reports expected failures (bad bytes, a value out of its domain): a function that
// can fail returns false and fills an Error. The glue turns it into ereport(ERROR) after every C++
// frame is gone.
//
// Error owns no memory and has no destructor, so a PostgreSQL error may longjmp over it.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <cstdio>

namespace mq
{

// The SQLSTATE each code becomes stands beside it; src/pg/guard.cpp holds the mapping.
enum class ErrorCode : uint8_t {
    invalid_text,      // 22P02 malformed text representation
    invalid_binary,    // 22P03 malformed binary representation (send/recv, npy, png, raw)
    out_of_range,      // 22003 a pixel value or count outside its domain, NaN
    invalid_parameter, // 22023 an argument that makes no sense (lv > uv, an unknown name)
    shape_mismatch,    // 2202E ragged rows, two shapes that have to agree
    too_large,         // 54000 beyond a documented limit
    unsupported,       // 0A000 well-formed, but not supported
    corrupted,         // XX001 stored bytes that fail their checks
    index_corrupted,   // XX002 index bytes that fail their checks
    out_of_memory,     // 53200
    internal,          // XX000 cannot happen
};

struct Error {
    ErrorCode code;
    char message[256]; // primary message: lower case, no full stop
    char detail[256];  // full sentence, or empty
    char hint[256];    // full sentence, or empty

    // Fills the primary message, clears detail and hint. Always returns false, so that a check
    // reads `return err.set(...)`.
    __attribute__((format(printf, 3, 4))) bool set(ErrorCode c, const char *fmt, ...)
    {
        va_list ap;
        va_start(ap, fmt);
        code = c;
        detail[0] = hint[0] = '\0';
        vsnprintf(message, sizeof message, fmt, ap);
        va_end(ap);
        return false;
    }
    __attribute__((format(printf, 2, 3))) Error &with_detail(const char *fmt, ...)
    {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(detail, sizeof detail, fmt, ap);
        va_end(ap);
        return *this;
    }
    __attribute__((format(printf, 2, 3))) bool with_hint(const char *fmt, ...)
    {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(hint, sizeof hint, fmt, ap);
        va_end(ap);
        return false;
    }
};

} // namespace mq
