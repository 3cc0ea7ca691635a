// Evaluates a program on intervals and outcome sets. README.md states what each rule claims.
#include "core/program/rules.h"
#include "core/base/assert.h"

namespace mq
{

namespace
{

struct Evaluator {
    CodeReader code;
    const Program &program;
    const ProgramInput *inputs;
    const LeafValue *values; // by site; null: nothing is known
    int null_source = -1;    // without values: the source whose mask is NULL

    LeafValue without_values(const Leaf &leaf) const
    {
        for (int i = 0; i < leaf.kind->sources; i++)
            if (leaf.sources[i] == null_source)
                return kNullLeaf;
        LeafCall call;
        read_leaf_call(leaf, inputs, &call);
        return call.without_masks();
    }
    Num leaf_number()
    {
        const int site = code.le<uint16_t>();
        return values ? values[site].number : without_values(program.leaves[site]).number;
    }
    uint8_t leaf_outcomes()
    {
        const int site = code.le<uint16_t>();
        return values ? values[site].outcomes : without_values(program.leaves[site]).outcomes;
    }

    // Closer bounds of a quotient r whose dividend starts at `dividend`, when that is a leaf with a
    // divisor, which stands in this quotient since no leaf stands in two. x is what is known of the
    // dividend, z of the divisor.
    Num share(CodeReader dividend, const Num &x, const Num &z, const Num &r) const
    {
        if (!(r.may & kMayValue) || is_any(r) || !values || dividend.op() != ProgramOp::leaf_num)
            return r;
        const int site = dividend.le<uint16_t>();
        const Leaf &leaf = program.leaves[site];
        const Num &rest = values[site].rest;
        return leaf.divisor < 0 || rest.may == 0 ? r : leaf.kind->share(x, rest, z, r);
    }

    Num coalesce()
    {
        Num r = any_num(0);
        bool reached = true;
        for (int n = code.le<uint16_t>(); n > 0; n--) {
            Num arm = number();
            if (!reached)
                continue;
            reached = arm.may & kMayNull;
            arm.may &= uint8_t(~kMayNull);
            r = interval_hull(r, arm);
        }
        if (reached)
            r.may |= kMayNull;
        return r;
    }

    Num case_num()
    {
        Num r = any_num(0);
        bool reached = true;
        for (int n = code.le<uint16_t>(); n > 0; n--) {
            uint8_t when = condition();
            Num then = number();
            if (!reached)
                continue;
            if (when & kError)
                r.may |= kMayError;
            if (when & kTrue)
                r = interval_hull(r, then);
            reached = when & (kFalse | kNull);
        }
        Num otherwise = number();
        return reached ? interval_hull(r, otherwise) : r;
    }

    uint8_t case_bool()
    {
        uint8_t r = 0;
        bool reached = true;
        for (int n = code.le<uint16_t>(); n > 0; n--) {
            uint8_t when = condition(), then = condition();
            if (!reached)
                continue;
            r |= when & kError;
            if (when & kTrue)
                r |= then;
            reached = when & (kFalse | kNull);
        }
        uint8_t otherwise = condition();
        return reached ? r | otherwise : r;
    }

    Num number()
    {
        switch (code.op()) {
        case ProgramOp::const_num:
            return const_number(code.le<double>());
        case ProgramOp::input_num:
            return input_number(inputs, code.le<uint16_t>());
        case ProgramOp::unknown_num:
            return any_num(code.u8());
        case ProgramOp::leaf_num:
            return leaf_number();
        case ProgramOp::arith: {
            auto op = static_cast<ArithOp>(code.u8());
            auto kind = static_cast<NumKind>(code.u8());
            const CodeReader a_code = code;
            const Num a = number();
            const Num b = number(), r = interval_arith(op, kind, a, b);
            return op == ArithOp::div && kind == NumKind::f8 ? share(a_code, a, b, r) : r;
        }
        case ProgramOp::unary: {
            auto op = static_cast<UnaryOp>(code.u8());
            auto kind = static_cast<NumKind>(code.u8());
            return interval_unary(op, kind, number());
        }
        case ProgramOp::cast: {
            auto op = static_cast<CastOp>(code.u8());
            auto precision = code.le<int32_t>(), scale = code.le<int32_t>();
            return interval_cast(op, precision, scale, number());
        }
        case ProgramOp::min_max: {
            bool greatest = code.u8();
            int n = code.le<uint16_t>();
            Num r = number();
            while (--n > 0)
                r = interval_min_max(greatest, r, number());
            return r;
        }
        case ProgramOp::coalesce:
            return coalesce();
        case ProgramOp::null_if: {
            Num a = number(), b = number();
            return interval_null_if(a, b);
        }
        case ProgramOp::case_num:
            return case_num();
        default:
            return any_num(); // open_program() lets nothing else through
        }
    }

    uint8_t junction(uint8_t decider, uint8_t neutral)
    {
        Junction j{decider, neutral};
        for (int n = code.le<uint16_t>(); n > 0; n--)
            j.add(condition());
        return j.outcomes();
    }

    uint8_t condition()
    {
        switch (code.op()) {
        case ProgramOp::const_bool:
        case ProgramOp::unknown_bool:
            return code.u8();
        case ProgramOp::input_bool:
            return input_outcome(inputs, code.le<uint16_t>());
        case ProgramOp::compare: {
            auto op = static_cast<CompareOp>(code.u8());
            Num a = number(), b = number();
            return interval_compare(op, a, b);
        }
        case ProgramOp::is_distinct: {
            Num a = number(), b = number();
            return distinct_outcomes(a, b);
        }
        case ProgramOp::all_of:
            return junction(kFalse, kTrue);
        case ProgramOp::any_of:
            return junction(kTrue, kFalse);
        case ProgramOp::negate:
            return negated(condition());
        case ProgramOp::bool_test: {
            auto test = static_cast<BoolTest>(code.u8());
            return tested(test, condition());
        }
        case ProgramOp::num_is_null:
            return null_test(number());
        case ProgramOp::bool_is_null:
            return null_test(condition());
        case ProgramOp::case_bool:
            return case_bool();
        case ProgramOp::leaf_bool:
            return leaf_outcomes();
        default:
            return kAnyOutcome;
        }
    }
};

} // namespace

uint8_t evaluate(const Program &program, const ProgramInput *inputs, const LeafValue *values)
{
    mq_assert(program.kind == ProgramBody::condition);
    Evaluator e{CodeReader{program.code.data + program.body}, program, inputs, values};
    return e.condition();
}

Num evaluate_number(const Program &program, const ProgramInput *inputs, const LeafValue *values)
{
    mq_assert(program.kind == ProgramBody::number);
    Evaluator e{CodeReader{program.code.data + program.body}, program, inputs, values};
    return e.number();
}

uint8_t evaluate_null_mask(const Program &program, int source)
{
    mq_assert(program.kind == ProgramBody::condition && 0 <= source && source < program.sources);
    Evaluator e{CodeReader{program.code.data + program.body}, program, nullptr, nullptr, source};
    return e.condition();
}

} // namespace mq
