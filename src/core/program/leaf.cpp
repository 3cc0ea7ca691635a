// Reading the calls of leaves.
#include "core/program/rules.h"

namespace mq
{

namespace
{

// What the operands of a call are so far.
struct Operands {
    CodeReader code;
    const ProgramInput *inputs;
    LeafCall *call;
    bool null = false, exact = true;
    int numbers = 0;

    void roi()
    {
        if (code.u8() == 0) {
            call->roi.x1 = code.le<int32_t>();
            call->roi.y1 = code.le<int32_t>();
            call->roi.x2 = code.le<int32_t>();
            call->roi.y2 = code.le<int32_t>();
            return;
        }
        const int i = code.le<uint16_t>();
        null = null || (inputs != nullptr && inputs[i].is_null);
        if (inputs != nullptr)
            call->roi = inputs[i].roi;
    }

    // Infinite ones are legal, so they bypass make_num.
    void number()
    {
        if (code.u8() == 0) {
            const double v = code.le<double>();
            exact = exact && !std::isnan(v);
            call->numbers[numbers++] = v;
            return;
        }
        const Num v = input_number(inputs, code.le<uint16_t>());
        null = null || v.may == kMayNull;
        exact = exact && v.may == kMayValue && v.lo == v.hi;
        call->numbers[numbers++] = v.lo;
    }

    void read(LeafOperand kind)
    {
        switch (kind) {
        case LeafOperand::roi:
            return roi();
        case LeafOperand::number:
            return number();
        case LeafOperand::key:
            call->key = code.le<uint32_t>();
            return;
        }
    }
};

} // namespace

void read_leaf_call(const Leaf &leaf, const ProgramInput *inputs, LeafCall *call)
{
    const LeafKind &kind = *leaf.kind;
    *call = LeafCall{&leaf, CallState::usable, kFullRoi, {}, 0};
    Operands operands{CodeReader{leaf.operands}, inputs, call};
    for (int i = 0; i < kind.n_operands; i++)
        operands.read(kind.operands[i]);
    if (operands.null)
        call->state = CallState::null;
    else if (!operands.exact || (kind.is_usable && !kind.is_usable(call->numbers)))
        call->state = CallState::unknown;
}

void read_leaf_calls(const Program &program, const ProgramInput *inputs, LeafCall *calls)
{
    for (int i = 0; i < program.sites; i++)
        read_leaf_call(program.leaves[i], inputs, &calls[i]);
}

const LeafCall *divisor_of(const LeafCall *calls, int site)
{
    const LeafCall &part = calls[site];
    if (part.leaf->divisor < 0 || part.state != CallState::usable)
        return nullptr;
    const LeafCall &whole = calls[part.leaf->divisor];
    if (whole.state != CallState::usable)
        return nullptr;
    for (int i = 0; i < kMaxLeafNumbers; i++)
        if (part.numbers[i] != whole.numbers[i])
            return nullptr;
    return &whole;
}

} // namespace mq
