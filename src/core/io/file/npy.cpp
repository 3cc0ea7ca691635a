// Reading .npy files; npy_write.cpp writes them.
#include "core/io/file/npy.h"

namespace mq
{

namespace
{

constexpr uint8_t kMagic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
constexpr size_t kMaxAxes = 32; // NumPy's own limit

bool fail_format(Error &err, const char *detail)
{
    err.set(ErrorCode::invalid_binary, "invalid .npy file");
    return err.with_detail("%s", detail).with_hint("Write the file with numpy.save().");
}

// Quoted bytes from the file, for a message: anything but plain ASCII is shown as '?'.
struct Quoted {
    char text[32];

    Quoted(const char *s, size_t n)
    {
        size_t i = 0;
        for (; i < n && i + 1 < sizeof text; i++)
            text[i] = s[i] >= ' ' && s[i] <= '~' ? s[i] : '?';
        text[i] = '\0';
    }
};

struct Descr {
    const char *s = nullptr;
    size_t n = 0;
};

// The header is a Python literal: a dictionary of the three keys descr, fortran_order and shape.
// Only what NumPy writes there is understood: strings, True, False, a tuple of whole numbers.
class HeaderParser
{
  public:
    HeaderParser(const char *p, const char *end) : p_(p), end_(end) {}

    bool parse(Error &err)
    {
        if (!take('{'))
            return fail_format(err, "Its header is not a dictionary.");
        while (!take('}')) {
            Descr key;
            if (!string(&key) || !take(':'))
                return fail_format(err, "Its header is not a dictionary with string keys.");
            if (!value(key, err))
                return false;
            if (!take(',') && peek() != '}')
                return fail_format(err, "Entries of its header are not separated by commas.");
        }
        skip();
        if (p_ != end_)
            return fail_format(err, "Something follows the dictionary of its header.");
        if (!has_descr_ || !has_order_ || !has_shape_)
            return fail_format(err,
                               "Its header lacks one of the keys descr, fortran_order and shape.");
        return true;
    }

    Descr descr;
    bool fortran_order = false;
    uint64_t axes[kMaxAxes];
    size_t axis_count = 0;

  private:
    void skip()
    {
        while (p_ < end_ && (*p_ == ' ' || (*p_ >= '\t' && *p_ <= '\r')))
            p_++;
    }
    char peek()
    {
        skip();
        return p_ < end_ ? *p_ : '\0';
    }
    bool take(char c)
    {
        if (p_ == end_ || peek() != c || p_ == end_)
            return false;
        p_++;
        return true;
    }
    bool word(const char *w)
    {
        skip();
        size_t n = strlen(w);
        if (size_t(end_ - p_) < n || memcmp(p_, w, n) != 0)
            return false;
        p_ += n;
        return true;
    }
    bool string(Descr *out)
    {
        char quote = peek();
        if (quote != '\'' && quote != '"')
            return false;
        const char *first = ++p_;
        while (p_ < end_ && *p_ != quote && *p_ != '\\')
            p_++;
        if (p_ == end_ || *p_ != quote)
            return false;
        *out = Descr{first, size_t(p_ - first)};
        p_++;
        return true;
    }
    static bool is(const Descr &d, const char *w)
    {
        return d.n == strlen(w) && memcmp(d.s, w, d.n) == 0;
    }

    bool value(const Descr &key, Error &err)
    {
        if (is(key, "descr") && !has_descr_) {
            has_descr_ = true;
            if (peek() == '[' || peek() == '(') {
                err.set(ErrorCode::unsupported, ".npy file holds records, not numbers");
                return err.with_hint(
                    "Save one field of the array, as in numpy.save(f, array['field']).");
            }
            return string(&descr) || fail_format(err, "The descr of its header is not a string.");
        }
        if (is(key, "fortran_order") && !has_order_) {
            has_order_ = true;
            fortran_order = word("True");
            return fortran_order || word("False") ||
                   fail_format(err, "The fortran_order of its header is neither True nor False.");
        }
        if (is(key, "shape") && !has_shape_) {
            has_shape_ = true;
            return shape() ||
                   fail_format(
                       err, "The shape of its header is not a tuple of whole numbers below 2^63.");
        }
        err.set(ErrorCode::invalid_binary, "invalid .npy file");
        return err
            .with_detail("Its header has an unknown or repeated key \"%s\".",
                         Quoted(key.s, key.n).text)
            .with_hint("Write the file with numpy.save().");
    }

    // "(3, 4)", "(3,)", "()"; Python 2 wrote long numbers with an L.
    bool shape()
    {
        if (!take('('))
            return false;
        while (!take(')')) {
            uint64_t axis = 0;
            if (axis_count == kMaxAxes || peek() < '0' || peek() > '9')
                return false;
            for (; p_ < end_ && *p_ >= '0' && *p_ <= '9'; p_++) {
                if (axis > (uint64_t(INT64_MAX) - 9) / 10)
                    return false;
                axis = axis * 10 + uint64_t(*p_ - '0');
            }
            if (p_ < end_ && *p_ == 'L')
                p_++;
            axes[axis_count++] = axis;
            if (!take(',') && peek() != ')')
                return false;
        }
        return true;
    }

    const char *p_;
    const char *const end_;
    bool has_descr_ = false, has_order_ = false, has_shape_ = false;
};

bool read_descr(const Descr &d, NpyHeader *out, Error &err)
{
    struct Known {
        char kind, size;
        NpyType type;
        PixelFormat format;
    };
    static constexpr Known kKnown[] = {
        {'f', '2', NpyType::f2, PixelFormat::f16}, {'f', '4', NpyType::f4, PixelFormat::f32},
        {'f', '8', NpyType::f8, PixelFormat::f32}, {'u', '1', NpyType::u1, PixelFormat::u8},
        {'u', '2', NpyType::u2, PixelFormat::u16}, {'b', '1', NpyType::b1, PixelFormat::bit},
    };
    if (d.n == 3 && memchr("<>=|", d.s[0], 4) != nullptr) {
        for (const Known &k : kKnown) {
            // '|' means that the order of bytes does not matter, which takes a single byte.
            if (d.s[1] == k.kind && d.s[2] == k.size && (d.s[0] != '|' || k.size == '1')) {
                out->type = k.type;
                out->format = k.format;
                out->big_endian = d.s[0] == '>';
                return true;
            }
        }
    }
    err.set(ErrorCode::unsupported, ".npy file holds values of type \"%s\"", Quoted(d.s, d.n).text);
    return err.with_detail("Masks are made from f2, f4, f8, u1, u2 and b1.")
        .with_hint("Convert the array first, as in array.astype(numpy.float32).");
}

bool read_shape(const HeaderParser &parser, NpyHeader *out, Error &err)
{
    size_t first = 0, last = parser.axis_count;
    while (last - first > 2 && parser.axes[first] == 1)
        first++;
    while (last - first > 2 && parser.axes[last - 1] == 1)
        last--;
    if (last - first != 2) {
        err.set(ErrorCode::unsupported, ".npy file has %zu axes, expected 2", parser.axis_count);
        err.with_detail(
            "Axes of length 1 before or behind height and width are left out of account.");
        return err.with_hint(last - first < 2
                                 ? "Reshape the array first, as in array.reshape(height, width)."
                                 : "Save one mask at a time, as in numpy.save(f, array[i]).");
    }
    if (!check_shape(int64_t(parser.axes[first + 1]), int64_t(parser.axes[first]), err))
        return false;
    out->shape = Shape{int32_t(parser.axes[first + 1]), int32_t(parser.axes[first])};
    return true;
}

size_t item_size(NpyType type)
{
    switch (type) {
    case NpyType::f8:
        return 8;
    case NpyType::f4:
        return 4;
    case NpyType::f2:
    case NpyType::u2:
        return 2;
    case NpyType::u1:
    case NpyType::b1:
        break;
    }
    return 1;
}

template <typename T> T load_item(const uint8_t *p, bool big_endian)
{
    if (!big_endian)
        return load_le<T>(p);
    uint8_t swapped[sizeof(T)];
    for (size_t i = 0; i < sizeof(T); i++)
        swapped[i] = p[sizeof(T) - 1 - i];
    return load_le<T>(swapped);
}

// Calls put(pointer to the item, row-major index) -> bool for every item of the array, in row-major
// order.
template <typename Put> bool each_item(const uint8_t *data, const NpyHeader &header, Put put)
{
    const size_t size = item_size(header.type);
    const size_t width = size_t(header.shape.width), height = size_t(header.shape.height);
    const size_t step = header.fortran_order ? height * size : size;
    const size_t row = header.fortran_order ? size : width * size;
    size_t index = 0;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++, index++)
            if (!put(data + y * row + x * step, index))
                return false;
    return true;
}

} // namespace

bool read_npy_header(Bytes file, NpyHeader *out, Error &err)
{
    if (!file.contains(0, 8) || memcmp(file.data, kMagic, sizeof kMagic) != 0)
        return fail_format(err, "It does not start with the magic string of NumPy files.");
    unsigned major = file.data[6], minor = file.data[7];
    if (major < 1 || major > 3 || minor != 0) {
        err.set(ErrorCode::unsupported, ".npy file has version %u.%u", major, minor);
        return err.with_detail("Versions 1.0, 2.0 and 3.0 are read.")
            .with_hint("Write the file with numpy.save().");
    }
    size_t length_size = major == 1 ? 2 : 4;
    size_t start = 8 + length_size;
    if (!file.contains(8, length_size))
        return fail_format(err, "It ends within its header.");
    size_t length =
        major == 1 ? load_le<uint16_t>(file.data + 8) : load_le<uint32_t>(file.data + 8);
    if (!file.contains(start, length))
        return fail_format(err, "It ends within its header.");

    const char *text = reinterpret_cast<const char *>(file.data + start);
    HeaderParser parser(text, text + length);
    if (!parser.parse(err) || !read_descr(parser.descr, out, err) || !read_shape(parser, out, err))
        return false;
    out->fortran_order = parser.fortran_order;
    out->data_offset = start + length;

    size_t expected = out->shape.pixels() * item_size(out->type); // at most 2^28 pixels of 8 bytes
    size_t found = file.size - out->data_offset;
    if (found != expected) {
        err.set(ErrorCode::invalid_binary, ".npy file has %zu bytes of data, expected %zu", found,
                expected);
        return err
            .with_detail("Its header tells of %d x %d values of %zu bytes.", out->shape.width,
                         out->shape.height, item_size(out->type))
            .with_hint("Check that the file was written and loaded as a whole.");
    }
    return true;
}

bool read_npy_pixels(Bytes file, const NpyHeader &header, const InputOptions &options, void *flat,
                     Error &err)
{
    const PixelFormat format = header.format;
    const int32_t width = header.shape.width;
    const bool big = header.big_endian;
    const uint8_t *data = file.data + header.data_offset;
    if (!check_input_options(format, options, err))
        return false;
    switch (header.type) {
    case NpyType::f2:
        return each_item(data, header, [&](const uint8_t *p, size_t i) {
            double v = double(half_to_float(load_item<uint16_t>(p, big)));
            return store_value(format, options, width, v, i, flat, err);
        });
    case NpyType::f4: {
        FloatRange range = float_range(options.domain);
        float *out = static_cast<float *>(flat);
        return each_item(data, header, [&](const uint8_t *p, size_t i) {
            float v = load_item<float>(p, big);
            if (!range.holds(v))
                return store_value(format, options, width, double(v), i, flat, err);
            out[i] = v + 0.0f; // -0.0 becomes 0.0
            return true;
        });
    }
    case NpyType::f8:
        return each_item(data, header, [&](const uint8_t *p, size_t i) {
            return store_value(format, options, width, load_item<double>(p, big), i, flat, err);
        });
    case NpyType::u1:
        return each_item(data, header, [&](const uint8_t *p, size_t i) {
            static_cast<uint8_t *>(flat)[i] = *p;
            return true;
        });
    case NpyType::u2:
        return each_item(data, header, [&](const uint8_t *p, size_t i) {
            static_cast<uint16_t *>(flat)[i] = load_item<uint16_t>(p, big);
            return true;
        });
    case NpyType::b1:
        break;
    }
    return each_item(data, header, [&](const uint8_t *p, size_t i) {
        if (*p > 1) {
            PixelPlace place = pixel_place(i, width);
            err.set(ErrorCode::invalid_binary,
                    "boolean %u at row %ld, column %ld of a .npy file is neither 0 nor 1", *p,
                    place.row, place.column);
            return err.with_hint("Convert the array again, as in (array != 0).");
        }
        static_cast<uint8_t *>(flat)[i] = *p;
        return true;
    });
}

} // namespace mq
