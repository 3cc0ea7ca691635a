#include "core/io/shape/coco_rle.h"

#include <algorithm>

namespace mq
{

namespace
{

// Takes run lengths one after the other and sets pixels column by column.
class RunWriter
{
  public:
    RunWriter(Shape shape, uint8_t *flat, Error &err) : shape_(shape), flat_(flat), err_(err)
    {
        memset(flat, 0, shape.pixels());
    }

    bool add(int64_t count)
    {
        runs_++;
        if (count < 0) {
            err_.set(ErrorCode::invalid_parameter,
                     "count %zu of the run-length encoding is negative: %lld", runs_,
                     static_cast<long long>(count));
            return err_.with_hint(
                "Counts are the lengths of runs of pixels, as pycocotools writes them.");
        }
        uint64_t left = shape_.pixels() - filled_;
        if (uint64_t(count) > left)
            return fail_sum(__builtin_add_overflow(filled_, uint64_t(count), &filled_) ? UINT64_MAX
                                                                                       : filled_,
                            "at least ");
        if (value_)
            set_run(size_t(filled_), size_t(count));
        filled_ += uint64_t(count);
        value_ = !value_;
        return true;
    }

    bool finish() { return filled_ == shape_.pixels() || fail_sum(filled_, ""); }

  private:
    void set_run(size_t from, size_t count)
    {
        size_t height = size_t(shape_.height), width = size_t(shape_.width);
        size_t x = from / height, y = from % height;
        for (size_t i = 0; i < count; i++) {
            flat_[y * width + x] = 1;
            if (++y == height) {
                y = 0;
                x++;
            }
        }
    }
    bool fail_sum(uint64_t sum, const char *at_least)
    {
        err_.set(ErrorCode::invalid_parameter,
                 "counts of the run-length encoding sum to %s%llu, expected %zu", at_least,
                 static_cast<unsigned long long>(sum), shape_.pixels());
        return err_.with_detail("The mask has %d x %d pixels.", shape_.width, shape_.height)
            .with_hint(
                "COCO gives the size as [height, width]; check that they are not exchanged.");
    }

    Shape shape_;
    uint8_t *flat_;
    Error &err_;
    uint64_t filled_ = 0;
    size_t runs_ = 0;
    bool value_ = false;
};

constexpr unsigned kMaxGroups = 12; // 60 bits; a count takes 6 at most, a tolerant writer may pad

bool fail_string(size_t position, const char *detail, Error &err)
{
    err.set(ErrorCode::invalid_text, "invalid COCO run-length encoding at position %zu",
            position + 1);
    return err.with_detail("%s", detail)
        .with_hint("Give the string as pycocotools writes it, decoded to ASCII.");
}

// Reads one number at *position: groups of 5 bits, low ones first, the last one signed.
bool read_number(const char *s, size_t n, size_t *position, int64_t *value, Error &err)
{
    uint64_t bits = 0;
    for (unsigned group = 0; group < kMaxGroups; group++) {
        if (*position == n)
            return fail_string(n, "The last count is cut off.", err);
        unsigned c = uint8_t(s[*position]) - 48u;
        if (c > 63)
            return fail_string(*position, "The character is outside 0 (48) to o (111).", err);
        ++*position;
        bits |= uint64_t(c & 31) << (5 * group);
        if (c & 32)
            continue;
        if (c & 16)
            bits |= ~uint64_t{0} << (5 * (group + 1));
        *value = int64_t(bits);
        return true;
    }
    return fail_string(*position, "The count is longer than any mask.", err);
}

char *write_number(int64_t value, char *out)
{
    for (;;) {
        unsigned group = unsigned(value & 31);
        value >>= 5; // arithmetic: the sign stays
        bool more = (group & 16) ? value != -1 : value != 0;
        *out++ = char(48 + group + (more ? 32 : 0));
        if (!more)
            return out;
    }
}

} // namespace

bool read_coco_string(const char *s, size_t n, Shape shape, uint8_t *flat, Error &err)
{
    RunWriter writer(shape, flat, err);
    int64_t before[2] = {0, 0}; // counts one and two back
    size_t position = 0;
    for (size_t i = 0; position < n; i++) {
        int64_t count = 0;
        if (!read_number(s, n, &position, &count, err))
            return false;
        if (i > 2) // |count| < 2^60, and counts accepted so far are at most 2^28: no overflow
            count += before[1];
        if (!writer.add(count))
            return false;
        before[1] = before[0];
        before[0] = count;
    }
    return writer.finish();
}

bool read_coco_counts(const int64_t *counts, size_t n, Shape shape, uint8_t *flat, Error &err)
{
    RunWriter writer(shape, flat, err);
    for (size_t i = 0; i < n; i++)
        if (!writer.add(counts[i]))
            return false;
    return writer.finish();
}

size_t coco_string_bound(Shape shape)
{
    // A number d takes at most 1 + |d| / 16 characters, and differences of neighbouring runs sum to
    // at most twice the pixels; there are at most pixels + 1 runs.
    return shape.pixels() + 1 + shape.pixels() / 8 + 1;
}

size_t write_coco_string(Shape shape, const uint8_t *flat, char *out)
{
    size_t width = size_t(shape.width), height = size_t(shape.height);
    char *p = out;
    int64_t before[2] = {0, 0}; // counts one and two back
    size_t runs = 0;
    auto end_run = [&](int64_t count) {
        p = write_number(runs > 2 ? count - before[1] : count, p);
        before[1] = before[0];
        before[0] = count;
        runs++;
    };

    int64_t count = 0;
    uint8_t value = 0;
    for (size_t x = 0; x < width; x++) {
        for (size_t y = 0; y < height; y++) {
            if (flat[y * width + x] != value) {
                end_run(count);
                count = 0;
                value ^= 1;
            }
            count++;
        }
    }
    end_run(count);
    return size_t(p - out);
}

} // namespace mq
