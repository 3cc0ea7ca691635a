// The SQL type mask in glue: Datums to flat pixels and back, typmods, and the checks that functions
// of two masks share. The stored form is src/core/mask/FORMAT.md; reading parts of a stored mask is
// src/read/tile_reader.h.
#pragma once

#include "core/mask/layout.h"
#include "pg/pg.h"

namespace mq
{

// A mask in memory: flat pixels (src/core/base/pixel.h) in palloc'd memory, perhaps a huge chunk.
struct FlatMask {
    PixelFormat format;
    Shape shape;
    Domain domain;
    void *pixels;

    size_t size() const { return shape.pixels() * flat_pixel_size(format); }
};

// palloc that may pass 1 GB: pixels and upper bounds of sizes do for the largest masks.
inline void *palloc_huge(size_t size)
{
    return MemoryContextAllocHuge(CurrentMemoryContext, size);
}

// Room for pixels in the current memory context, not initialised.
FlatMask make_flat(PixelFormat format, Shape shape, const Domain &domain);

// Decodes a mask value, stored or computed, in the current memory context. For functions that only
// show or convert a value. Errors: ERRCODE_DATA_CORRUPTED.
FlatMask datum_get_flat(Datum mask);

// The same for functions that compute with pixels: counts the mask as loaded (src/stats/stats.h).
FlatMask datum_load_flat(Datum mask);

// Encodes pixels as a mask value in the current memory context. Errors:
// ERRCODE_PROGRAM_LIMIT_EXCEEDED when the value passes 1 GB.
Datum flat_get_datum(const FlatMask &flat);

// Copies bytes into a bytea, or a text. Errors: ERRCODE_PROGRAM_LIMIT_EXCEEDED, naming `what`,
// beyond 1 GB. check_result_size() makes the same check for values that are built in place.
void check_result_size(size_t size, const char *what);
Datum bytes_get_datum(const void *data, size_t size, const char *what);

// Header of a mask value, by reading its first bytes only, and the size of the value (as in
// FORMAT.md, before TOAST).
MaskHeader datum_get_header(Datum mask, size_t *value_size);

// The same pixels in another format over the same domain, in new memory; flat itself when it has
// the format already. Errors: those of convert_format (src/core/io/convert.h).
FlatMask with_format(const FlatMask &flat, PixelFormat format);

// Shape and domain of two masks that a function combines must agree. Errors:
// ERRCODE_ARRAY_SUBSCRIPT_ERROR (shape), ERRCODE_INVALID_PARAMETER_VALUE (domain); both name both.
void check_same_shape(Shape a, Shape b); // the first of these alone
void check_same_space(Shape a_shape, const Domain &a_domain, Shape b_shape, const Domain &b_domain);

// What mask(width, height [, format]) fixes; stored as (width - 1) << 17 | (height - 1) << 3 |
// format, format 0 for any.
struct MaskTypmod {
    Shape shape;
    bool any_format;
    PixelFormat format;
};

// False when the typmod is -1 and fixes nothing.
bool decode_typmod(int32 typmod, MaskTypmod *out);
int32 encode_typmod(Shape shape, uint8_t format);

// Checks the shape and converts the format. False with the error saved in escontext (pg/guard.h).
bool apply_typmod(FlatMask *flat, int32 typmod, Node *escontext);

} // namespace mq
