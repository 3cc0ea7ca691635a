// Writes generated masks (families.h) in the forms that the benchmark's peers load.
//
//   build/bench/generate scenes SIDE FIRST LAST
//       CSV: image_id, label, predicted_1, predicted_2, x1, y1, x2, y2
//   build/bench/generate mask|array|raster SIDE FAMILY FORMAT MODEL FIRST LAST
//       binary COPY of the images FIRST to LAST: mask_id, image_id, model_id, the mask.
//       mask: docs/binary-format.md. array: real[] of two dimensions. raster: PostGIS's WKB, as
//       bytea.
//   build/bench/generate npy SIDE FAMILY MODEL FIRST LAST DIRECTORY
//       one file a mask, DIRECTORY/MASK_ID.npy, f32
//   build/bench/generate quantiles SIDE [data/wildcam-mini]
//       how much of a map lies above 0.6 and 0.8, of every family and of the real maps
//
// mask_id is 2 * (image_id - 1) + model_id, as in data/load.sql.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/pixel.h"
#include "families.h"
#include "maps.h"

using namespace mq;
using namespace mq::bench;

namespace
{

[[noreturn]] void fail(const std::string &message)
{
    fprintf(stderr, "generate: %s\n", message.c_str());
    exit(1);
}

using Buffer = std::vector<uint8_t>;

template <typename T> void append(Buffer *out, T value)
{
    const size_t at = out->size();
    out->resize(at + sizeof(T));
    memcpy(out->data() + at, &value, sizeof(T));
}
// COPY's own numbers are big-endian.
void append16(Buffer *out, uint16_t v)
{
    append(out, __builtin_bswap16(v));
}
void append32(Buffer *out, uint32_t v)
{
    append(out, __builtin_bswap32(v));
}

void write_all(FILE *file, const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, file) != size)
        fail("cannot write");
}

// The pixels of a stored format, packed as docs/binary-format.md says.
void append_pixels(Buffer *out, PixelFormat format, const std::vector<float> &map)
{
    if (format == PixelFormat::bit) {
        const size_t at = out->size();
        out->resize(at + (map.size() + 7) / 8);
        for (size_t i = 0; i < map.size(); i++)
            if (map[i] > 0.5f)
                (*out)[at + i / 8] |= uint8_t(0x80 >> i % 8);
        return;
    }
    const size_t at = out->size();
    out->resize(at + map.size() * flat_pixel_size(format));
    uint8_t *p = out->data() + at;
    switch (format) {
    case PixelFormat::f32:
        memcpy(p, map.data(), map.size() * 4);
        break;
    case PixelFormat::u8:
        for (size_t i = 0; i < map.size(); i++)
            p[i] = uint8_t(map[i] * 255 + 0.5f);
        break;
    case PixelFormat::u16:
    case PixelFormat::f16:
        for (size_t i = 0; i < map.size(); i++) {
            const uint16_t v = format == PixelFormat::f16 ? float_to_half(map[i])
                                                          : uint16_t(map[i] * 65535 + 0.5f);
            memcpy(p + 2 * i, &v, 2);
        }
        break;
    case PixelFormat::bit:
        break;
    }
}

void append_mask(Buffer *out, int32_t side, PixelFormat format, const std::vector<float> &map)
{
    append(out, uint8_t(1));
    append(out, uint8_t(format));
    append(out, uint16_t(side));
    append(out, uint16_t(side));
    append(out, uint16_t(0));
    append(out, 0.0);
    append(out, 1.0);
    append_pixels(out, format, map);
}

// array_send's form of real[][]: dimensions, no NULLs, type 700; every element with its length.
void append_array(Buffer *out, int32_t side, const std::vector<float> &map)
{
    append32(out, 2);
    append32(out, 0);
    append32(out, 700);
    for (int i = 0; i < 2; i++) {
        append32(out, uint32_t(side));
        append32(out, 1);
    }
    const size_t at = out->size();
    out->resize(at + map.size() * 8);
    uint8_t *p = out->data() + at;
    for (size_t i = 0; i < map.size(); i++) {
        uint32_t bits;
        memcpy(&bits, &map[i], 4);
        const uint32_t element[2] = {__builtin_bswap32(4), __builtin_bswap32(bits)};
        memcpy(p + 8 * i, element, 8);
    }
}

// PostGIS's raster as well-known binary: one band of 32-bit floats, a pixel is a unit square, the
// first row is the top one.
void append_raster(Buffer *out, int32_t side, const std::vector<float> &map)
{
    append(out, uint8_t(1)); // little-endian
    append(out, uint16_t(0));
    append(out, uint16_t(1)); // bands
    append(out, 1.0);
    append(out, -1.0);
    append(out, 0.0);
    append(out, double(side));
    append(out, 0.0);
    append(out, 0.0);
    append(out, int32_t(0));
    append(out, uint16_t(side));
    append(out, uint16_t(side));
    append(out, uint8_t(10)); // 32BF, without nodata
    append(out, 0.0f);
    append_pixels(out, PixelFormat::f32, map);
}

int32_t mask_id(int32_t image_id, int32_t model)
{
    return 2 * (image_id - 1) + model;
}

void copy(const std::string &form, int32_t side, Family family, PixelFormat format, int32_t model,
          int32_t first, int32_t last)
{
    write_all(stdout, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    Buffer field, row;
    std::vector<float> map;
    for (int32_t image = first; image <= last; image++) {
        make_map(family, image, model, side, &map);
        field.clear();
        if (form == "mask")
            append_mask(&field, side, format, map);
        else if (form == "array")
            append_array(&field, side, map);
        else
            append_raster(&field, side, map);
        row.clear();
        append16(&row, 4);
        for (int32_t number : {mask_id(image, model), image, model}) {
            append32(&row, 4);
            append32(&row, uint32_t(number));
        }
        append32(&row, uint32_t(field.size()));
        write_all(stdout, row.data(), row.size());
        write_all(stdout, field.data(), field.size());
    }
    write_all(stdout, "\377\377", 2);
}

void npy(int32_t side, Family family, int32_t model, int32_t first, int32_t last,
         const std::string &directory)
{
    // Version 1.0: the header is padded to 128 bytes altogether.
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                         std::to_string(side) + ", " + std::to_string(side) + "), }";
    header.resize(128 - 10 - 1, ' ');
    header = std::string("\x93NUMPY\x01\x00", 8) + char(header.size() + 1) + '\0' + header + '\n';
    std::vector<float> map;
    for (int32_t image = first; image <= last; image++) {
        make_map(family, image, model, side, &map);
        const std::string path = directory + "/" + std::to_string(mask_id(image, model)) + ".npy";
        FILE *file = fopen(path.c_str(), "wb");
        if (file == nullptr)
            fail("cannot write " + path);
        write_all(file, header.data(), header.size());
        write_all(file, map.data(), map.size() * 4);
        fclose(file);
    }
}

void scenes(int32_t side, int32_t first, int32_t last)
{
    for (int32_t image = first; image <= last; image++) {
        const Scene s = make_scene(image, side);
        printf("%d,%d,%d,%d,%d,%d,%d,%d\n", image, s.label, s.predicted[0], s.predicted[1],
               s.box.x1, s.box.y1, s.box.x2, s.box.y2);
    }
}

// Shares of the pixels at or above 0.6 and 0.8, of every map added.
struct Shares {
    std::vector<double> above[2];

    void add(const std::vector<float> &map)
    {
        const float levels[] = {0.6f, 0.8f};
        for (int i = 0; i < 2; i++)
            above[i].push_back(double(std::count_if(map.begin(), map.end(),
                                                    [&](float v) { return v >= levels[i]; })) /
                               double(map.size()));
    }
    void print(const char *name)
    {
        printf("| %s |", name);
        for (auto &values : above) {
            std::sort(values.begin(), values.end());
            for (int percent : {10, 50, 90, 99})
                printf(" %.3f |", values[(values.size() - 1) * size_t(percent) / 100]);
        }
        printf("\n");
    }
};

void quantiles(int32_t side, const char *real)
{
    printf("| share of pixels, percentile of maps | >= 0.6: 10 | 50 | 90 | 99 | >= 0.8: 10 | 50 | "
           "90 | 99 |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    std::vector<float> map;
    for (Family family : kFamilies) {
        Shares shares;
        for (int32_t image = 1; image <= 500; image++) {
            make_map(family, image, 1, side, &map);
            shares.add(map);
        }
        shares.print(family_name(family));
    }
    if (real == nullptr)
        return;
    Shares shares;
    for (const Grid &grid : read_maps((std::string(real) + "/cams.csv").c_str(), 1))
        if (grid.model_id == 1)
            shares.add(expand(grid, side));
    shares.print("real, model 1");
}

int32_t number(const char *text)
{
    char *end;
    const long v = strtol(text, &end, 10);
    if (*end != '\0' || v < 1 || v > 1000000000)
        fail(std::string(text) + " is not a number");
    return int32_t(v);
}

} // namespace

int main(int argc, char **argv)
{
    const std::string what = argc > 1 ? argv[1] : "";
    Family family = Family::smooth;
    PixelFormat format = PixelFormat::f32;
    if (argc > 3 && what != "scenes" && what != "quantiles" && !family_from_name(argv[3], &family))
        fail(std::string("no family ") + argv[3]);
    if (what == "scenes" && argc == 5) {
        scenes(number(argv[2]), number(argv[3]), number(argv[4]));
    } else if (what == "quantiles" && argc >= 3) {
        quantiles(number(argv[2]), argc > 3 ? argv[3] : nullptr);
    } else if (what == "npy" && argc == 8) {
        npy(number(argv[2]), family, number(argv[4]), number(argv[5]), number(argv[6]), argv[7]);
    } else if ((what == "mask" || what == "array" || what == "raster") && argc == 8) {
        if (!format_from_name(argv[4], strlen(argv[4]), &format))
            fail(std::string("no format ") + argv[4]);
        copy(what, number(argv[2]), family, format, number(argv[5]), number(argv[6]),
             number(argv[7]));
    } else {
        fail("wrong arguments; see the top of bench/generate.cpp");
    }
    if (fflush(stdout) != 0)
        fail("cannot write");
    return 0;
}
