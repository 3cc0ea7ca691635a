#include "families.h"

#include <algorithm>
#include <cmath>

namespace mq::bench
{

namespace
{

// SplitMix64 from a key: std's distributions differ between libraries, this does not.
class Random
{
  public:
    Random(uint64_t image, uint64_t stream)
        : state_(image * 0x9E3779B97F4A7C15u ^ stream * 0xD1B54A32D192ED03u)
    {
        next();
    }

    uint64_t next()
    {
        uint64_t z = state_ += 0x9E3779B97F4A7C15u;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        return z ^ z >> 31;
    }
    double uniform() { return double(next() >> 11) / 9007199254740992.0; } // [0, 1)
    double between(double lo, double hi) { return lo + (hi - lo) * uniform(); }
    int32_t below(int32_t n) { return int32_t(next() % uint64_t(n)); }
    bool chance(double p) { return uniform() < p; }
    double normal()
    {
        return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(6.283185307179586 * uniform());
    }

  private:
    uint64_t state_;
};

// Streams of random numbers of one image; those of the models follow.
constexpr uint64_t kSceneStream = 1, kSharedStream = 2, kModelStream = 16;

// In shares of the picture's side.
struct Box {
    double x, y, width, height; // centre and size
};

Box scene_box(Random &random)
{
    // Median side 0.3 of the picture; animals are wider than tall more often than not.
    double side = std::clamp(0.3 * std::exp(0.6 * random.normal()), 0.05, 0.95);
    double aspect = std::exp(0.1 + 0.3 * random.normal());
    Box b;
    b.width = std::min(side * std::sqrt(aspect), 0.98);
    b.height = std::min(side / std::sqrt(aspect), 0.98);
    b.x = random.between(b.width / 2, 1 - b.width / 2);
    b.y = random.between(b.height / 2, 1 - b.height / 2);
    return b;
}

Box box_of(int32_t image_id)
{
    Random random(uint64_t(image_id), kSceneStream);
    return scene_box(random);
}

struct Blob {
    double x, y, sx, sy, height;
};

Blob random_blob(Random &random, const Box &box, bool on_object)
{
    Blob b;
    if (on_object) {
        b.x = box.x + box.width * 0.2 * random.normal();
        b.y = box.y + box.height * 0.2 * random.normal();
        b.sx = box.width * random.between(0.25, 0.6);
        b.sy = box.height * random.between(0.25, 0.6);
    } else {
        b.x = random.uniform();
        b.y = random.uniform();
        b.sx = 0.18 * std::exp(0.5 * random.normal());
        b.sy = b.sx * std::exp(0.3 * random.normal());
    }
    b.sx = std::max(b.sx, 0.06);
    b.sy = std::max(b.sy, 0.06);
    b.height = 1;
    return b;
}

// Where a network looks: mostly at the object, at times at something else; two networks share the
// first blob more often than not.
std::vector<Blob> attention(int32_t image_id, Random &random)
{
    const Box box = box_of(image_id);
    Random shared(uint64_t(image_id), kSharedStream);
    const Blob common = random_blob(shared, box, shared.chance(0.8));
    std::vector<Blob> blobs;
    blobs.push_back(random.chance(0.65) ? common : random_blob(random, box, random.chance(0.7)));
    const int32_t more = random.below(4);
    for (int32_t i = 0; i < more; i++) {
        blobs.push_back(random_blob(random, box, random.chance(0.3)));
        blobs.back().height = random.between(0.2, 0.95);
    }
    return blobs;
}

double level(const std::vector<Blob> &blobs, double x, double y)
{
    double sum = 0;
    for (const Blob &b : blobs) {
        const double dx = (x - b.x) / b.sx, dy = (y - b.y) / b.sy;
        sum += b.height * std::exp(-0.5 * (dx * dx + dy * dy));
    }
    return sum;
}

// Bilinear, pixel centres aligned (align_corners = false), clamped at the rim.
void enlarge(const std::vector<float> &grid, int32_t cells, int32_t side, float *map)
{
    auto tap = [=](int32_t n, int32_t *i0, int32_t *i1) {
        const double s = std::clamp((n + 0.5) * cells / side - 0.5, 0.0, double(cells - 1));
        *i0 = int32_t(s);
        *i1 = std::min(*i0 + 1, cells - 1);
        return float(s - *i0);
    };
    std::vector<float> wide(size_t(cells) * side);
    for (int32_t x = 0; x < side; x++) {
        int32_t i0, i1;
        const float t = tap(x, &i0, &i1);
        for (int32_t y = 0; y < cells; y++)
            wide[size_t(y) * side + x] =
                grid[size_t(y) * cells + i0] * (1 - t) + grid[size_t(y) * cells + i1] * t;
    }
    for (int32_t y = 0; y < side; y++) {
        int32_t i0, i1;
        const float t = tap(y, &i0, &i1);
        const float *top = &wide[size_t(i0) * side], *bottom = &wide[size_t(i1) * side];
        float *row = map + size_t(y) * side;
        for (int32_t x = 0; x < side; x++)
            row[x] = top[x] * (1 - t) + bottom[x] * t;
    }
}

// Divides by top and cuts off above; all zero when there is nothing to divide by.
void normalise(std::vector<float> *map, float top)
{
    const float factor = top > 0 ? 1 / top : 0;
    for (float &v : *map)
        v = std::min(v * factor, 1.0f);
}

void smooth(int32_t image_id, int32_t model, int32_t side, std::vector<float> *map)
{
    Random random(uint64_t(image_id), kModelStream + uint64_t(model));
    const std::vector<Blob> blobs = attention(image_id, random);
    const int32_t cells = std::max(side / 32, 2);
    const double noise = random.between(0.02, 0.15), offset = random.between(0.0, 0.25);
    std::vector<float> grid(size_t(cells) * cells);
    for (int32_t y = 0; y < cells; y++)
        for (int32_t x = 0; x < cells; x++) {
            const double v = level(blobs, (x + 0.5) / cells, (y + 0.5) / cells);
            grid[size_t(y) * cells + x] =
                float(std::max(v - offset + noise * random.normal(), 0.0));
        }
    map->resize(size_t(side) * side);
    enlarge(grid, cells, side, map->data());
    normalise(map, *std::max_element(map->begin(), map->end()));
}

void gradient(int32_t image_id, int32_t model, int32_t side, std::vector<float> *map)
{
    Random random(uint64_t(image_id), kModelStream + uint64_t(model));
    const std::vector<Blob> blobs = attention(image_id, random);
    const double background = random.between(0.03, 0.2);
    const int32_t cells = std::max(side / 8, 2);
    std::vector<float> grid(size_t(cells) * cells);
    for (int32_t y = 0; y < cells; y++)
        for (int32_t x = 0; x < cells; x++)
            grid[size_t(y) * cells + x] =
                float(background + level(blobs, (x + 0.5) / cells, (y + 0.5) / cells));
    map->resize(size_t(side) * side);
    enlarge(grid, cells, side, map->data());
    // The tail of an exponential to the power 3/2 is heavier than a normal's.
    for (float &v : *map) {
        const float e = -std::log(1 - float(random.next() >> 40) / 16777216.0f);
        v *= e * std::sqrt(e);
    }
    std::vector<float> sorted = *map;
    auto rank = sorted.begin() + std::ptrdiff_t(sorted.size() * 99 / 100);
    std::nth_element(sorted.begin(), rank, sorted.end());
    normalise(map, *rank);
}

struct Ellipse {
    double x, y, rx, ry, sine, cosine;

    // 0 at the centre, 1 on the rim.
    double distance(double px, double py) const
    {
        const double dx = px - x, dy = py - y;
        const double u = (dx * cosine + dy * sine) / rx, v = (dy * cosine - dx * sine) / ry;
        return std::sqrt(u * u + v * v);
    }
};

Ellipse random_ellipse(Random &random, double x, double y, double rx, double ry)
{
    const double turn = random.between(-0.5, 0.5);
    return Ellipse{x, y, std::max(rx, 0.01), std::max(ry, 0.01), std::sin(turn), std::cos(turn)};
}

void segmentation(int32_t image_id, int32_t model, int32_t side, std::vector<float> *map)
{
    Random random(uint64_t(image_id), kModelStream + uint64_t(model));
    const Box box = box_of(image_id);
    std::vector<Ellipse> parts;
    const int32_t count = 2 + random.below(4);
    for (int32_t i = 0; i < count; i++)
        parts.push_back(random_ellipse(random, box.x + box.width * random.between(-0.25, 0.25),
                                       box.y + box.height * random.between(-0.25, 0.25),
                                       box.width * random.between(0.15, 0.3),
                                       box.height * random.between(0.15, 0.3)));
    if (random.chance(0.3)) // something else taken for the object
        parts.push_back(random_ellipse(random, random.uniform(), random.uniform(),
                                       random.between(0.02, 0.1), random.between(0.02, 0.1)));
    const double edge = random.between(1, 4) / side;
    map->resize(size_t(side) * side);
    for (int32_t y = 0; y < side; y++)
        for (int32_t x = 0; x < side; x++) {
            double inside = -1e9; // about the distance to the rim, positive within
            for (const Ellipse &e : parts)
                inside = std::max(inside, (1 - e.distance((x + 0.5) / side, (y + 0.5) / side)) *
                                              std::min(e.rx, e.ry));
            (*map)[size_t(y) * side + x] = float(std::clamp(0.5 + inside / edge, 0.0, 1.0));
        }
}

} // namespace

const char *family_name(Family family)
{
    const char *names[] = {"smooth", "gradient", "segmentation", "levels"};
    return names[int(family)];
}

bool family_from_name(const std::string &name, Family *family)
{
    for (Family f : {Family::smooth, Family::gradient, Family::segmentation, Family::levels})
        if (name == family_name(f)) {
            *family = f;
            return true;
        }
    return false;
}

Scene make_scene(int32_t image_id, int32_t side)
{
    Random random(uint64_t(image_id), kSceneStream);
    const Box b = scene_box(random);
    auto pixel = [=](double v) { return std::clamp(int32_t(v * side) + 1, 1, side); };
    Scene s;
    s.box = Roi{pixel(b.x - b.width / 2), pixel(b.y - b.height / 2), pixel(b.x + b.width / 2),
                pixel(b.y + b.height / 2)};
    s.label = random.below(kClasses);
    for (int32_t &predicted : s.predicted)
        predicted = random.chance(0.7) ? s.label : random.below(kClasses);
    return s;
}

void make_map(Family family, int32_t image_id, int32_t model, int32_t side, std::vector<float> *map)
{
    switch (family) {
    case Family::smooth:
        return smooth(image_id, model, side, map);
    case Family::gradient:
        return gradient(image_id, model, side, map);
    case Family::segmentation:
        return segmentation(image_id, model, side, map);
    case Family::levels:
        smooth(image_id, model, side, map);
        for (float &v : *map)
            v = std::round(v * 15) / 15;
        return;
    }
}

} // namespace mq::bench
