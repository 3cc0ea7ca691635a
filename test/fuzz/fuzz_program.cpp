// Bound programs from bytes: what open_program() accepts is evaluated and printed without a fault,
// and says that something can happen.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/program/program.h"

using namespace mq;

// Bounds that depend on the call alone.
static bool fuzz_bounds(void *, const CpCall &call, CountBounds *out)
{
    if (!(call.lv <= call.uv))
        abort();
    out->lo = uint64_t(call.site) * 7 % 50;
    out->hi = out->lo + uint64_t(call.source) % 3 * 10;
    return call.site % 5 != 4;
}

// The same for the other calls: intervals that may be wide, negative and infinite.
static bool fuzz_sum_bounds(void *, const CpCall &call, SumBounds *out)
{
    if (!(call.lv <= call.uv))
        abort();
    out->lo = call.site % 4 == 3 ? -INFINITY : call.site % 11 - 5.25;
    out->hi = call.site % 7 == 6 ? INFINITY : out->lo + call.source % 3 * 2.5;
    out->least = 0x1p-149;
    return out->lo <= out->hi;
}
static bool fuzz_overlap_bounds(void *, const OverlapCall &call, RatioBounds *out)
{
    if (std::isnan(call.threshold))
        abort();
    out->lo = call.site % 5 * 0.2;
    out->hi = 1;
    return call.sources[0] != call.sources[1];
}
static bool fuzz_bounds_without(void *, const CpCall &call, const Roi &inner, CountBounds *out)
{
    out->lo = uint64_t(call.site) * 5 % 50;
    out->hi = out->lo + 7;
    return inner.x2 <= call.roi.x2;
}
static bool fuzz_sum_bounds_without(void *context, const CpCall &call, const Roi &inner,
                                    SumBounds *out)
{
    return inner.x2 <= call.roi.x2 && fuzz_sum_bounds(context, call, out);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    // Half of the bytes make the values of the program's inputs.
    size_t code = size / 2;
    Program program;
    Error err;
    if (!open_program(Bytes{data, code}, &program, err))
        return 0;
    std::vector<ProgramInput> inputs(program.inputs);
    for (size_t i = 0; i < inputs.size(); i++) {
        uint8_t bytes[sizeof(double)] = {};
        size_t at = code + i * sizeof bytes;
        if (at + sizeof bytes <= size)
            memcpy(bytes, data + at, sizeof bytes);
        double v;
        memcpy(&v, bytes, sizeof v);
        inputs[i].is_null = bytes[0] % 8 == 7;
        inputs[i].boolean = bytes[0] % 2;
        inputs[i].num = make_num(v, v, kMayValue, std::trunc(v) == v);
        inputs[i].roi = Roi{1, 1, 1 + bytes[1], 1 + bytes[2]};
    }
    const BoundSource source{fuzz_bounds,         nullptr,
                             fuzz_sum_bounds,     fuzz_overlap_bounds,
                             fuzz_bounds_without, fuzz_sum_bounds_without};
    if (program.kind == ProgramBody::number) {
        Num n = evaluate_number(program, inputs.data(), source);
        if (n.may == 0 || ((n.may & kMayValue) && !(n.lo <= n.hi)))
            abort();
    } else if (evaluate(program, inputs.data(), source) == 0) {
        abort();
    }
    char text[64];
    size_t length = print_program(program, text, sizeof text);
    if (strlen(text) != (length < sizeof text ? length : sizeof text - 1))
        abort();
    return 0;
}
