// COCO run-length encoding of bit masks (the "counts" of a COCO segmentation).
//
// Pixels are taken column by column, top to bottom; counts are the lengths of runs of 0, 1, 0, 1,
// ..., the first of which may be 0. The compressed string writes each count (from the fourth on:
// its difference to the count two before) as groups of 5 bits, low group first, in characters 48 +
// bits, + 32 when more groups follow; bit 4 of the last group is the sign.
#pragma once

#include "core/io/pixel_io.h"

namespace mq
{

// Both readers write shape.pixels() bytes, 0 or 1, row-major, to flat. REQUIRES: check_shape holds.
// Errors: invalid_text (a character outside the alphabet, a count cut off or too long: names its
// position), invalid_parameter (a negative count, or counts that do not sum to width x height:
// gives both numbers).
bool read_coco_string(const char *s, size_t n, Shape shape, uint8_t *flat, Error &err);
bool read_coco_counts(const int64_t *counts, size_t n, Shape shape, uint8_t *flat, Error &err);

// An upper bound of what write_coco_string writes: 9/8 bytes a pixel. Allocate it as a huge chunk.
size_t coco_string_bound(Shape shape);

// Writes the compressed string of a bit mask to out (no terminating zero) and returns its length.
size_t write_coco_string(Shape shape, const uint8_t *flat, char *out);

} // namespace mq
