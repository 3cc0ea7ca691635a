// Generated masks for the benchmarks: the shapes of the paper's data sets without their pictures.
//
// A *scene* is a picture: an object's box and the classes that two models saw. A *map* belongs to a
// scene and a model. Both follow from their numbers alone, so any part of a data set can be made
// anywhere, in any order, and is the same everywhere (up to the last bit of the C library's exp and
// log).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/roi.h"

namespace mq::bench
{

// smooth        GradCAM-like: a few blobs on the network's coarse grid (32 pixels a cell), negative
//               values cut off, enlarged bilinearly
// gradient      input gradients: heavy-tailed noise of every pixel under an envelope on the object,
//               cut off at the 99th percentile
// segmentation  an object's probability: 1 inside an ellipse, 0 outside, a soft edge a few pixels
//               wide, sometimes with holes and neighbours
// levels        smooth, rounded to 16 levels: the smallest stored mask that is still a map
enum class Family { smooth, gradient, segmentation, levels };
constexpr Family kFamilies[] = {Family::smooth, Family::gradient, Family::segmentation};

const char *family_name(Family family);
bool family_from_name(const std::string &name, Family *family);

struct Scene {
    Roi box; // within a picture of side x side pixels
    int32_t label, predicted[2];
};

constexpr int32_t kClasses = 182; // as many as iWildCam has

// Scene image_id (1, 2, ...) as a picture of side x side pixels.
Scene make_scene(int32_t image_id, int32_t side);

// side * side values on [0, 1], rows from the top, into map. The greatest is 1, or all are 0.
// model is 1 or 2; two models mostly look at the same place.
void make_map(Family family, int32_t image_id, int32_t model, int32_t side,
              std::vector<float> *map);

} // namespace mq::bench
