// Evaluates a program on intervals and outcome sets. README.md states what each rule claims.
#include "core/program/interval.h"
#include "core/program/reader.h"

#include <cmath>

namespace mq
{

namespace
{

// Outcomes of AND or OR over arms that are evaluated in order until one decides, as PostgreSQL
// does: an error of a later arm counts only while no earlier one is sure to have decided.
struct Junction {
    uint8_t decider; // kFalse for AND, kTrue for OR
    uint8_t neutral; // the other one
    uint8_t result = 0;
    bool all_neutral = true; // every arm so far can be neutral
    bool some_null = false;  // no arm has decided, one was NULL

    void add(uint8_t arm)
    {
        if (!all_neutral && !some_null)
            return; // never reached
        result |= arm & (decider | kError);
        bool next_null = (some_null && (arm & (neutral | kNull))) || (all_neutral && (arm & kNull));
        all_neutral = all_neutral && (arm & neutral);
        some_null = next_null;
    }
    uint8_t outcomes() const
    {
        return result | (all_neutral ? neutral : 0) | (some_null ? kNull : 0);
    }
};

struct Evaluator {
    CodeReader code;
    const Program &program;
    const ProgramInput *inputs;
    const BoundSource &source;
    int null_source = -1; // the source whose mask is NULL, for evaluate_null_mask()

    // Without inputs any value is possible. Errors are not: inputs are values, computed before.
    Num input_num(int i)
    {
        if (inputs == nullptr)
            return any_num(kMayValue | kMayNull);
        return inputs[i].is_null ? any_num(kMayNull) : inputs[i].num;
    }

    // A constant or input number for lv and uv; a NULL or error shows in `may`.
    Num operand_num()
    {
        if (code.u8() == 0) {
            double v = code.le<double>();
            // Infinite thresholds are legal, so they bypass make_num.
            return std::isnan(v) ? any_num(kMayError) : Num{v, v, 0.0, kMayValue, false};
        }
        return input_num(code.le<uint16_t>());
    }

    Num cp()
    {
        CpCall call;
        call.source = code.u8();
        call.site = code.le<uint16_t>();
        bool roi_null = false;
        if (code.u8() == 0) {
            call.roi.x1 = code.le<int32_t>();
            call.roi.y1 = code.le<int32_t>();
            call.roi.x2 = code.le<int32_t>();
            call.roi.y2 = code.le<int32_t>();
        } else {
            int i = code.le<uint16_t>();
            if (inputs != nullptr) {
                roi_null = inputs[i].is_null;
                call.roi = inputs[i].roi;
            }
        }
        Num lv = operand_num(), uv = operand_num();
        if (call.source == null_source)
            return any_num(kMayNull);
        if (roi_null || lv.may == kMayNull || uv.may == kMayNull)
            return any_num(kMayNull); // cp is strict
        if (lv.may != kMayValue || uv.may != kMayValue || lv.lo != lv.hi || uv.lo != uv.hi ||
            !(lv.lo <= uv.lo))
            return any_num(); // not exact, or lv > uv: cp raises the error
        call.lv = lv.lo;
        call.uv = uv.lo;
        CountBounds b;
        if (source.bounds(source.context, call, &b))
            return make_num(double(b.lo), double(b.hi), kMayValue, true);
        // Unknown row: the mask may be NULL, but no mask has more pixels than this.
        return make_num(0, double(kMaxSide) * kMaxSide, kMayValue | kMayNull, true);
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
        case ProgramOp::const_num: {
            double v = code.le<double>();
            return make_num(v, v, kMayValue, std::trunc(v) == v);
        }
        case ProgramOp::input_num:
            return input_num(code.le<uint16_t>());
        case ProgramOp::unknown_num:
            return any_num(code.u8());
        case ProgramOp::cp:
            return cp();
        case ProgramOp::arith: {
            auto op = static_cast<ArithOp>(code.u8());
            auto kind = static_cast<NumKind>(code.u8());
            Num a = number(), b = number();
            return interval_arith(op, kind, a, b);
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

    uint8_t is_distinct()
    {
        Num a = number(), b = number();
        uint8_t r = 0, errors = ((a.may | b.may) & kMayError) ? kError : 0;
        if ((a.may & kMayValue) && (b.may & kMayValue))
            r |= interval_compare(CompareOp::ne, a, b) & (kTrue | kFalse);
        if ((a.may & kMayNull) && (b.may & kMayNull))
            r |= kFalse;
        if (((a.may & kMayNull) && (b.may & kMayValue)) ||
            ((a.may & kMayValue) && (b.may & kMayNull)))
            r |= kTrue;
        return r | errors;
    }

    uint8_t bool_test()
    {
        auto test = static_cast<BoolTest>(code.u8());
        uint8_t c = condition();
        uint8_t yes = 0; // outcomes of the operand that make the test true
        switch (test) {
        case BoolTest::is_true:
            yes = kTrue;
            break;
        case BoolTest::is_not_true:
            yes = kFalse | kNull;
            break;
        case BoolTest::is_false:
            yes = kFalse;
            break;
        case BoolTest::is_not_false:
            yes = kTrue | kNull;
            break;
        case BoolTest::is_unknown:
            yes = kNull;
            break;
        case BoolTest::is_not_unknown:
            yes = kTrue | kFalse;
            break;
        }
        uint8_t no = uint8_t((kTrue | kFalse | kNull) & ~yes);
        return ((c & yes) ? kTrue : 0) | ((c & no) ? kFalse : 0) | (c & kError);
    }

    uint8_t condition()
    {
        switch (code.op()) {
        case ProgramOp::const_bool:
        case ProgramOp::unknown_bool:
            return code.u8();
        case ProgramOp::input_bool: {
            int i = code.le<uint16_t>();
            if (inputs == nullptr)
                return kTrue | kFalse | kNull;
            return inputs[i].is_null ? kNull : inputs[i].boolean ? kTrue : kFalse;
        }
        case ProgramOp::compare: {
            auto op = static_cast<CompareOp>(code.u8());
            Num a = number(), b = number();
            return interval_compare(op, a, b);
        }
        case ProgramOp::is_distinct:
            return is_distinct();
        case ProgramOp::all_of:
            return junction(kFalse, kTrue);
        case ProgramOp::any_of:
            return junction(kTrue, kFalse);
        case ProgramOp::negate: {
            uint8_t c = condition();
            return (c & (kNull | kError)) | ((c & kTrue) ? kFalse : 0) | ((c & kFalse) ? kTrue : 0);
        }
        case ProgramOp::bool_test:
            return bool_test();
        case ProgramOp::num_is_null: {
            Num a = number();
            return ((a.may & kMayNull) ? kTrue : 0) | ((a.may & kMayValue) ? kFalse : 0) |
                   ((a.may & kMayError) ? kError : 0);
        }
        case ProgramOp::bool_is_null: {
            uint8_t c = condition();
            return ((c & kNull) ? kTrue : 0) | ((c & (kTrue | kFalse)) ? kFalse : 0) | (c & kError);
        }
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
