#include "maps.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>

namespace mq::bench
{

static std::ifstream open_csv(const char *path)
{
    std::ifstream file(path);
    std::string header;
    if (!std::getline(file, header)) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    return file;
}

std::vector<Grid> read_maps(const char *path, size_t step)
{
    std::ifstream file = open_csv(path);
    std::vector<Grid> maps;
    std::string line;
    for (size_t n = 0; std::getline(file, line); n++) {
        if (n % step != 0)
            continue;
        Grid g{0, 0, 0, 0, {}};
        // 17,1,"[[0.1,0.2],[0.3,0.4]]"
        g.height = int32_t(std::count(line.begin(), line.end(), '[')) - 1;
        for (char &c : line)
            if (c == ',' || c == '[' || c == ']' || c == '"')
                c = ' ';
        std::istringstream fields(line);
        fields >> g.image_id >> g.model_id;
        for (double v; fields >> v;)
            g.values.push_back(v);
        g.width = g.height > 0 ? int32_t(g.values.size()) / g.height : 0;
        maps.push_back(g);
    }
    return maps;
}

std::vector<std::vector<int32_t>> read_boxes(const char *path)
{
    std::ifstream file = open_csv(path);
    std::vector<std::vector<int32_t>> boxes;
    std::string line;
    while (std::getline(file, line)) {
        // image_id,object_no,class,x1,y1,x2,y2
        int id, x1, y1, x2, y2;
        if (sscanf(line.c_str(), "%d,%*d,%*[^,],%d,%d,%d,%d", &id, &x1, &y1, &x2, &y2) != 5)
            continue;
        if (boxes.size() <= size_t(id))
            boxes.resize(id + 1);
        boxes[id] = {x1, y1, x2, y2};
    }
    return boxes;
}

namespace
{

// Where pixel n of `pixels` reads an axis of `cells` values: between two of them.
struct Tap {
    int32_t i0, i1;
    double t;
};
std::vector<Tap> taps(int32_t pixels, int32_t cells)
{
    std::vector<Tap> result(pixels);
    for (int32_t n = 0; n < pixels; n++) {
        double s = std::clamp((n + 0.5) * cells / pixels - 0.5, 0.0, double(cells - 1));
        int32_t i0 = int32_t(std::floor(s));
        result[n] = Tap{i0, std::min(i0 + 1, cells - 1), s - i0};
    }
    return result;
}

} // namespace

std::vector<float> expand(const Grid &grid, int32_t size)
{
    std::vector<Tap> columns = taps(size, grid.width), rows = taps(size, grid.height);
    std::vector<float> map(size_t(size) * size);
    auto at = [&](int32_t x, int32_t y) { return grid.values[size_t(y) * grid.width + x]; };
    for (int32_t y = 0; y < size; y++) {
        for (int32_t x = 0; x < size; x++) {
            Tap r = rows[y], c = columns[x];
            double top = at(c.i0, r.i0) * (1 - c.t) + at(c.i1, r.i0) * c.t;
            double bottom = at(c.i0, r.i1) * (1 - c.t) + at(c.i1, r.i1) * c.t;
            map[size_t(y) * size + x] = float(std::clamp(top * (1 - r.t) + bottom * r.t, 0.0, 1.0));
        }
    }
    return map;
}

std::vector<uint64_t> convert(const std::vector<float> &map, PixelFormat format)
{
    size_t pixel_size = flat_pixel_size(format);
    std::vector<uint64_t> flat(map.size() * pixel_size / 8 + 1);
    uint8_t *p = reinterpret_cast<uint8_t *>(flat.data());
    for (size_t i = 0; i < map.size(); i++) {
        double v = format == PixelFormat::bit ? map[i] > 0.5 : map[i];
        uint32_t raw = 0;
        value_to_raw(format, Domain{0, 1}, v, &raw);
        memcpy(p + i * pixel_size, &raw, pixel_size);
    }
    return flat;
}

double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

double cpu_now()
{
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}

} // namespace mq::bench
