// The type chi_program, and what goes in and out of a program: the bytes of its Const, the
// arguments of a guard.
#include "facts/program_datum.h"

#include "core/leaves/mask_leaves.h"

#include "pg/guard.h"
#include "types/roi/roi.h"

extern "C" {
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

namespace mq
{

bytea *make_program_datum(const uint8_t *program, size_t size, List *column_names)
{
    StringInfoData s;
    initStringInfo(&s);
    uint8_t prefix[VARHDRSZ + 4] = {};
    store_le<uint32_t>(prefix + VARHDRSZ, size);
    appendBinaryStringInfo(&s, (const char *)prefix, sizeof prefix);
    appendBinaryStringInfo(&s, (const char *)program, size);
    ListCell *lc;
    foreach (lc, column_names) {
        const char *name = (const char *)lfirst(lc);
        appendBinaryStringInfo(&s, name, strlen(name) + 1);
    }
    SET_VARSIZE(s.data, s.len);
    return (bytea *)s.data;
}

void open_program_datum(const struct varlena *datum, Program *program, const char **column_names)
{
    Bytes all{(const uint8_t *)VARDATA_ANY(datum), VARSIZE_ANY_EXHDR(datum)};
    size_t at = 4;
    bool ok = all.contains(0, 4) && all.contains(4, load_le<uint32_t>(all.data));
    if (ok) {
        Bytes code = all.slice(4, load_le<uint32_t>(all.data));
        Leaf *leaves = (Leaf *)palloc(sizeof(Leaf) * size_t(Max(count_leaves(code), 1)));
        call_core(
            [&](Error &err) { return open_program(code, mask_leaves, leaves, program, err); });
        at += code.size;
        ok = program->sources <= kMaxSources && program->inputs <= kMaxInputs;
        for (int i = 0; ok && i < program->sources; i++) {
            const void *end = memchr(all.data + at, 0, all.size - at);
            ok = end != nullptr;
            if (ok) {
                column_names[i] = (const char *)all.data + at;
                at = (const uint8_t *)end - all.data + 1;
            }
        }
        ok = ok && at == all.size;
    }
    if (!ok)
        ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("invalid chi_program")));
}

static void set_number(double v, ProgramInput *out)
{
    if (std::isinf(v))
        out->num = Num{v, v, 0.0, kMayValue, false}; // exact: a threshold may be infinite
    else
        out->num =
            std::isnan(v) ? any_num(kMayValue) : make_num(v, v, kMayValue, std::trunc(v) == v);
}

void load_input(InputKind kind, Oid type, Datum value, bool is_null, ProgramInput *out)
{
    *out = ProgramInput{};
    out->is_null = is_null;
    if (is_null)
        return;
    if (kind == InputKind::roi) {
        out->roi = datum_get_roi(value);
        return;
    }
    if (kind == InputKind::boolean) {
        out->boolean = DatumGetBool(value);
        return;
    }
    switch (type) {
    case INT2OID:
        set_number(DatumGetInt16(value), out);
        break;
    case INT4OID:
        set_number(DatumGetInt32(value), out);
        break;
    case INT8OID: {
        int64 v = DatumGetInt64(value);
        // float8 holds whole numbers exactly only below 2^53; larger ones are left unknown.
        if (v > -(INT64CONST(1) << 53) && v < (INT64CONST(1) << 53))
            set_number(double(v), out);
        else
            out->num = any_num(kMayValue);
        break;
    }
    case FLOAT4OID:
        set_number(DatumGetFloat4(value), out);
        break;
    case FLOAT8OID:
        set_number(DatumGetFloat8(value), out);
        break;
    case NUMERICOID: {
        double v = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value));
        // The nearest float8, so the numeric lies between its neighbours.
        if (std::isfinite(v)) {
            out->num = make_num(std::nextafter(v, -HUGE_VAL), std::nextafter(v, HUGE_VAL));
        } else {
            out->num = any_num(kMayValue);
        }
        break;
    }
    default:
        ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
                        errmsg("invalid input type %u of a chi_program", type)));
    }
}

} // namespace mq

using namespace mq;

MQ_FUNCTION(mq_chi_program_in)
{
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("cannot accept a value of type %s", "chi_program"),
                    errdetail("Values of this type are made by the planner only.")));
    PG_RETURN_NULL();
}

// The readable form, for EXPLAIN.
MQ_FUNCTION(mq_chi_program_out)
{
    Program program;
    const char *names[kMaxSources];
    open_program_datum(PG_DETOAST_DATUM(PG_GETARG_DATUM(0)), &program, names);
    size_t length = print_program(program, nullptr, 0);
    char *text = (char *)palloc(length + 1);
    print_program(program, text, length + 1);
    PG_RETURN_CSTRING(text);
}
