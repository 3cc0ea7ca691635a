// Bound programs from bytes: what open_program() accepts is evaluated and printed without a fault,
// and says that something can happen.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/leaves/mask_leaves.h"
#include "core/program/batch.h"

using namespace mq;

static const LeafKind kTruth{
    "satisfies", LeafType::truth, LeafColumns::outcomes, 1, 1, {LeafOperand::key}, kAnyLeaf,
    nullptr,     nullptr};
static const LeafKind *const kinds[] = {&kCpLeaf, &kPixelSumLeaf, &kIouLeaf, &kIominLeaf, &kTruth};
static const LeafTable table{kinds, 5};

// What is known of a usable call, which depends on the call alone; intervals that may be wide,
// negative and infinite.
static LeafValue known_of(const LeafCall &call, int site)
{
    const LeafKind *kind = call.leaf->kind;
    const int source = call.leaf->sources[0];
    if (kind == &kTruth)
        return truth_leaf(uint8_t(1 + (call.key + unsigned(site)) % kAnyOutcome));
    if (kind == &kIouLeaf || kind == &kIominLeaf) {
        if (std::isnan(call.numbers[0]))
            abort();
        return source != call.leaf->sources[1]
                   ? number_leaf(overlap_number(RatioBounds{site % 5 * 0.2, 1}))
                   : call.without_masks();
    }
    if (!(call.numbers[0] <= call.numbers[1]))
        abort();
    if (kind == &kCpLeaf) {
        const uint64_t lo = uint64_t(site) * 7 % 50;
        return site % 5 != 4 ? number_leaf(count_number(CountBounds{lo, lo + source % 3 * 10}))
                             : call.without_masks();
    }
    const double lo = site % 4 == 3 ? -INFINITY : site % 11 - 5.25;
    const double hi = site % 7 == 6 ? INFINITY : lo + source % 3 * 2.5;
    return number_leaf(sum_number(SumBounds{lo, hi, 0x1p-149}));
}

static Num rest_of(const LeafCall &part, const LeafCall &whole, int site)
{
    if (part.roi.x2 > whole.roi.x2)
        return any_num(0);
    const double lo = site * 5 % 50;
    return part.leaf->kind == &kCpLeaf ? make_num(lo, lo + 7, kMayValue, true)
                                       : sum_number(SumBounds{lo, lo + 2.5, 0x1p-149});
}

// The same clause over three rows at once, with columns of what is known: as for one row, when it
// has nothing that batches do not follow.
static void check_batch(const Program &program, const ProgramInput *inputs,
                        const std::vector<LeafCall> &calls, const std::vector<LeafValue> &values,
                        uint8_t expected)
{
    constexpr uint32_t kRows = 3;
    std::vector<double> memory(batch_memory_size(program) / sizeof(double));
    std::vector<LeafColumn> columns(calls.size());
    std::vector<uint32_t> ends(calls.size() * 2 * kRows);
    std::vector<uint8_t> bytes(calls.size() * 2 * kRows);
    uint8_t outcomes[kBatchRows];
    auto fetch = [&](int site) {
        const Num &n = values[site].number;
        const bool known = calls[site].leaf->kind == &kCpLeaf && !(n.may & kMayNull);
        uint32_t *ends_of = &ends[size_t(site) * 2 * kRows];
        uint8_t *bytes_of = &bytes[size_t(site) * 2 * kRows];
        for (uint32_t i = 0; i < kRows; i++) {
            ends_of[i] = known ? uint32_t(n.lo) : 77;
            ends_of[kRows + i] = known ? uint32_t(n.hi) : 5;
            bytes_of[i] = known;
            bytes_of[kRows + i] = values[site].outcomes;
        }
        columns[site] = LeafColumn{false, ends_of, ends_of + kRows, bytes_of, bytes_of + kRows};
        return true;
    };
    evaluate_with_columns(
        program, calls.data(), columns.data(),
        [&] {
            return evaluate_batch(program, inputs, calls.data(), columns.data(), kRows,
                                  memory.data(), outcomes);
        },
        fetch);
    for (uint32_t i = 0; i < kRows; i++)
        if (outcomes[i] == 0 || (!program.by_row && outcomes[i] != expected))
            abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    // Half of the bytes make the values of the program's inputs.
    size_t code = size / 2;
    Program program;
    Error err;
    std::vector<Leaf> leaves(size_t(count_leaves(Bytes{data, code})));
    if (!open_program(Bytes{data, code}, table, leaves.data(), &program, err))
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
    std::vector<LeafCall> calls(leaves.size());
    read_leaf_calls(program, inputs.data(), calls.data());
    std::vector<LeafValue> values;
    for (int site = 0; site < program.sites; site++) {
        const LeafCall &call = calls[site];
        values.push_back(call.state == CallState::usable ? known_of(call, site)
                                                         : call.without_masks());
        if (const LeafCall *whole = divisor_of(calls.data(), site))
            values.back().rest = rest_of(call, *whole, site);
    }
    if (program.kind == ProgramBody::number) {
        Num n = evaluate_number(program, inputs.data(), values.data());
        if (n.may == 0 || ((n.may & kMayValue) && !(n.lo <= n.hi)))
            abort();
    } else {
        const uint8_t outcomes = evaluate(program, inputs.data(), values.data());
        if (outcomes == 0)
            abort();
        check_batch(program, inputs.data(), calls, values, outcomes);
    }
    char text[64];
    size_t length = print_program(program, text, sizeof text);
    if (strlen(text) != (length < sizeof text ? length : sizeof text - 1))
        abort();
    return 0;
}
