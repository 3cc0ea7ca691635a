// Shared by the fuzzers.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/base/error.h"
#include "core/base/pixel.h"

namespace mq::fuzz
{

// Ends the run: the contract is broken.
[[noreturn]] inline void fail(const char *what, const char *detail = "")
{
    fprintf(stderr, "contract broken: %s %s\n", what, detail);
    abort();
}

inline void require(bool ok, const char *what, const char *detail = "")
{
    if (!ok)
        fail(what, detail);
}

// A failed parse must say so: a message, and text that any database encoding can show.
inline void require_error(const Error &err)
{
    require(err.message[0] != '\0', "empty message");
    for (const char *text : {err.message, err.detail, err.hint})
        for (const char *p = text; *p; p++)
            require(*p >= ' ' && *p <= '~', "message with unprintable bytes:", text);
}

// Flat pixels, aligned, of the exact size, so that AddressSanitizer sees an access beyond. Sizes
// that would only slow fuzzing down are refused with null.
class Flat
{
  public:
    Flat(PixelFormat format, Shape shape) : size_(shape.pixels() * flat_pixel_size(format))
    {
        if (size_ <= (size_t{1} << 20))
            data_ = malloc(size_);
    }
    ~Flat() { free(data_); }
    Flat(const Flat &) = delete;
    Flat &operator=(const Flat &) = delete;

    void *data() { return data_; }
    bool operator==(const Flat &other) const
    {
        return size_ == other.size_ && memcmp(data_, other.data_, size_) == 0;
    }

  private:
    size_t size_;
    void *data_ = nullptr;
};

// Every pixel is one that a mask may hold. REQUIRES: flat.data() is not null.
inline void require_pixels(PixelFormat format, const Domain &domain, Shape shape, const void *flat)
{
    size_t size = flat_pixel_size(format);
    for (size_t i = 0; i < shape.pixels(); i++) {
        uint32_t raw = 0, again = 0;
        memcpy(&raw, static_cast<const uint8_t *>(flat) + i * size, size);
        require(format != PixelFormat::bit || raw <= 1, "bit that is neither 0 nor 1");
        require(value_to_raw(format, domain, raw_to_value(format, domain, raw), &again) &&
                    again == raw,
                "pixel outside its domain");
    }
}

} // namespace mq::fuzz
