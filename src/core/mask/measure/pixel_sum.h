// Summing pixels: the kernels, and pixel_sum over a stored mask in memory.
#pragma once

#include "core/mask/layout.h"
#include "core/base/value_sum.h"

namespace mq
{

// Adds the flat pixels whose ordinal lies in range, over a rectangle of width x height pixels that
// starts at `pixels` in rows of `stride` pixels, to a sum of their format. Exact; SIMD
// (core/base/simd.h). REQUIRES: pixels aligned to their size and inside the sum's domain; at most
// kMaxTileBytes of them.
void sum_pixels(const void *pixels, size_t stride, int32_t width, int32_t height,
                OrdinalRange range, ValueSum *sum);

// What the directory alone adds to a sum for tile t, of which `rect` is asked for: nothing when no
// pixel lies in range, the pixels of a constant tile. False when the pixels must be read.
bool sum_constant_tile(const TileDirectory &dir, size_t t, const PixelRect &rect,
                       OrdinalRange range, ValueSum *sum);

// pixel_sum over a stored mask that lies in memory as a whole: decodes only the tiles that the roi
// touches and that the directory leaves open. Infinite when the sum overflows. Errors: corrupted.
bool sum_mask(Bytes value, const Roi &roi, double lv, double uv, double *sum, Error &err);

} // namespace mq
