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
    Leaf *leaves;
    int named = 0; // leaves that the expression has named so far

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
    bool leaf_operand(LeafOperand kind)
    {
        switch (kind) {
        case LeafOperand::roi:
            return operand(InputKind::roi, 16);
        case LeafOperand::number:
            return operand(InputKind::num, 8);
        case LeafOperand::key:
            return skip(4);
        }
        return false;
    }
    bool leaf(const LeafTable &table, Leaf *out)
    {
        const uint8_t *p;
        if (!take(1, &p) || *p >= table.n)
            return false;
        const LeafKind &kind = *table.kinds[*p];
        *out = Leaf{&kind, nullptr, {}, false, -1};
        for (int i = 0; i < kind.sources; i++) {
            if (!source())
                return false;
            out->sources[i] = code.data[at - 1];
        }
        out->operands = code.data + at;
        for (int i = 0; i < kind.n_operands; i++)
            if (!leaf_operand(kind.operands[i]))
                return false;
        return true;
    }
    // The expression names each leaf once, in their order.
    bool named_leaf(LeafType type)
    {
        const uint8_t *p;
        if (!take(2, &p) || load_le<uint16_t>(p) != named || named >= program->sites)
            return false;
        const LeafKind &kind = *leaves[named++].kind;
        program->by_row = program->by_row || kind.columns == LeafColumns::none;
        return kind.type == type;
    }

    ProgramOp op_at(size_t i) const { return ProgramOp{code.data[i]}; }
    // A quotient of two leaves may be a share. Both operands were checked.
    void note_share(size_t dividend, size_t divisor)
    {
        const bool null_if = op_at(divisor) == ProgramOp::null_if;
        if (null_if)
            divisor++;
        if (op_at(dividend) != ProgramOp::leaf_num || op_at(divisor) != ProgramOp::leaf_num)
            return;
        Leaf *part = &leaves[load_le<uint16_t>(code.data + dividend + 1)];
        const int whole = load_le<uint16_t>(code.data + divisor + 1);
        if (part->kind != leaves[whole].kind || part->kind->share == nullptr ||
            part->sources[0] != leaves[whole].sources[0])
            return;
        part->divisor = whole;
        part->null_if = null_if;
        program->by_row = true;
    }
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
        if (ArithOp{p[0]} == ArithOp::div && NumKind{p[1]} == NumKind::f8)
            note_share(dividend, divisor);
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
        case ProgramOp::leaf_num:
            return named_leaf(LeafType::number);
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
        case ProgramOp::leaf_bool:
            return named_leaf(LeafType::truth);
        default:
            return false;
        }
    }
};

} // namespace

int count_leaves(Bytes code)
{
    // A leaf takes two bytes at least, so a damaged header asks for no more memory than that.
    if (!code.contains(0, kProgramHeaderSize))
        return 0;
    return int(std::min(size_t{load_le<uint16_t>(code.data + 4)}, code.size / 2));
}

bool open_program(Bytes code, const LeafTable &table, Leaf *leaves, Program *out, Error &err)
{
    const uint8_t *p = code.data;
    if (!code.contains(0, kProgramHeaderSize) || p[0] != kProgramVersion)
        return err.set(ErrorCode::corrupted, "invalid bound program header");
    *out = Program{};
    out->code = code;
    out->sources = p[1];
    out->inputs = load_le<uint16_t>(p + 2);
    out->sites = load_le<uint16_t>(p + 4);
    out->input_kinds = p + kProgramHeaderSize;
    out->leaves = leaves;
    if (!code.contains(kProgramHeaderSize, out->inputs) || out->sites != count_leaves(code))
        return err.set(ErrorCode::corrupted, "truncated bound program");
    for (int i = 0; i < out->inputs; i++)
        if (out->input_kinds[i] < 1 || out->input_kinds[i] > 3)
            return err.set(ErrorCode::corrupted, "invalid input kind %d in bound program",
                           out->input_kinds[i]);
    Checker c{code, kProgramHeaderSize + size_t(out->inputs), out, leaves};
    for (int i = 0; i < out->sites; i++)
        if (!c.leaf(table, &leaves[i]))
            return err.set(ErrorCode::corrupted, "invalid leaf %d in bound program", i);
    out->body = c.at;
    const bool number = code.contains(out->body, 1) && is_number(ProgramOp{p[out->body]});
    out->kind = number ? ProgramBody::number : ProgramBody::condition;
    if (!c.node(number ? Kind::num : Kind::boolean, 0) || c.at != code.size ||
        c.named != out->sites)
        return err.set(ErrorCode::corrupted, "invalid bound program at byte %zu of %zu", c.at,
                       code.size);
    return true;
}

} // namespace mq
