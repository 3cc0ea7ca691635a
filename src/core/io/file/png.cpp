// libpng reports errors by longjmp. Each way, reading and writing, has one function that calls
// setjmp and everything of libpng that may jump; it owns nothing with a destructor, and what libpng
// allocated it frees on its one way out. The functions around them are ordinary C++.
#include "core/io/file/png.h"

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <vector>

#include <png.h>

#include "core/io/file/colormap.h"

namespace mq
{

namespace
{

// What libpng's callbacks see.
struct PngJob {
    const uint8_t *in = nullptr; // reading
    uint8_t *out = nullptr;      // writing
    size_t size = 0;             // bytes at in, or room at out
    size_t position = 0;
    bool out_of_memory = false;
    char message[128] = "";
};

extern "C" {

// static: C linkage here is for the type of the callbacks only.
[[noreturn]] static void on_error(png_structp png, png_const_charp message)
{
    PngJob *job = static_cast<PngJob *>(png_get_error_ptr(png));
    snprintf(job->message, sizeof job->message, "%s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp, png_const_charp)
{
}

static void *on_malloc(png_structp png, png_alloc_size_t size)
{
    void *p = malloc(size);
    if (p == nullptr)
        static_cast<PngJob *>(png_get_mem_ptr(png))->out_of_memory = true;
    return p;
}

static void on_free(png_structp, void *p)
{
    free(p);
}

static void on_read(png_structp png, png_bytep to, size_t size)
{
    PngJob *job = static_cast<PngJob *>(png_get_io_ptr(png));
    if (size > job->size - job->position)
        png_error(png, "the file is cut off");
    memcpy(to, job->in + job->position, size);
    job->position += size;
}

static void on_write(png_structp png, png_bytep from, size_t size)
{
    PngJob *job = static_cast<PngJob *>(png_get_io_ptr(png));
    if (size > job->size - job->position)
        png_error(png, "the file is larger than its bound");
    memcpy(job->out + job->position, from, size);
    job->position += size;
}

static void on_flush(png_structp)
{
}
}

// What the header of an image says.
struct PngInfo {
    png_uint_32 width, height;
    int depth, color;
};

// Reads the header, and the pixels too when flat is given. Rows are `stride` bytes apart, which the
// caller has taken from the same header. False with job->message.
bool run_reader(PngJob *job, PngInfo *info, uint8_t *flat, size_t stride)
{
    png_structp png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, job, on_error, on_warning,
                                               job, on_malloc, on_free);
    if (png == nullptr) {
        job->out_of_memory = true;
        return false;
    }
    // Before setjmp, so that no local changes between it and a jump; it fails by returning null.
    png_infop info_struct = png_create_info_struct(png);
    if (info_struct == nullptr) {
        job->out_of_memory = true;
        png_destroy_read_struct(&png, nullptr, nullptr);
        return false;
    }
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_read_struct(&png, &info_struct, nullptr);
        return false;
    }

    png_set_read_fn(png, job, on_read);
    // Colour profiles, text and the like are of no use to a mask: do not even decompress them.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_set_user_limits(png, PNG_UINT_31_MAX,
                        PNG_UINT_31_MAX); // the caller checks the size, and can say what it is
    png_read_info(png, info_struct);
    png_get_IHDR(png, info_struct, &info->width, &info->height, &info->depth, &info->color, nullptr,
                 nullptr, nullptr);
    if (flat != nullptr) {
        if (info->depth < 8)
            png_set_expand_gray_1_2_4_to_8(png);
        if (info->depth == 16)
            png_set_swap(png); // PNG is big-endian
        int passes = png_set_interlace_handling(png);
        png_read_update_info(png, info_struct);
        if (png_get_rowbytes(png, info_struct) != stride)
            png_error(png, "its rows have an unexpected size");
        for (int pass = 0; pass < passes; pass++)
            for (png_uint_32 y = 0; y < info->height; y++)
                png_read_row(png, flat + y * stride, nullptr);
        png_read_end(png, nullptr);
    }
    png_destroy_read_struct(&png, &info_struct, nullptr);
    return true;
}

// How write_png turns a row of flat pixels into a row of the file.
struct PngRows {
    PixelFormat format;
    Domain domain;
    Shape shape;
    const uint8_t *flat;
    const Rgb *table; // 256 colours, or null for gray
    uint8_t *row;     // room for one row of the file; null when flat rows are written as they are
};

// 0 to 255 over the domain.
uint8_t shade(PixelFormat format, const Domain &domain, uint32_t raw)
{
    switch (format) {
    case PixelFormat::u8:
        return uint8_t(raw);
    case PixelFormat::u16:
        return uint8_t((raw + 128) / 257);
    case PixelFormat::bit:
        return raw ? 255 : 0;
    case PixelFormat::f32:
    case PixelFormat::f16:
        break;
    }
    double part = (raw_to_value(format, domain, raw) - domain.lo) / (domain.hi - domain.lo);
    return uint8_t(std::clamp(part * 255.0 + 0.5, 0.0, 255.0));
}

const uint8_t *make_row(const PngRows &rows, int32_t y)
{
    const size_t width = size_t(rows.shape.width), begin = size_t(y) * width;
    if (rows.row == nullptr)
        return rows.flat + begin * flat_pixel_size(rows.format);
    uint8_t *p = rows.row;
    for (size_t x = 0; x < width; x++) {
        uint8_t code = shade(rows.format, rows.domain, load_raw(rows.format, rows.flat, begin + x));
        if (rows.table == nullptr) {
            *p++ = code;
        } else {
            memcpy(p, &rows.table[code], 3);
            p += 3;
        }
    }
    return rows.row;
}

bool run_writer(PngJob *job, const PngRows &rows, int depth, int color)
{
    png_structp png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, job, on_error, on_warning,
                                                job, on_malloc, on_free);
    if (png == nullptr) {
        job->out_of_memory = true;
        return false;
    }
    png_infop info_struct = png_create_info_struct(png);
    if (info_struct == nullptr) {
        job->out_of_memory = true;
        png_destroy_write_struct(&png, nullptr);
        return false;
    }
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info_struct);
        return false;
    }

    png_set_write_fn(png, job, on_write, on_flush);
    png_set_IHDR(png, info_struct, png_uint_32(rows.shape.width), png_uint_32(rows.shape.height),
                 depth, color, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info_struct);
    if (depth == 16)
        png_set_swap(png); // PNG is big-endian
    if (depth == 1)
        png_set_packing(png);
    for (int32_t y = 0; y < rows.shape.height; y++)
        png_write_row(png, make_row(rows, y));
    png_write_end(png, nullptr);
    png_destroy_write_struct(&png, &info_struct);
    return true;
}

bool fail_read(const PngJob &job, Error &err)
{
    if (job.out_of_memory)
        return err.set(ErrorCode::out_of_memory, "out of memory");
    err.set(ErrorCode::invalid_binary, "invalid PNG file");
    return err.with_detail("libpng says: %s.", job.message)
        .with_hint("Check that the file was written and loaded as a whole.");
}

const char *color_name(int color)
{
    switch (color) {
    case PNG_COLOR_TYPE_GRAY:
        return "gray";
    case PNG_COLOR_TYPE_GRAY_ALPHA:
        return "gray with alpha";
    case PNG_COLOR_TYPE_PALETTE:
        return "palette";
    case PNG_COLOR_TYPE_RGB_ALPHA:
        return "RGB with alpha";
    default:
        return "RGB";
    }
}

// Bits of one pixel of the file, and its colour type.
void file_layout(PixelFormat format, Colormap colormap, int *depth, int *color)
{
    *color = colormap == Colormap::none ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;
    *depth = 8;
    if (colormap == Colormap::none && format == PixelFormat::u16)
        *depth = 16;
    if (colormap == Colormap::none && format == PixelFormat::bit)
        *depth = 1;
}

} // namespace

bool read_png_header(Bytes file, PngHeader *out, Error &err)
{
    PngJob job;
    PngInfo info;
    job.in = file.data;
    job.size = file.size;
    if (!run_reader(&job, &info, nullptr, 0))
        return fail_read(job, err);
    if (info.color != PNG_COLOR_TYPE_GRAY) {
        err.set(ErrorCode::unsupported, "PNG file is %s of %d bits, not gray",
                color_name(info.color), info.depth);
        return err.with_detail("Masks are made from gray images without alpha.")
            .with_hint("Convert it first, as in Image.open(f).convert('L').save(g) of Pillow.");
    }
    if (!check_shape(int64_t(info.width), int64_t(info.height), err))
        return false;
    out->shape = Shape{int32_t(info.width), int32_t(info.height)};
    out->format = info.depth == 16 ? PixelFormat::u16 : PixelFormat::u8;

    // Each row has a filter byte before its pixels (interlaced images have more); deflate never
    // grows data more than 1032-fold. So a small file cannot make us allocate for a large image
    // that it does not hold.
    size_t raw = ((size_t(info.width) * size_t(info.depth) + 7) / 8 + 1) * size_t(info.height);
    if (raw / 1032 > file.size) {
        err.set(ErrorCode::invalid_binary, "invalid PNG file");
        return err
            .with_detail("It has %zu bytes, too few for %d x %d pixels of %d bits.", file.size,
                         out->shape.width, out->shape.height, info.depth)
            .with_hint("Check that the file was written and loaded as a whole.");
    }
    return true;
}

bool read_png_pixels(Bytes file, const PngHeader &header, void *flat, Error &err)
{
    PngJob job;
    PngInfo info;
    job.in = file.data;
    job.size = file.size;
    size_t stride = size_t(header.shape.width) * flat_pixel_size(header.format);
    return run_reader(&job, &info, static_cast<uint8_t *>(flat), stride) || fail_read(job, err);
}

size_t png_bound(PixelFormat format, Shape shape, Colormap colormap)
{
    int depth, color;
    file_layout(format, colormap, &depth, &color);
    size_t bits = size_t(shape.width) * size_t(depth) * (color == PNG_COLOR_TYPE_RGB ? 3 : 1);
    size_t raw = ((bits + 7) / 8 + 1) * size_t(shape.height);
    // zlib's bound for data that does not shrink is raw + raw/8 + raw/64 and a few bytes; libpng
    // adds 12 to every chunk of 8192; headers and check sums fit in the rest.
    return raw + raw / 4 + 4096;
}

bool write_png(PixelFormat format, const Domain &domain, Shape shape, const void *flat,
               Colormap colormap, uint8_t *out, size_t capacity, size_t *size, Error &err)
{
    int depth, color;
    Rgb table[256];
    std::vector<uint8_t> row;
    PngRows rows{format, domain, shape, static_cast<const uint8_t *>(flat), nullptr, nullptr};
    file_layout(format, colormap, &depth, &color);
    if (colormap != Colormap::none) {
        colormap_table(colormap, table);
        rows.table = table;
    }
    if (colormap != Colormap::none || is_float_format(format)) {
        row.resize(size_t(shape.width) * (rows.table ? 3 : 1));
        rows.row = row.data();
    }

    PngJob job;
    job.out = out;
    job.size = capacity;
    if (!run_writer(&job, rows, depth, color)) {
        if (job.out_of_memory)
            return err.set(ErrorCode::out_of_memory, "out of memory");
        return err.set(ErrorCode::internal, "could not write a PNG file: %s", job.message);
    }
    *size = job.position;
    return true;
}

} // namespace mq
