// Mask Datums to flat pixels and back.
#include "core/io/convert.h"
#include "core/mask/codec.h"
#include "types/mask/mask.h"
#include "types/mask/recent.h"
#include "pg/guard.h"
#include "pg/toast.h"
#include "stats/stats.h"

extern "C" {
#include "access/toast_internals.h"
#include "utils/float.h"
}

namespace mq
{

FlatMask make_flat(PixelFormat format, Shape shape, const Domain &domain)
{
    FlatMask flat{format, shape, domain, nullptr};
    flat.pixels = palloc_huge(flat.size());
    return flat;
}

static FlatMask decode(struct varlena *value)
{
    Bytes bytes{reinterpret_cast<const uint8_t *>(VARDATA_ANY(value)), VARSIZE_ANY_EXHDR(value)};
    MaskHeader header;
    call_core([&](Error &err) { return read_header(bytes, &header, err); });
    FlatMask flat = make_flat(header.format, header.shape(), header.domain);
    call_core([&](Error &err) { return decode_mask(bytes, flat.pixels, err); });
    return flat;
}

FlatMask datum_get_flat(Datum mask)
{
    struct varlena *stored = reinterpret_cast<struct varlena *>(DatumGetPointer(mask));
    struct varlena *value = pg_detoast_datum_packed(stored);
    FlatMask flat = decode(value);
    if (value != stored)
        pfree(value);
    return flat;
}

FlatMask datum_load_flat(Datum mask)
{
    struct varlena *stored = reinterpret_cast<struct varlena *>(DatumGetPointer(mask));
    struct varatt_external pointer;
    stats_mask_loaded(get_toast_pointer(stored, &pointer) ? pointer.va_toastrelid : InvalidOid);
    stats_pixel_bytes(toast_datum_size(mask));
    return datum_get_flat(mask);
}

void check_result_size(size_t size, const char *what)
{
    if (size > MaxAllocSize - VARHDRSZ)
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("%s is too large", what),
                        errdetail("It takes %zu bytes; a value can hold %zu.", size,
                                  size_t(MaxAllocSize - VARHDRSZ)),
                        errhint("Take a part with mask_crop, make it smaller with mask_resize, or "
                                "use a format of fewer "
                                "bytes a pixel.")));
}

Datum bytes_get_datum(const void *data, size_t size, const char *what)
{
    check_result_size(size, what);
    struct varlena *result = static_cast<struct varlena *>(palloc(VARHDRSZ + size));
    SET_VARSIZE(result, VARHDRSZ + size);
    memcpy(VARDATA(result), data, size);
    return PointerGetDatum(result);
}

// The value is built where it stays: memory above its size was never touched, so giving it back
// would gain nothing.
Datum flat_get_datum(const FlatMask &flat)
{
    size_t capacity = encode_bound(flat.format, flat.shape), size = 0;
    struct varlena *result = static_cast<struct varlena *>(palloc_huge(VARHDRSZ + capacity));
    call_core([&](Error &err) {
        return encode_mask(flat.pixels, flat.format, flat.shape, flat.domain,
                           reinterpret_cast<uint8_t *>(VARDATA(result)), capacity, &size, err);
    });
    check_result_size(size, "mask");
    SET_VARSIZE(result, VARHDRSZ + size);
    remember_mask(Bytes{reinterpret_cast<const uint8_t *>(VARDATA(result)), size}, flat);
    return PointerGetDatum(result);
}

MaskHeader datum_get_header(Datum mask, size_t *value_size)
{
    struct varlena *stored = reinterpret_cast<struct varlena *>(DatumGetPointer(mask));
    // Not "extended and not short": a TOAST pointer passes for a short header, too.
    struct varlena *prefix = VARATT_IS_EXTERNAL(stored) || VARATT_IS_COMPRESSED(stored)
                                 ? detoast_attr_slice(stored, 0, kMaskHeaderSize)
                                 : stored;
    MaskHeader header;
    Bytes bytes{reinterpret_cast<const uint8_t *>(VARDATA_ANY(prefix)), VARSIZE_ANY_EXHDR(prefix)};
    call_core([&](Error &err) { return read_header(bytes, &header, err); });
    if (prefix != stored)
        pfree(prefix);
    *value_size = toast_raw_datum_size(mask) - VARHDRSZ;
    return header;
}

FlatMask with_format(const FlatMask &flat, PixelFormat format)
{
    if (flat.format == format)
        return flat;
    FlatMask out = make_flat(format, flat.shape, flat.domain);
    call_core([&](Error &err) {
        return convert_format(flat.format, format, flat.domain, flat.shape, flat.pixels, out.pixels,
                              err);
    });
    return out;
}

void check_same_shape(Shape a, Shape b)
{
    if (!(a == b))
        ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR), errmsg("masks differ in shape"),
                        errdetail("One measures %d x %d pixels, the other %d x %d.", a.width,
                                  a.height, b.width, b.height),
                        errhint("Bring them to one shape with mask_resize or mask_crop.")));
}

void check_same_space(Shape a_shape, const Domain &a_domain, Shape b_shape, const Domain &b_domain)
{
    check_same_shape(a_shape, b_shape);
    if (!(a_domain == b_domain))
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("masks differ in domain"),
                 errdetail("One lies in [%s, %s], the other in [%s, %s].",
                           float8out_internal(a_domain.lo), float8out_internal(a_domain.hi),
                           float8out_internal(b_domain.lo), float8out_internal(b_domain.hi)),
                 errhint("Combine masks of one domain, or their thresholds (mask > value).")));
}

} // namespace mq
