// The text form of a mask: rows from top to bottom.
//
//     [[0.1,0.2],[0.3,0.4]]             f32 on [0, 1]: what numpy's tolist prints as JSON;
//     {{...},{...}} is read too f32(0,80):[[12.5,80]]             another domain f16:[[0.5]]
//     f16(-1,1):[[-0.25]] u8:[[0,128],[255,3]]              raw codes, 0 to 255, over the domain
//     u16(0,65.535):[[0,65535]]         raw codes, 0 to 65535
//     bit:[[0,1],[1,1]]                 raw codes, 0 and 1
//
// White space may stand between any two tokens. Printing and parsing are inverse: every mask's text
// reads back as the same bits.
#pragma once

#include "core/io/pixel_io.h"

namespace mq
{

// What the first pass learns; the caller then allocates shape.pixels() * flat_pixel_size(format)
// bytes.
struct MaskTextHeader {
    PixelFormat format;
    Domain domain;
    Shape shape;
    size_t body; // offset of the outer opening bracket
};

// First pass over [s, s + n): the prefix, and the shape by counting. It checks brackets and commas,
// not the numbers. Errors: invalid_text (syntax, unknown format), invalid_parameter (bad domain),
// shape_mismatch (no pixels, or ragged rows: names the row and both lengths), too_large (more than
// kMaxSide either way).
bool scan_mask_text(const char *s, size_t n, MaskTextHeader *out, Error &err);

// Second pass: reads the numbers into flat pixels. REQUIRES: header comes from scan_mask_text of
// the same text. f32 and f16 read decimal numbers, exponents allowed, rounded to the nearest f32
// (directly) or f16 (from the nearest double); u8, u16 and bit read whole codes. Errors:
// out_of_range (outside the domain, NaN, infinity, a code outside its range), invalid_text (not a
// number); both name row, column and value.
bool parse_mask_text(const char *s, size_t n, const MaskTextHeader &header, void *flat, Error &err);

// An upper bound of what print_mask_text writes. It may pass 1 GB for the largest masks, where the
// true length may not: allocate it as a huge chunk (untouched memory costs nothing) and check the
// length afterwards.
size_t mask_text_bound(PixelFormat format, Shape shape);

// Prints a mask to out (no terminating zero) and returns the length. Numbers are the shortest
// decimals that read back as the same f32 or f16, ends of the domain the shortest that read back as
// the same double; the prefix is left out for f32 on [0, 1], the domain for every format on [0, 1].
// REQUIRES: mask_text_bound(format, shape) bytes at out.
size_t print_mask_text(PixelFormat format, const Domain &domain, Shape shape, const void *flat,
                       char *out);

} // namespace mq
