// PNG images from and to masks, through libpng.
#pragma once

#include "core/io/pixel_io.h"

namespace mq
{

// What the first pass learns; the caller then allocates shape.pixels() * flat_pixel_size(format)
// bytes.
struct PngHeader {
    Shape shape;
    PixelFormat format; // u16 for 16-bit gray, else u8
};

// Reads signature and image header. Gray without alpha of 1, 2, 4 and 8 bits (u8; fewer bits are
// spread over 0 to 255, so that white is 255) and 16 bits (u16). A file far too short for its image
// (no deflate stream grows more than 1032-fold) is refused here, before memory is allocated for it.
// Errors: invalid_binary (not a PNG, damaged), unsupported (colour, palette, alpha: names colour
// type and depth and hints at a conversion), too_large, out_of_memory.
bool read_png_header(Bytes file, PngHeader *out, Error &err);

// Decodes the image into flat: codes over whatever domain the caller gives the mask. Interlaced
// files are read too. Gamma, transparent colour and text chunks are ignored: a mask is numbers, not
// light. REQUIRES: header comes from read_png_header of the same file. Errors: invalid_binary
// (truncated or damaged), out_of_memory.
bool read_png_pixels(Bytes file, const PngHeader &header, void *flat, Error &err);

// How write_png shows values. none is a gray file that reads back (u8, u16 and bit exactly up to
// the format: bit as 0 and 255); the others are 8-bit RGB for eyes, lo at the left end of the map
// and hi at the right one.
enum class Colormap : uint8_t { none, gray, jet, hot, viridis };

// "gray", "jet", "hot", "viridis"; exact match of [name, name + length). Errors: invalid_parameter,
// lists the names.
bool colormap_from_name(const char *name, size_t length, Colormap *out, Error &err);

// An upper bound of the file that write_png makes. It may pass 1 GB for the largest masks: allocate
// it as a huge chunk (untouched memory costs nothing) and check the size afterwards.
size_t png_bound(PixelFormat format, Shape shape, Colormap colormap);

// Writes a PNG file into out. Without a colormap: u8 as 8-bit gray, u16 as 16-bit gray, bit as
// 1-bit gray (an eighth of the pixels' bytes before compression; white is 1), f32 and f16 as 8-bit
// gray, rounded over the domain (lossy). REQUIRES: capacity >= png_bound(format, shape, colormap).
// Errors: out_of_memory, internal.
bool write_png(PixelFormat format, const Domain &domain, Shape shape, const void *flat,
               Colormap colormap, uint8_t *out, size_t capacity, size_t *size, Error &err);

} // namespace mq
