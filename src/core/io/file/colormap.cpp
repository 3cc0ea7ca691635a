#include "core/io/file/colormap.h"

#include <cstring>

namespace mq
{

namespace
{

// Anchors at equal distances; the colour between two is interpolated channel by channel.
struct Anchors {
    const char *name;
    int count;
    Rgb colors[10];
};

constexpr Anchors kGray{"gray", 2, {{0, 0, 0}, {255, 255, 255}}};
// Blue, cyan, yellow, red, with the dark ends of the classic map.
constexpr Anchors kJet{"jet",
                       9,
                       {{0, 0, 128},
                        {0, 0, 255},
                        {0, 128, 255},
                        {0, 255, 255},
                        {128, 255, 128},
                        {255, 255, 0},
                        {255, 128, 0},
                        {255, 0, 0},
                        {128, 0, 0}}};
// Black body: red fills first, then green, then blue; 3/8 + 3/8 + 2/8 of the range.
constexpr Anchors kHot{"hot",
                       9,
                       {{0, 0, 0},
                        {85, 0, 0},
                        {170, 0, 0},
                        {255, 0, 0},
                        {255, 85, 0},
                        {255, 170, 0},
                        {255, 255, 0},
                        {255, 255, 128},
                        {255, 255, 255}}};
// Even in perceived brightness, and readable by the colour-blind.
constexpr Anchors kViridis{"viridis",
                           10,
                           {{68, 1, 84},
                            {72, 40, 120},
                            {62, 74, 137},
                            {49, 104, 142},
                            {38, 130, 142},
                            {31, 158, 137},
                            {53, 183, 121},
                            {109, 205, 89},
                            {180, 222, 44},
                            {253, 231, 37}}};

constexpr const Anchors *kColormaps[] = {&kGray, &kJet, &kHot,
                                         &kViridis}; // in the order of Colormap, after none

uint8_t mix(int from, int to, int weight, int total)
{
    return uint8_t((from * (total - weight) + to * weight + total / 2) / total);
}

} // namespace

bool colormap_from_name(const char *name, size_t length, Colormap *out, Error &err)
{
    uint8_t number = uint8_t(Colormap::gray);
    for (const Anchors *map : kColormaps) {
        if (strlen(map->name) == length && memcmp(map->name, name, length) == 0) {
            *out = Colormap(number);
            return true;
        }
        number++;
    }
    // The name may hold any bytes of the database's encoding: cut nothing apart, so show it only
    // when it is short.
    if (length < 64)
        err.set(ErrorCode::invalid_parameter, "unknown colormap \"%.*s\"", int(length), name);
    else
        err.set(ErrorCode::invalid_parameter, "unknown colormap");
    return err.with_hint("Colormaps are gray, jet, hot and viridis.");
}

void colormap_table(Colormap colormap, Rgb (&table)[256])
{
    const Anchors &map = *kColormaps[uint8_t(colormap) - uint8_t(Colormap::gray)];
    for (int i = 0; i < 256; i++) {
        int position =
            i * (map.count - 1); // in units of 1 / 255 of the distance between two anchors
        int left = position / 255 < map.count - 1 ? position / 255 : map.count - 2;
        int weight = position - left * 255;
        const Rgb &a = map.colors[left], &b = map.colors[left + 1];
        table[i] =
            Rgb{mix(a.r, b.r, weight, 255), mix(a.g, b.g, weight, 255), mix(a.b, b.b, weight, 255)};
    }
}

} // namespace mq
