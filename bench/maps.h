// The real saliency maps of data/wildcam-mini, expanded to full masks, for the benchmarks of the
// core.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/pixel.h"

namespace mq::bench
{

struct Grid {
    int32_t image_id, model_id;
    int32_t width, height;
    std::vector<double> values;
};

// Every step-th map of cams.csv. Ends the program with a message when the file cannot be read.
std::vector<Grid> read_maps(const char *path, size_t step);

// The object's box in each image (boxes.csv), by image_id: x1, y1, x2, y2.
std::vector<std::vector<int32_t>> read_boxes(const char *path);

// Bilinear, as the data set's README says (align_corners = false, clamped to [0, 1]).
std::vector<float> expand(const Grid &grid, int32_t size);

// Flat pixels of the format; bit is the map above 0.5. Domain [0, 1].
std::vector<uint64_t> convert(const std::vector<float> &map, PixelFormat format);

// Seconds since some start, of the clock on the wall and of this thread's work alone.
double now();
double cpu_now();

} // namespace mq::bench
