// mask: text and binary input and output.
#include "core/io/text/text.h"
#include "core/io/wire.h"
#include "types/mask/copy_sink.h"
#include "types/mask/mask.h"
#include "pg/guard.h"

extern "C" {
#include "libpq/pqformat.h"
}

namespace mq
{

CopySink (*find_copy_sink)(MemoryContext) = nullptr;

// The value of an input function.
static Datum input_datum(FunctionCallInfo fcinfo, const FlatMask &flat)
{
    Datum mask = flat_get_datum(flat);
    FmgrInfo *call = fcinfo->flinfo;
    if (!call || !find_copy_sink)
        return mask;
    CopySink *sink = (CopySink *)call->fn_extra;
    if (!sink) {
        sink = (CopySink *)MemoryContextAlloc(call->fn_mcxt, sizeof(CopySink));
        *sink = find_copy_sink(call->fn_mcxt);
        call->fn_extra = sink;
    }
    if (sink->take) {
        const struct varlena *value = (const struct varlena *)DatumGetPointer(mask);
        sink->take(*sink, Bytes{(const uint8_t *)VARDATA(value), VARSIZE(value) - VARHDRSZ}, flat);
    }
    return mask;
}

} // namespace mq

using namespace mq;

MQ_FUNCTION(mask_in)
{
    const char *s = PG_GETARG_CSTRING(0);
    int32 typmod = PG_GETARG_INT32(2);
    size_t n = strlen(s);

    MaskTextHeader header;
    if (!call_core_soft(fcinfo->context,
                        [&](Error &err) { return scan_mask_text(s, n, &header, err); }))
        PG_RETURN_NULL();
    FlatMask flat = make_flat(header.format, header.shape, header.domain);
    if (!call_core_soft(
            fcinfo->context,
            [&](Error &err) { return parse_mask_text(s, n, header, flat.pixels, err); }) ||
        !apply_typmod(&flat, typmod, fcinfo->context))
        PG_RETURN_NULL();
    return input_datum(fcinfo, flat);
}

MQ_FUNCTION(mask_out)
{
    FlatMask flat = datum_get_flat(PG_GETARG_DATUM(0));
    char *s = static_cast<char *>(palloc_huge(mask_text_bound(flat.format, flat.shape) + 1));
    size_t n = 0;
    call_core([&](Error &) {
        n = print_mask_text(flat.format, flat.domain, flat.shape, flat.pixels, s);
        return true;
    });
    check_result_size(n + 1, "text form of the mask");
    s[n] = '\0';
    PG_RETURN_CSTRING(s);
}

MQ_FUNCTION(mask_recv)
{
    StringInfo buf = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
    int n = buf->len - buf->cursor;
    Bytes message{reinterpret_cast<const uint8_t *>(pq_getmsgbytes(buf, n)), size_t(n)};

    WireHeader header;
    call_core([&](Error &err) { return read_wire_header(message, &header, err); });
    FlatMask flat = make_flat(header.format, header.shape, header.domain);
    call_core([&](Error &err) { return read_wire_pixels(message, header, flat.pixels, err); });
    apply_typmod(&flat, PG_GETARG_INT32(2), nullptr);
    return input_datum(fcinfo, flat);
}

MQ_FUNCTION(mask_send)
{
    FlatMask flat = datum_get_flat(PG_GETARG_DATUM(0));
    size_t size = wire_size(flat.format, flat.shape);
    check_result_size(size, "binary form of the mask");
    bytea *result = static_cast<bytea *>(palloc(VARHDRSZ + size));
    SET_VARSIZE(result, VARHDRSZ + size);
    call_core([&](Error &) {
        write_wire(WireHeader{flat.format, flat.domain, flat.shape}, flat.pixels,
                   reinterpret_cast<uint8_t *>(VARDATA(result)));
        return true;
    });
    PG_RETURN_BYTEA_P(result);
}
