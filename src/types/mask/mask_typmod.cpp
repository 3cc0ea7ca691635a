// mask(width, height [, format]): the type modifier.
#include "core/io/convert.h"
#include "types/mask/mask.h"
#include "pg/guard.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
}

namespace mq
{

int32 encode_typmod(Shape shape, uint8_t format)
{
    return (shape.width - 1) << 17 | (shape.height - 1) << 3 | format;
}

bool decode_typmod(int32 typmod, MaskTypmod *out)
{
    if (typmod < 0)
        return false;
    uint8_t format = typmod & 7;
    if (format != 0 && !is_valid_format(format))
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                 errmsg("invalid type modifier for type mask: %d", typmod),
                 errhint("Write the type as mask(width, height, format); format_type() shows "
                         "a column's.")));
    out->shape = Shape{(typmod >> 17) + 1, ((typmod >> 3) & 0x3FFF) + 1};
    out->any_format = format == 0;
    out->format = PixelFormat(format);
    return true;
}

static bool check_typmod_shape(Shape shape, const MaskTypmod &wanted, Error &err)
{
    if (shape == wanted.shape)
        return true;
    err.set(ErrorCode::shape_mismatch, "mask does not fit type mask(%d,%d)", wanted.shape.width,
            wanted.shape.height);
    return err
        .with_detail("The mask measures %d x %d pixels, the type wants %d x %d.", shape.width,
                     shape.height, wanted.shape.width, wanted.shape.height)
        .with_hint("Use mask_resize, or a column of type mask for masks of several shapes.");
}

bool apply_typmod(FlatMask *flat, int32 typmod, Node *escontext)
{
    MaskTypmod wanted;
    if (!decode_typmod(typmod, &wanted))
        return true;
    if (!call_core_soft(escontext,
                        [&](Error &err) { return check_typmod_shape(flat->shape, wanted, err); }))
        return false;
    if (wanted.any_format || wanted.format == flat->format)
        return true;
    FlatMask out = make_flat(wanted.format, flat->shape, flat->domain);
    if (!call_core_soft(escontext, [&](Error &err) {
            return convert_format(flat->format, out.format, flat->domain, flat->shape, flat->pixels,
                                  out.pixels, err);
        }))
        return false;
    pfree(flat->pixels);
    *flat = out;
    return true;
}

} // namespace mq

using namespace mq;

static int32 parse_side(const char *s, const char *name)
{
    int64_t v = 0;
    size_t n = strspn(s, "0123456789");
    for (size_t i = 0; i < n && v <= kMaxSide; i++)
        v = v * 10 + (s[i] - '0');
    if (n == 0 || s[n] != '\0' || v < 1 || v > kMaxSide)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("invalid %s of type mask: \"%s\"", name, s),
                        errdetail("It must be a whole number from 1 to %d.", kMaxSide),
                        errhint("Write mask(width, height) or mask(width, height, format).")));
    return int32(v);
}

MQ_FUNCTION(mask_typmod_in)
{
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    Datum *words;
    int n;
    deconstruct_array(array, CSTRINGOID, -2, false, TYPALIGN_CHAR, &words, nullptr, &n);
    if (n != 2 && n != 3)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("invalid type modifier of type mask"),
                        errdetail("It takes 2 or 3 words, not %d.", n),
                        errhint("Write mask(width, height) or mask(width, height, format).")));
    Shape shape{parse_side(DatumGetCString(words[0]), "width"),
                parse_side(DatumGetCString(words[1]), "height")};
    uint8_t format = 0;
    if (n == 3) {
        const char *name = DatumGetCString(words[2]);
        PixelFormat f;
        if (!format_from_name(name, strlen(name), &f))
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("invalid pixel format of type mask: \"%s\"", name),
                            errhint("Formats are f32, f16, u8, u16 and bit.")));
        format = uint8_t(f);
    }
    PG_RETURN_INT32(encode_typmod(shape, format));
}

MQ_FUNCTION(mask_typmod_out)
{
    MaskTypmod t;
    if (!decode_typmod(PG_GETARG_INT32(0), &t))
        PG_RETURN_CSTRING(pstrdup(""));
    PG_RETURN_CSTRING(t.any_format ? psprintf("(%d,%d)", t.shape.width, t.shape.height)
                                   : psprintf("(%d,%d,%s)", t.shape.width, t.shape.height,
                                              format_name(t.format)));
}

// The length coercion cast mask(mask, typmod, explicit). Reads only the header of a value that fits
// already.
MQ_FUNCTION(mask_coerce)
{
    Datum mask = PG_GETARG_DATUM(0);
    int32 typmod = PG_GETARG_INT32(1);
    MaskTypmod wanted;
    if (!decode_typmod(typmod, &wanted))
        PG_RETURN_DATUM(mask);
    size_t size;
    MaskHeader header = datum_get_header(mask, &size);
    call_core([&](Error &err) { return check_typmod_shape(header.shape(), wanted, err); });
    if (wanted.any_format || wanted.format == header.format)
        PG_RETURN_DATUM(mask);
    return flat_get_datum(with_format(datum_get_flat(mask), wanted.format));
}
