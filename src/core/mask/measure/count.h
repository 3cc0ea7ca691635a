// Counting pixels: the kernels, and cp over a stored mask in memory.
#pragma once

#include "core/mask/layout.h"

namespace mq
{

// Counts flat pixels whose ordinal lies in range, over a rectangle of width x height pixels that
// starts at `pixels` in rows of `stride` pixels. REQUIRES: pixels aligned to their size. Exact;
// SIMD (core/base/simd.h).
uint64_t count_pixels(PixelFormat format, const void *pixels, size_t stride, int32_t width,
                      int32_t height, OrdinalRange range);

// What the directory alone says of every pixel of tile t: none of them lies in range, or all, or
// the pixels must be read.
enum class TileVerdict : uint8_t { none, all, undecided };
TileVerdict judge_tile(const TileDirectory &dir, size_t t, OrdinalRange range);

// Counts the pixels of tile t inside rect (in pixels of the mask) and range, decoding its payload
// (empty for a constant tile). Errors: corrupted.
bool count_tile(const TileDirectory &dir, size_t t, Bytes payload, const PixelRect &rect,
                OrdinalRange range, uint64_t *count, Error &err);

// cp over a stored mask that lies in memory as a whole: decodes only the tiles that the rectangle
// touches and whose extremes straddle the range. Errors: corrupted.
bool count_mask(Bytes value, const Roi &roi, double lv, double uv, uint64_t *count, Error &err);

} // namespace mq
