// The readable form of a program, for EXPLAIN.
#include "core/program/reader.h"

#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace mq
{

namespace
{

struct Printer {
    const Program &program;
    CodeReader code;
    char *out;
    size_t capacity, length;

    [[gnu::format(printf, 2, 3)]] void put(const char *fmt, ...)
    {
        char text[128];
        va_list ap;
        va_start(ap, fmt);
        int n = vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        for (int i = 0; i < n && i < int(sizeof text) - 1; i++, length++)
            if (length + 1 < capacity)
                out[length] = text[i];
    }
    void roi(CodeReader *operands)
    {
        int32_t x1 = operands->le<int32_t>(), y1 = operands->le<int32_t>();
        int32_t x2 = operands->le<int32_t>(), y2 = operands->le<int32_t>();
        if (is_full(Roi{x1, y1, x2, y2}))
            put("full");
        else
            put("((%d,%d),(%d,%d))", x1, y1, x2, y2);
    }
    void operand(LeafOperand kind, CodeReader *operands)
    {
        if (kind == LeafOperand::key)
            put("%u", unsigned(operands->le<uint32_t>()));
        else if (operands->u8() == 1)
            put("$%d", operands->le<uint16_t>() + 1);
        else if (kind == LeafOperand::roi)
            roi(operands);
        else
            put("%.15g", operands->le<double>());
    }
    void leaf()
    {
        const Leaf &l = program.leaves[code.le<uint16_t>()];
        CodeReader operands{l.operands};
        put("%s(", l.kind->name);
        for (int i = 0; i < l.kind->sources; i++)
            put(i > 0 ? ", #%d" : "#%d", l.sources[i] + 1);
        for (int i = 0; i < l.kind->n_operands; i++) {
            put(", ");
            operand(l.kind->operands[i], &operands);
        }
        put(")");
    }
    void list(const char *open, const char *between)
    {
        put("%s", open);
        for (int i = 0, n = code.le<uint16_t>(); i < n; i++) {
            if (i > 0)
                put("%s", between);
            node();
        }
        put(")");
    }
    void cases()
    {
        put("case");
        for (int n = code.le<uint16_t>(); n > 0; n--) {
            put(" when ");
            node();
            put(" then ");
            node();
        }
        put(" else ");
        node();
        put(" end");
    }
    void binary(const char *op)
    {
        put("(");
        node();
        put(" %s ", op);
        node();
        put(")");
    }
    void call(const char *name)
    {
        put("%s(", name);
        node();
        put(")");
    }
    void pair(const char *name)
    {
        put("%s(", name);
        node();
        put(", ");
        node();
        put(")");
    }

    void node()
    {
        const ProgramOp op = code.op();
        switch (op) {
        case ProgramOp::leaf_num:
        case ProgramOp::leaf_bool:
            return leaf();
        case ProgramOp::input_num:
        case ProgramOp::input_bool:
            return put("$%d", code.le<uint16_t>() + 1);
        case ProgramOp::unknown_num:
        case ProgramOp::unknown_bool:
            code.u8();
            return put("?");
        case ProgramOp::case_num:
        case ProgramOp::case_bool:
            return cases();
        default:
            return is_number(op) ? number(op) : condition(op);
        }
    }

    void number(ProgramOp op)
    {
        static const char *const signs[] = {"+", "-", "*", "/"};
        static const char *const unary[] = {"-", "abs", "round", "floor", "ceil", "trunc", "sqrt"};
        switch (op) {
        case ProgramOp::const_num:
            return put("%.15g", code.le<double>());
        case ProgramOp::arith: {
            const char *sign = signs[code.u8()];
            code.u8();
            return binary(sign);
        }
        case ProgramOp::unary: {
            const char *name = unary[code.u8()];
            code.u8();
            return call(name);
        }
        case ProgramOp::cast:
            return cast();
        case ProgramOp::min_max:
            return list(code.u8() ? "greatest(" : "least(", ", ");
        case ProgramOp::coalesce:
            return list("coalesce(", ", ");
        case ProgramOp::null_if:
            return pair("nullif");
        default:
            return; // node() knows the others
        }
    }

    void cast()
    {
        static const char *const names[] = {"",        "int2",   "int4",   "int8", "float4",
                                            "numeric", "float8", "int2",   "int4", "int8",
                                            "int2",    "int4",   "numeric"};
        const char *name = names[code.u8()];
        code.le<int64_t>();
        if (*name)
            call(name);
        else
            node();
    }

    void condition(ProgramOp op)
    {
        static const char *const signs[] = {"<", "<=", "=", ">=", ">", "<>"};
        static const char *const tests[] = {"is_true",      "is_not_true", "is_false",
                                            "is_not_false", "is_unknown",  "is_not_unknown"};
        switch (op) {
        case ProgramOp::const_bool: {
            const uint8_t v = code.u8();
            return put("%s", v == kTrue ? "true" : v == kFalse ? "false" : "null");
        }
        case ProgramOp::compare: {
            const char *sign = signs[code.u8()];
            return binary(sign);
        }
        case ProgramOp::is_distinct:
            return pair("is_distinct");
        case ProgramOp::all_of:
            return list("(", " and ");
        case ProgramOp::any_of:
            return list("(", " or ");
        case ProgramOp::negate:
            return call("not");
        case ProgramOp::bool_test: {
            const char *name = tests[code.u8()];
            return call(name);
        }
        case ProgramOp::num_is_null:
        case ProgramOp::bool_is_null:
            return call("is_null");
        default:
            return; // node() knows the others
        }
    }
};

} // namespace

size_t print_program(const Program &program, char *out, size_t capacity)
{
    Printer p{program, CodeReader{program.code.data + program.body}, out, capacity, 0};
    p.node();
    if (capacity > 0)
        out[p.length < capacity ? p.length : capacity - 1] = '\0';
    return p.length;
}

} // namespace mq
