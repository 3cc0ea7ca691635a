// Evaluates a program on intervals and outcome sets. README.md states what each rule claims.
#include "core/leaves/calls.h"
#include "core/program/rules.h"

namespace mq
{

// A constant or input number for lv and uv; a NULL or error shows in `may`.
static Num read_threshold(CodeReader *code, const ProgramInput *inputs)
{
    if (code->u8() == 0) {
        double v = code->le<double>();
        // Infinite thresholds are legal, so they bypass make_num.
        return std::isnan(v) ? any_num(kMayError) : Num{v, v, 0.0, kMayValue, false};
    }
    return input_number(inputs, code->le<uint16_t>());
}

bool read_cp(CodeReader *code, const ProgramInput *inputs, CpCall *call, Num *value)
{
    call->source = code->u8();
    call->site = code->le<uint16_t>();
    bool roi_null = false;
    if (code->u8() == 0) {
        call->roi.x1 = code->le<int32_t>();
        call->roi.y1 = code->le<int32_t>();
        call->roi.x2 = code->le<int32_t>();
        call->roi.y2 = code->le<int32_t>();
    } else {
        const int i = code->le<uint16_t>();
        roi_null = inputs != nullptr && inputs[i].is_null;
        call->roi = inputs != nullptr ? inputs[i].roi : kFullRoi;
    }
    Num lv = read_threshold(code, inputs), uv = read_threshold(code, inputs);
    if (roi_null || lv.may == kMayNull || uv.may == kMayNull) {
        *value = any_num(kMayNull); // they are strict
        return false;
    }
    if (lv.may != kMayValue || uv.may != kMayValue || lv.lo != lv.hi || uv.lo != uv.hi ||
        !(lv.lo <= uv.lo)) {
        *value = any_num(); // not exact, or lv > uv: the error is the function's to raise
        return false;
    }
    call->lv = lv.lo;
    call->uv = uv.lo;
    return true;
}

bool read_overlap(CodeReader *code, const ProgramInput *inputs, OverlapCall *call, Num *value)
{
    call->kind = static_cast<OverlapKind>(code->u8());
    call->sources[0] = code->u8();
    call->sources[1] = code->u8();
    call->site = code->le<uint16_t>();
    Num t = read_threshold(code, inputs);
    call->threshold = t.lo;
    *value = any_num(t.may == kMayNull ? kMayNull : kMayAnything);
    return t.may == kMayValue && t.lo == t.hi;
}

namespace
{

struct Evaluator {
    CodeReader code;
    const Program &program;
    const ProgramInput *inputs;
    const BoundSource &source;
    int null_source = -1; // the source whose mask is NULL, for evaluate_null_mask()

    bool is_null(int mask) const
    {
        return mask == null_source || (source.is_null && source.is_null(source.context, mask));
    }

    // A cp or a pixel_sum.
    Num call(Num (*number_of_call)(const BoundSource &, const CpCall &))
    {
        CpCall call;
        Num r;
        const bool asks = read_cp(&code, inputs, &call, &r);
        if (is_null(call.source))
            return any_num(kMayNull);
        return asks ? number_of_call(source, call) : r;
    }

    Num overlap()
    {
        OverlapCall call;
        Num r;
        const bool asks = read_overlap(&code, inputs, &call, &r);
        if (is_null(call.sources[0]) || is_null(call.sources[1]))
            return any_num(kMayNull);
        return asks ? overlap_number(source, call) : r;
    }

    // Closer bounds of a quotient r whose operands start at `dividend` and `divisor`, when these
    // are two cp or two pixel_sum of one mask and one range of values; the divisor may be a NULLIF
    // of one. x is what is known of the dividend, z of the divisor.
    Num share(CodeReader dividend, CodeReader divisor, const Num &x, const Num &z, const Num &r)
    {
        if (!(r.may & kMayValue) || is_any(r))
            return r;
        CpCall part, whole;
        Num value;
        const ProgramOp op = dividend.op();
        if ((op != ProgramOp::cp && op != ProgramOp::pixel_sum) ||
            !read_cp(&dividend, inputs, &part, &value))
            return r;
        ProgramOp of = divisor.op();
        if (of == ProgramOp::null_if)
            of = divisor.op();
        if (of != op || !read_cp(&divisor, inputs, &whole, &value) || part.source != whole.source ||
            part.lv != whole.lv || part.uv != whole.uv)
            return r;
        return op == ProgramOp::cp ? share_of_counts(source, part, whole, x, z, r)
                                   : share_of_sums(source, part, whole, x, r);
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
        case ProgramOp::cp:
            return call(count_number);
        case ProgramOp::pixel_sum:
            return call(sum_number);
        case ProgramOp::overlap:
            return overlap();
        case ProgramOp::arith: {
            auto op = static_cast<ArithOp>(code.u8());
            auto kind = static_cast<NumKind>(code.u8());
            const CodeReader a_code = code;
            const Num a = number();
            const CodeReader b_code = code;
            const Num b = number(), r = interval_arith(op, kind, a, b);
            return op == ArithOp::div && kind == NumKind::f8 ? share(a_code, b_code, a, b, r) : r;
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
        default:
            return kAnyOutcome;
        }
    }
};

} // namespace

uint8_t evaluate(const Program &program, const ProgramInput *inputs, const BoundSource &source)
{
    Evaluator e{CodeReader{program.code.data + program.body}, program, inputs, source};
    return e.condition();
}

Num evaluate_number(const Program &program, const ProgramInput *inputs, const BoundSource &source)
{
    Evaluator e{CodeReader{program.code.data + program.body}, program, inputs, source};
    return e.number();
}

uint8_t evaluate_null_mask(const Program &program, int source)
{
    BoundSource unknown{[](void *, const CpCall &, CountBounds *) { return false; }, nullptr};
    Evaluator e{CodeReader{program.code.data + program.body}, program, nullptr, unknown, source};
    return e.condition();
}

} // namespace mq
