// Pixel-wise and geometric operations on flat masks. All keep the domain; outputs never overlap
// inputs unless said.
#pragma once

#include "core/base/pixel.h"
#include "core/base/roi.h"

namespace mq
{

enum class Comparison : uint8_t { gt, ge, lt, le };

// Smallest ordinal that satisfies v > t; ordinal_end when none does. A pixel that was written as t
// does not satisfy it: f32, f16, u8, u16 take the ordinal after that of t rounded (everything when
// t is below the domain), bit gives 0 for t < lo, 1 for t < hi, else 2. Monotone in t and never
// below lower_ordinal(t). REQUIRES: t is not NaN.
uint32_t above_ordinal(PixelFormat format, const Domain &domain, double t);

// out[i] = 1 where the pixel compares with t, else 0: a bit mask on [0, 1]. v >= t and v < t are
// each other's complement, so are v > t and v <= t. `out` holds `pixels` bytes. Errors:
// invalid_parameter (t is NaN).
bool threshold(PixelFormat format, const Domain &domain, size_t pixels, const void *flat,
               Comparison comparison, double t, uint8_t *out, Error &err);

// out[i] = 1 where the pixel's ordinal is at least that, else 0.
void at_least(PixelFormat format, size_t pixels, const void *flat, uint32_t ordinal, uint8_t *out);

// Pixel-wise min and max of two masks of the same format, domain and shape. out may be a or b.
void pixel_min(PixelFormat format, size_t pixels, const void *a, const void *b, void *out);
void pixel_max(PixelFormat format, size_t pixels, const void *a, const void *b, void *out);

// lo + hi - v. Exact for u8, u16 and bit (largest code - code); floats are rounded, and kept inside
// the domain. out may be flat.
void complement(PixelFormat format, const Domain &domain, size_t pixels, const void *flat,
                void *out);

// The pixels of a rectangle, row-major. REQUIRES: rect is not empty and lies inside shape.
void crop(PixelFormat format, Shape shape, const void *flat, const PixelRect &rect, void *out);

// The mask at another size. Bilinear between pixel centres without corner alignment (column X of
// the result reads s = clamp((X + 0.5) * width / to.width - 0.5, 0, width - 1)), first between
// columns, then between rows; codes of u8 and u16 are interpolated and rounded. bit takes the pixel
// whose area holds the centre. A mask made smaller is sampled, not averaged: thumbnail averages.
// REQUIRES: check_shape(to) holds.
void resize(PixelFormat format, const Domain &domain, Shape shape, const void *flat, Shape to,
            void *out);

// u8 mask over the same domain whose pixels are the mean over the area that they cover, pixels cut
// by an edge counted by their covered share. REQUIRES: check_shape(to) holds; to may be larger than
// shape.
void thumbnail(PixelFormat format, const Domain &domain, Shape shape, const void *flat, Shape to,
               uint8_t *out);

constexpr int32_t kMaxHistogramBins = 65536;

// counts[i] = pixels in bin i of `bins` equal bins over the domain: those that satisfy v >= edge(i)
// and not v >= edge(i + 1), with edge(i) = lo + (hi - lo) * i / bins compared at the format's
// precision; the last bin includes the top. That is cp(full, edge(i), edge(i + 1)) as long as bins
// are not finer than the steps of u8, u16 or bit; then a pixel counts in the last bin that starts
// at it. The counts sum to `pixels`. Errors: invalid_parameter unless 1 <= bins <=
// kMaxHistogramBins.
bool histogram(PixelFormat format, const Domain &domain, size_t pixels, const void *flat,
               int32_t bins, uint64_t *counts, Error &err);

} // namespace mq
