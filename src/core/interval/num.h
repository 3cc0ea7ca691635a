// What is known of a number, and of a condition, and the operations of PostgreSQL that intervals
// are followed through. src/core/program/README.md states what each claims.
#pragma once

#include <cstdint>

namespace mq
{

enum class ArithOp : uint8_t { add, sub, mul, div };
enum class UnaryOp : uint8_t { neg, abs, round, floor, ceil, trunc, sqrt };
enum class CompareOp : uint8_t { lt, le, eq, ge, gt, ne };
// Whose arithmetic: PostgreSQL's float8, int2, int4, int8 or numeric.
enum class NumKind : uint8_t { f8, i2, i4, i8, numeric };
enum class CastOp : uint8_t {
    same,     // exact (int to float8 or numeric, float4 to float8)
    f8_to_i2, // round half to even, error out of range
    f8_to_i4,
    f8_to_i8,
    f8_to_f4,      // nearest float4
    f8_to_numeric, // 15 significant digits
    numeric_to_f8, // nearest float8
    numeric_to_i2, // round half away from zero, error out of range
    numeric_to_i4,
    numeric_to_i8,
    int_to_i2, // error out of range
    int_to_i4,
    numeric_round, // to `scale` decimal digits; `precision` > 0: error at 10^(precision - scale)
};

// What a number can turn out to be.
enum MayBe : uint8_t { kMayValue = 1, kMayNull = 2, kMayError = 4, kMayAnything = 7 };
// What a condition can turn out to be.
enum Outcome : uint8_t { kTrue = 1, kFalse = 2, kNull = 4, kError = 8, kAnyOutcome = 15 };

// In a WHERE or ON clause NULL counts as false.
inline bool is_refuted(uint8_t outcomes)
{
    return !(outcomes & (kTrue | kError));
}
inline bool is_proven(uint8_t outcomes)
{
    return outcomes == kTrue;
}

struct Num {
    double lo, hi; // meaningful when may & kMayValue. lo = -infinity: any value. An exact input may
                   // be +infinity.
    double tiny;   // no value other than 0 is nearer to 0 than this; decides whether a product can
                   // underflow
    uint8_t may;   // MayBe bits
    bool whole;    // every value is a whole number below 2^53
};

inline bool is_any(const Num &n)
{
    return n.lo == -__builtin_inf();
}
constexpr Num any_num(uint8_t may = kMayAnything)
{
    return Num{-__builtin_inf(), __builtin_inf(), 0.0, may, false};
}
// The interval [lo, hi]; any_num(may) when an end is not finite.
Num make_num(double lo, double hi, uint8_t may = kMayValue, bool whole = false);

} // namespace mq
