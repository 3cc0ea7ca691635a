// The rules of evaluation that concern one row alone, for the evaluator of one row and that of
// many. README.md states what each claims.
#pragma once

#include <cmath>

#include "core/interval/interval.h"
#include "core/program/reader.h"

namespace mq
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

inline Num const_number(double v)
{
    return make_num(v, v, kMayValue, std::trunc(v) == v);
}
// Inputs may be null: then any of their values is possible. Errors are not: inputs are values,
// computed before.
inline Num input_number(const ProgramInput *inputs, int i)
{
    if (inputs == nullptr)
        return any_num(kMayValue | kMayNull);
    return inputs[i].is_null ? any_num(kMayNull) : inputs[i].num;
}
inline uint8_t input_outcome(const ProgramInput *inputs, int i)
{
    if (inputs == nullptr)
        return kTrue | kFalse | kNull;
    return inputs[i].is_null ? kNull : inputs[i].boolean ? kTrue : kFalse;
}

// What the operands of a leaf tell. `inputs` may be null.
void read_leaf_call(const Leaf &leaf, const ProgramInput *inputs, LeafCall *call);

inline uint8_t distinct_outcomes(const Num &a, const Num &b)
{
    uint8_t r = 0, errors = ((a.may | b.may) & kMayError) ? kError : 0;
    if ((a.may & kMayValue) && (b.may & kMayValue))
        r |= interval_compare(CompareOp::ne, a, b) & (kTrue | kFalse);
    if ((a.may & kMayNull) && (b.may & kMayNull))
        r |= kFalse;
    if (((a.may & kMayNull) && (b.may & kMayValue)) || ((a.may & kMayValue) && (b.may & kMayNull)))
        r |= kTrue;
    return r | errors;
}

inline uint8_t negated(uint8_t c)
{
    return (c & (kNull | kError)) | ((c & kTrue) ? kFalse : 0) | ((c & kFalse) ? kTrue : 0);
}

inline uint8_t tested(BoolTest test, uint8_t c)
{
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

inline uint8_t null_test(const Num &a)
{
    return ((a.may & kMayNull) ? kTrue : 0) | ((a.may & kMayValue) ? kFalse : 0) |
           ((a.may & kMayError) ? kError : 0);
}
inline uint8_t null_test(uint8_t c)
{
    return ((c & kNull) ? kTrue : 0) | ((c & (kTrue | kFalse)) ? kFalse : 0) | (c & kError);
}

} // namespace mq
