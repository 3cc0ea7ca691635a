#include "core/program/columns.h"
#include "core/base/assert.h"

namespace mq
{

void numbers_of_counts(uint32_t n, const LeafColumn &counts, const Num &unknown, NumColumn out)
{
    for (uint32_t i = 0; i < n; i++) {
        const bool known = counts.known[i];
        const double lo = known ? double(counts.lo[i]) : unknown.lo;
        const double hi = known ? double(counts.hi[i]) : unknown.hi;
        out.lo[i] = lo;
        out.hi[i] = hi;
        out.tiny[i] = !known ? unknown.tiny : lo != hi ? 1.0 : lo == 0 ? __builtin_inf() : lo;
        out.may[i] = known ? uint8_t{kMayValue} : unknown.may;
        out.whole[i] = known || unknown.whole;
    }
}

void compare_counts(uint32_t n, CompareOp op, const LeafColumn &counts, const Num &unknown,
                    const Num &number, uint8_t *out)
{
    mq_assert(op != CompareOp::eq && op != CompareOp::ne && number.lo == number.hi);
    if (n == 0) // the counts need not be there
        return;
    // Counts are whole: x > number is x > floor(number), x >= number is x > ceil(number) - 1. An
    // interval reaches above the limit when hi does, and not only above it when lo does not.
    const bool greater = op == CompareOp::gt || op == CompareOp::ge;
    const bool with_floor = op == CompareOp::gt || op == CompareOp::le;
    const double whole = with_floor ? std::floor(number.lo) : std::ceil(number.lo) - 1;
    const int32_t limit = int32_t(std::fmin(std::fmax(whole, -1), INT32_MAX));
    const uint8_t above = greater ? kTrue : kFalse, below = greater ? kFalse : kTrue;
    // Two plain loops with elements of one size each, which compilers turn into vectors.
    int32_t outcomes[kBatchRows];
    for (uint32_t i = 0; i < n; i++)
        outcomes[i] = (int32_t(counts.hi[i]) > limit ? above : 0) |
                      (int32_t(counts.lo[i]) > limit ? 0 : below);
    for (uint32_t i = 0; i < n; i++)
        out[i] = uint8_t(outcomes[i]);
    if (!memchr(counts.known, 0, n))
        return;
    const uint8_t any = interval_compare(op, unknown, number);
    for (uint32_t i = 0; i < n; i++)
        out[i] = counts.known[i] ? out[i] : any;
}

void arith_columns(uint32_t n, ArithOp op, NumColumn a, NumColumn b)
{
    for (uint32_t i = 0; i < n; i++)
        a.set(i, interval_arith(op, NumKind::f8, a.at(i), b.at(i)));
}

void JunctionColumn::start(uint32_t n)
{
    memset(result, 0, n);
    memset(all_neutral, 1, n);
    memset(some_null, 0, n);
}

bool JunctionColumn::is_undecided(uint32_t n) const
{
    uint8_t any = 0;
    for (uint32_t i = 0; i < n; i++)
        any |= all_neutral[i] | some_null[i];
    return any;
}

// Junction::add in sums of bits: each outcome is moved to bit 0, where the states have theirs.
void JunctionColumn::add(uint32_t n, const uint8_t *arm)
{
    static_assert(kTrue == 1 && kFalse == 2 && kNull == 4 && kError == 8);
    const int neutral_shift = neutral == kTrue ? 0 : 1;
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t c = arm[i], all = all_neutral[i], null = some_null[i];
        const uint8_t can_neutral = (c >> neutral_shift) & 1, can_null = (c >> 2) & 1;
        const uint8_t reached = uint8_t(-(all | null));
        result[i] |= c & (decider | kError) & reached;
        some_null[i] = uint8_t((null & (can_neutral | can_null)) | (all & can_null));
        all_neutral[i] = all & can_neutral;
    }
}

void JunctionColumn::finish(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        result[i] = uint8_t(result[i] | (all_neutral[i] ? neutral : 0) | (some_null[i] << 2));
}

} // namespace mq
