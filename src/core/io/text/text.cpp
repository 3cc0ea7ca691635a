// Text of a mask, read in two passes: the first finds rows by searching for brackets and counting
// commas, which runs at the speed of memory; the second reads numbers. So memory is allocated once,
// for a shape that is known to be right.
#include "core/io/text/text.h"

#include <algorithm>
#include <charconv>

#include "core/io/text/decimal.h"

namespace mq
{

namespace
{

bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

const char *skip_space(const char *p, const char *end)
{
    while (p < end && is_space(*p))
        p++;
    return p;
}

// '[' to ']' and '{' to '}': two apart in ASCII, both.
char closing(char open)
{
    return char(open + 2);
}

// A piece of the input for a message: printable ASCII only, since half a multibyte character would
// make the message itself invalid in the database's encoding.
struct Excerpt {
    char text[40];

    Excerpt(const char *p, const char *end)
    {
        size_t n = 0;
        while (p < end && n < sizeof text - 4 && *p >= ' ' && *p <= '~')
            text[n++] = *p++;
        if (p < end && n == sizeof text - 4) {
            memcpy(text + n, "...", 3);
            n += 3;
        } else if (p < end && n < sizeof text - 5) {
            n += size_t(snprintf(text + n, 5, "\\x%02x", uint8_t(*p)));
        }
        text[n] = '\0';
    }
};

bool fail_syntax(const char *s, const char *p, const char *end, const char *expected, Error &err)
{
    err.set(ErrorCode::invalid_text, "invalid input syntax for type mask at position %zu",
            size_t(p - s) + 1);
    if (p == end)
        err.with_detail("Expected %s, but the text ends.", expected);
    else
        err.with_detail("Expected %s, found \"%s\".", expected,
                        Excerpt(p, std::min(p + 1, end)).text);
    return err.with_hint("A mask is written row by row, as in [[0.1,0.2],[0.3,0.4]].");
}

// Positions move through *position, since a null pointer is a fair start of an empty text.

// Reads "(lo,hi)".
bool read_domain(const char *s, const char **position, const char *end, Domain *domain, Error &err)
{
    double *bounds[2] = {&domain->lo, &domain->hi};
    const char *p = *position;
    for (int i = 0; i < 2; i++) {
        p = skip_space(p + 1, end); // after '(' or ','
        const char *after = read_number(p, end, bounds[i]);
        if (after == nullptr)
            return fail_syntax(s, p, end, "an end of the mask's domain", err);
        *bounds[i] += 0.0; // -0.0 becomes 0.0
        p = skip_space(after, end);
        if (p == end || *p != ",)"[i])
            return fail_syntax(s, p, end, i == 0 ? "\",\"" : "\")\"", err);
    }
    *position = p + 1;
    return true;
}

// Reads the prefix "format[(lo,hi)]:" when there is one.
bool read_prefix(const char *s, const char **position, const char *end, MaskTextHeader *out,
                 Error &err)
{
    out->format = PixelFormat::f32;
    out->domain = Domain{};
    const char *name = *position, *p = name;
    while (p < end && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || is_digit(*p)))
        p++;
    if (p == name)
        return true;
    if (!format_from_name(name, size_t(p - name), &out->format)) {
        err.set(ErrorCode::invalid_text, "unknown pixel format \"%s\" of a mask",
                Excerpt(name, p).text);
        return err.with_hint("Formats are f32, f16, u8, u16 and bit, as in u8:[[0,255]].");
    }
    p = skip_space(p, end);
    if (p < end && *p == '(') {
        if (!read_domain(s, &p, end, &out->domain, err))
            return false;
        p = skip_space(p, end);
    }
    if (p == end || *p != ':')
        return fail_syntax(s, p, end, "\":\" after the pixel format", err);
    *position = skip_space(p + 1, end);
    return check_domain(out->format, out->domain, err);
}

// One row, whose opening bracket is at the position: counts its columns.
bool scan_row(const char *s, const char **position, const char *end, int64_t row, int64_t *columns,
              Error &err)
{
    const char *first = *position + 1;
    const char *last =
        static_cast<const char *>(memchr(first, closing(**position), size_t(end - first)));
    if (last == nullptr)
        return fail_syntax(s, end, end, "the end of a row", err);
    *columns = 1 + std::count(first, last, ',');
    if (*columns == 1 && skip_space(first, last) == last) {
        err.set(ErrorCode::shape_mismatch, "row %lld of the mask is empty",
                static_cast<long long>(row));
        return err.with_hint("A mask has at least one row and one column.");
    }
    *position = last + 1;
    return true;
}

} // namespace

bool scan_mask_text(const char *s, size_t n, MaskTextHeader *out, Error &err)
{
    const char *end = s + n;
    const char *p = skip_space(s, end);
    if (!read_prefix(s, &p, end, out, err))
        return false;
    if (p == end || (*p != '[' && *p != '{'))
        return fail_syntax(s, p, end, "\"[\" or \"{\"", err);
    const char open = *p;
    out->body = size_t(p - s);

    p = skip_space(p + 1, end);
    if (p < end && *p == closing(open)) {
        err.set(ErrorCode::shape_mismatch, "mask has no rows");
        return err.with_hint("A mask has at least one row and one column.");
    }
    int64_t width = 0, height = 0;
    for (;;) {
        int64_t columns = 0;
        if (p == end || *p != open)
            return fail_syntax(s, p, end, open == '[' ? "a row, \"[\"" : "a row, \"{\"", err);
        if (!scan_row(s, &p, end, height + 1, &columns, err))
            return false;
        if (height++ == 0)
            width = columns;
        if (columns != width) {
            err.set(ErrorCode::shape_mismatch, "rows of the mask differ in length");
            return err
                .with_detail("Row 1 has %lld pixels, row %lld has %lld.",
                             static_cast<long long>(width), static_cast<long long>(height),
                             static_cast<long long>(columns))
                .with_hint("All rows of a mask have the same number of pixels.");
        }
        p = skip_space(p, end);
        if (p == end || (*p != ',' && *p != closing(open)))
            return fail_syntax(s, p, end, open == '[' ? "\",\" or \"]\"" : "\",\" or \"}\"", err);
        if (*p++ != ',')
            break;
        p = skip_space(p, end);
    }
    p = skip_space(p, end);
    if (p != end)
        return fail_syntax(s, p, end, "nothing after the mask", err);
    if (!check_shape(width, height, err))
        return false;
    out->shape = Shape{int32_t(width), int32_t(height)};
    return true;
}

namespace
{

// A code of one of the formats that have them; Code is the type of its flat pixels.
template <typename Code> const char *read_code(const char *p, uint32_t max, Code *code)
{
    uint32_t v = 0;
    const char *first = p;
    while (is_digit(*p) && p - first < 6)
        v = v * 10 + uint32_t(*p++ - '0');
    if (p == first || v > max)
        return nullptr;
    *code = Code(v);
    return p;
}

// The second pass. The first has made sure that brackets and commas stand where the loops below
// step over them.
class PixelParser
{
  public:
    PixelParser(const MaskTextHeader &header, const char *body, const char *end, Error &err)
        : header_(header), p_(body), end_(end), err_(err)
    {
        options_.domain = header.domain;
    }

    // read_fast(p, index) stores the pixel that starts at p and returns the position after it, or
    // returns null for whatever is not plain: read_slow settles that.
    template <typename ReadFast> bool parse(ReadFast read_fast, void *flat)
    {
        const char close = closing(*p_);
        size_t index = 0;
        for (int32_t y = 0; y < header_.shape.height; y++) {
            p_ = skip_space(p_ + 1, end_); // after the outer bracket or the comma between rows
            for (int32_t x = 0; x < header_.shape.width; x++, index++) {
                p_ =
                    skip_space(p_ + 1, end_); // after the row's bracket or the comma between pixels
                const char *token = p_;
                const char *after = read_fast(token, index);
                if (after != nullptr && at_delimiter(after, close))
                    continue;
                if (!read_slow(token, index, close, flat))
                    return false;
            }
            p_ = skip_space(p_ + 1, end_); // after the row's closing bracket
        }
        return true;
    }

  private:
    // Moves to the delimiter after a number.
    bool at_delimiter(const char *after, char close)
    {
        if (*after != ',' && *after != close)
            after = skip_space(after, end_);
        p_ = after;
        return *after == ',' || *after == close;
    }

    bool read_slow(const char *token, size_t index, char close, void *flat)
    {
        PixelPlace place = pixel_place(index, header_.shape.width);
        const char *token_end = token;
        while (*token_end != ',' && *token_end != close)
            token_end++;
        double value;
        const char *after = read_number(token, token_end, &value);
        if (after == nullptr || !at_delimiter(after, close)) {
            err_.set(ErrorCode::invalid_text, "invalid pixel \"%s\" at row %ld, column %ld",
                     Excerpt(token, token_end).text, place.row, place.column);
            return err_.with_hint("Pixels are decimal numbers, separated by commas.");
        }
        if (is_float_format(header_.format))
            return store_value(header_.format, options_, header_.shape.width, value, index, flat,
                               err_);
        while (is_space(token_end[-1]))
            token_end--;
        err_.set(ErrorCode::out_of_range, "pixel code %s at row %ld, column %ld is out of range",
                 Excerpt(token, token_end).text, place.row, place.column);
        return err_
            .with_detail("Pixels of format %s are whole numbers from 0 to %u.",
                         format_name(header_.format), max_code(header_.format))
            .with_hint(
                "Leave the prefix away, or write f32(lo,hi):, to give values instead of codes.");
    }

    const MaskTextHeader &header_;
    InputOptions options_;
    const char *p_;
    const char *const end_;
    Error &err_;
};

} // namespace

bool parse_mask_text(const char *s, size_t n, const MaskTextHeader &header, void *flat, Error &err)
{
    const char *end = s + n;
    PixelParser parser(header, s + header.body, end, err);
    switch (header.format) {
    case PixelFormat::f32: {
        FloatRange range = float_range(header.domain);
        float *out = static_cast<float *>(flat);
        auto read = [=](const char *p, size_t i) -> const char * {
            float v;
            const char *after = read_plain(p, end, &v);
            if (after == nullptr) {
                std::from_chars_result r = std::from_chars(p, end, v);
                after = r.ec == std::errc() ? r.ptr : nullptr;
            }
            if (after == nullptr || !range.holds(v))
                return nullptr;
            out[i] = v + 0.0f; // -0.0 becomes 0.0
            return after;
        };
        return parser.parse(read, flat);
    }
    case PixelFormat::f16: {
        uint16_t *out = static_cast<uint16_t *>(flat);
        Domain domain = header.domain;
        auto read = [=](const char *p, size_t i) -> const char * {
            double v;
            uint32_t raw;
            const char *after = read_plain(p, end, &v);
            if (after == nullptr || !value_to_raw(PixelFormat::f16, domain, v, &raw))
                return nullptr;
            out[i] = uint16_t(raw);
            return after;
        };
        return parser.parse(read, flat);
    }
    case PixelFormat::u16: {
        uint16_t *out = static_cast<uint16_t *>(flat);
        return parser.parse([=](const char *p, size_t i) { return read_code(p, 65535, out + i); },
                            flat);
    }
    case PixelFormat::u8:
    case PixelFormat::bit:
        break;
    }
    uint8_t *out = static_cast<uint8_t *>(flat);
    uint32_t max = max_code(header.format);
    return parser.parse([=](const char *p, size_t i) { return read_code(p, max, out + i); }, flat);
}

} // namespace mq
