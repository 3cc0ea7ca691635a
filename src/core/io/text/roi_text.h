// The text form of a roi: ((x1,y1),(x2,y2)), or full.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/error.h"
#include "core/base/roi.h"

namespace mq
{

// Longest text that format_roi writes, the terminating zero included.
constexpr size_t kRoiTextSize = 64;

// Makes a roi of four corners and checks it. Errors: invalid_parameter when x1 > x2 or y1 > y2,
// out_of_range when a corner does not fit 32 bits.
bool make_roi(int64_t x1, int64_t y1, int64_t x2, int64_t y2, Roi *out, Error &err);

// Parses [s, s + n). White space may stand between any two tokens, the outer parentheses may be
// left out (as box allows), and `full` is read in any case. Errors: invalid_text, and those of
// make_roi.
bool parse_roi(const char *s, size_t n, Roi *out, Error &err);

// Writes the text and a terminating zero to out. REQUIRES: kRoiTextSize bytes at out.
void format_roi(const Roi &r, char *out);

} // namespace mq
