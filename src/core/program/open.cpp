// Checks a program's bytes once, so that evaluation and printing can walk them blindly.
#include "core/program/reader.h"

#include <cmath>

namespace mq
{

namespace
{

enum class Kind : uint8_t { num, boolean };

struct Checker {
    Bytes code;
    size_t at;
    Program *program;

    bool take(size_t n, const uint8_t **p)
    {
        if (!code.contains(at, n))
            return false;
        *p = code.data + at;
        at += n;
        return true;
    }
    bool skip(size_t n)
    {
        const uint8_t *p;
        return take(n, &p);
    }
    bool code_below(uint8_t limit)
    {
        const uint8_t *p;
        return take(1, &p) && *p < limit;
    }
    // A set of outcomes; an empty one would say that nothing can happen.
    bool outcomes(uint8_t any)
    {
        const uint8_t *p;
        return take(1, &p) && *p != 0 && *p <= any;
    }
    bool input(InputKind kind)
    {
        const uint8_t *p;
        if (!take(2, &p))
            return false;
        uint16_t i = load_le<uint16_t>(p);
        return i < program->inputs && program->input_kinds[i] == uint8_t(kind);
    }
    // A constant (of n bytes) or an input.
    bool operand(InputKind kind, size_t n)
    {
        const uint8_t *p;
        if (!take(1, &p))
            return false;
        return *p == 0 ? skip(n) : *p == 1 && input(kind);
    }
    bool children(Kind kind, unsigned n, int depth)
    {
        for (unsigned i = 0; i < n; i++)
            if (!node(kind, depth + 1))
                return false;
        return true;
    }
    bool counted(Kind kind, int depth)
    {
        const uint8_t *p;
        return take(2, &p) && load_le<uint16_t>(p) > 0 &&
               children(kind, load_le<uint16_t>(p), depth);
    }
    bool cases(Kind kind, int depth)
    {
        const uint8_t *p;
        if (!take(2, &p))
            return false;
        for (unsigned n = load_le<uint16_t>(p); n > 0; n--)
            if (!node(Kind::boolean, depth + 1) || !node(kind, depth + 1))
                return false;
        return node(kind, depth + 1);
    }
    bool source()
    {
        const uint8_t *p;
        return take(1, &p) && *p < program->sources;
    }
    bool site()
    {
        const uint8_t *p;
        if (!take(2, &p) || load_le<uint16_t>(p) != program->sites) // they are numbered in order
            return false;
        program->sites++;
        return true;
    }
    bool cp()
    {
        return source() && site() && operand(InputKind::roi, 16) && operand(InputKind::num, 8) &&
               operand(InputKind::num, 8);
    }

    // A quotient of two cp may be a share.
    bool arith(int depth)
    {
        const uint8_t *p;
        if (!take(2, &p) || p[0] >= 4 || p[1] >= 5)
            return false;
        const size_t dividend = at;
        if (!node(Kind::num, depth + 1))
            return false;
        const size_t divisor = at;
        if (!node(Kind::num, depth + 1))
            return false;
        auto op = [&](size_t i) { return ProgramOp{code.data[i]}; };
        if (ArithOp{p[0]} == ArithOp::div && op(dividend) == ProgramOp::cp &&
            (op(divisor) == ProgramOp::cp || op(divisor) == ProgramOp::null_if))
            program->by_row = true;
        return true;
    }

    bool node(Kind kind, int depth)
    {
        const uint8_t *p;
        if (depth > kMaxProgramDepth || !take(1, &p))
            return false;
        program->depth = std::max(program->depth, depth);
        return kind == Kind::num ? number(static_cast<ProgramOp>(*p), depth)
                                 : condition(static_cast<ProgramOp>(*p), depth);
    }
    bool number(ProgramOp op, int depth)
    {
        switch (op) {
        case ProgramOp::const_num:
            return skip(8);
        case ProgramOp::input_num:
            return input(InputKind::num);
        case ProgramOp::unknown_num:
            return outcomes(kMayAnything);
        case ProgramOp::cp:
            return cp();
        case ProgramOp::pixel_sum:
            program->by_row = true;
            program->counts_only = false;
            return cp();
        case ProgramOp::overlap:
            program->by_row = true;
            program->counts_only = false;
            return code_below(2) && source() && source() && site() && operand(InputKind::num, 8);
        case ProgramOp::arith:
            return arith(depth);
        case ProgramOp::unary:
            return code_below(7) && code_below(5) && children(Kind::num, 1, depth);
        case ProgramOp::cast:
            return code_below(13) && skip(8) && children(Kind::num, 1, depth);
        case ProgramOp::min_max:
            return code_below(2) && counted(Kind::num, depth);
        case ProgramOp::coalesce:
            return counted(Kind::num, depth);
        case ProgramOp::null_if:
            return children(Kind::num, 2, depth);
        case ProgramOp::case_num:
            return cases(Kind::num, depth);
        default:
            return false;
        }
    }
    bool condition(ProgramOp op, int depth)
    {
        switch (op) {
        case ProgramOp::const_bool:
        case ProgramOp::unknown_bool:
            return outcomes(kAnyOutcome);
        case ProgramOp::input_bool:
            return input(InputKind::boolean);
        case ProgramOp::compare:
            return code_below(6) && children(Kind::num, 2, depth);
        case ProgramOp::is_distinct:
            return children(Kind::num, 2, depth);
        case ProgramOp::all_of:
        case ProgramOp::any_of:
            return counted(Kind::boolean, depth);
        case ProgramOp::negate:
        case ProgramOp::bool_is_null:
            return children(Kind::boolean, 1, depth);
        case ProgramOp::bool_test:
            return code_below(6) && children(Kind::boolean, 1, depth);
        case ProgramOp::num_is_null:
            return children(Kind::num, 1, depth);
        case ProgramOp::case_bool:
            return cases(Kind::boolean, depth);
        default:
            return false;
        }
    }
};

} // namespace

bool open_program(Bytes code, Program *out, Error &err)
{
    const uint8_t *p = code.data;
    if (!code.contains(0, 4) || p[0] != kProgramVersion)
        return err.set(ErrorCode::corrupted, "invalid bound program header");
    *out = Program{};
    out->code = code;
    out->sources = p[1];
    out->inputs = load_le<uint16_t>(p + 2);
    out->input_kinds = p + 4;
    out->body = 4 + size_t(out->inputs);
    if (!code.contains(4, out->inputs))
        return err.set(ErrorCode::corrupted, "truncated bound program");
    for (int i = 0; i < out->inputs; i++)
        if (p[4 + i] < 1 || p[4 + i] > 3)
            return err.set(ErrorCode::corrupted, "invalid input kind %d in bound program",
                           p[4 + i]);
    const bool number = code.contains(out->body, 1) && is_number(ProgramOp{p[out->body]});
    out->kind = number ? ProgramBody::number : ProgramBody::condition;
    Checker c{code, out->body, out};
    if (!c.node(number ? Kind::num : Kind::boolean, 0) || c.at != code.size)
        return err.set(ErrorCode::corrupted, "invalid bound program at byte %zu of %zu", c.at,
                       code.size);
    return true;
}

} // namespace mq
