#include "plan/catalog/operators.h"

#include "plan/catalog/function_table.h"

extern "C" {
#include "access/stratnum.h"
#include "catalog/pg_opfamily_d.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

namespace mq
{

namespace
{

// Fixed in pg_opfamily.dat, where they carry no symbol.
constexpr Oid FLOAT_BTREE_FAM_OID = 1970;
constexpr Oid NUMERIC_BTREE_FAM_OID = 1988;

struct Arithmetic {
    Oid funcid;
    ArithOp op;
    NumKind kind;
};

// Only operators that compute in the wider of the two types; float4 with float4 computes in float4
// and is left out.
constexpr Arithmetic kArithmetic[] = {
    {F_FLOAT8PL, ArithOp::add, NumKind::f8},
    {F_FLOAT8MI, ArithOp::sub, NumKind::f8},
    {F_FLOAT8MUL, ArithOp::mul, NumKind::f8},
    {F_FLOAT8DIV, ArithOp::div, NumKind::f8},
    {F_FLOAT48PL, ArithOp::add, NumKind::f8},
    {F_FLOAT48MI, ArithOp::sub, NumKind::f8},
    {F_FLOAT48MUL, ArithOp::mul, NumKind::f8},
    {F_FLOAT48DIV, ArithOp::div, NumKind::f8},
    {F_FLOAT84PL, ArithOp::add, NumKind::f8},
    {F_FLOAT84MI, ArithOp::sub, NumKind::f8},
    {F_FLOAT84MUL, ArithOp::mul, NumKind::f8},
    {F_FLOAT84DIV, ArithOp::div, NumKind::f8},
    {F_INT2PL, ArithOp::add, NumKind::i2},
    {F_INT2MI, ArithOp::sub, NumKind::i2},
    {F_INT2MUL, ArithOp::mul, NumKind::i2},
    {F_INT2DIV, ArithOp::div, NumKind::i2},
    {F_INT4PL, ArithOp::add, NumKind::i4},
    {F_INT4MI, ArithOp::sub, NumKind::i4},
    {F_INT4MUL, ArithOp::mul, NumKind::i4},
    {F_INT4DIV, ArithOp::div, NumKind::i4},
    {F_INT24PL, ArithOp::add, NumKind::i4},
    {F_INT24MI, ArithOp::sub, NumKind::i4},
    {F_INT24MUL, ArithOp::mul, NumKind::i4},
    {F_INT24DIV, ArithOp::div, NumKind::i4},
    {F_INT42PL, ArithOp::add, NumKind::i4},
    {F_INT42MI, ArithOp::sub, NumKind::i4},
    {F_INT42MUL, ArithOp::mul, NumKind::i4},
    {F_INT42DIV, ArithOp::div, NumKind::i4},
    {F_INT8PL, ArithOp::add, NumKind::i8},
    {F_INT8MI, ArithOp::sub, NumKind::i8},
    {F_INT8MUL, ArithOp::mul, NumKind::i8},
    {F_INT8DIV, ArithOp::div, NumKind::i8},
    {F_INT84PL, ArithOp::add, NumKind::i8},
    {F_INT84MI, ArithOp::sub, NumKind::i8},
    {F_INT84MUL, ArithOp::mul, NumKind::i8},
    {F_INT84DIV, ArithOp::div, NumKind::i8},
    {F_INT48PL, ArithOp::add, NumKind::i8},
    {F_INT48MI, ArithOp::sub, NumKind::i8},
    {F_INT48MUL, ArithOp::mul, NumKind::i8},
    {F_INT48DIV, ArithOp::div, NumKind::i8},
    {F_INT82PL, ArithOp::add, NumKind::i8},
    {F_INT82MI, ArithOp::sub, NumKind::i8},
    {F_INT82MUL, ArithOp::mul, NumKind::i8},
    {F_INT82DIV, ArithOp::div, NumKind::i8},
    {F_INT28PL, ArithOp::add, NumKind::i8},
    {F_INT28MI, ArithOp::sub, NumKind::i8},
    {F_INT28MUL, ArithOp::mul, NumKind::i8},
    {F_INT28DIV, ArithOp::div, NumKind::i8},
    {F_NUMERIC_ADD, ArithOp::add, NumKind::numeric},
    {F_NUMERIC_SUB, ArithOp::sub, NumKind::numeric},
    {F_NUMERIC_MUL, ArithOp::mul, NumKind::numeric},
    {F_NUMERIC_DIV, ArithOp::div, NumKind::numeric},
};

struct Unary {
    Oid funcid;
    UnaryOp op;
    NumKind kind;
};

// The negation and absolute value of an integer overflow only at the type's minimum, which
// interval_arith's limits and casts keep away from; both are exact in every type.
constexpr Unary kUnary[] = {
    {F_FLOAT8UM, UnaryOp::neg, NumKind::f8},
    {F_INT2UM, UnaryOp::neg, NumKind::i2},
    {F_INT4UM, UnaryOp::neg, NumKind::i4},
    {F_INT8UM, UnaryOp::neg, NumKind::i8},
    {F_NUMERIC_UMINUS, UnaryOp::neg, NumKind::numeric},
    {F_ABS_FLOAT8, UnaryOp::abs, NumKind::f8},
    {F_FLOAT8ABS, UnaryOp::abs, NumKind::f8},
    {F_ABS_INT2, UnaryOp::abs, NumKind::i2},
    {F_ABS_INT4, UnaryOp::abs, NumKind::i4},
    {F_ABS_INT8, UnaryOp::abs, NumKind::i8},
    {F_ABS_NUMERIC, UnaryOp::abs, NumKind::numeric},
    {F_ROUND_FLOAT8, UnaryOp::round, NumKind::f8},
    {F_DROUND, UnaryOp::round, NumKind::f8},
    {F_ROUND_NUMERIC, UnaryOp::round, NumKind::numeric},
    {F_FLOOR_FLOAT8, UnaryOp::floor, NumKind::f8},
    {F_FLOOR_NUMERIC, UnaryOp::floor, NumKind::numeric},
    {F_CEIL_FLOAT8, UnaryOp::ceil, NumKind::f8},
    {F_CEILING_FLOAT8, UnaryOp::ceil, NumKind::f8},
    {F_CEIL_NUMERIC, UnaryOp::ceil, NumKind::numeric},
    {F_CEILING_NUMERIC, UnaryOp::ceil, NumKind::numeric},
    {F_TRUNC_FLOAT8, UnaryOp::trunc, NumKind::f8},
    {F_DTRUNC, UnaryOp::trunc, NumKind::f8},
    {F_TRUNC_NUMERIC, UnaryOp::trunc, NumKind::numeric},
    {F_SQRT_FLOAT8, UnaryOp::sqrt, NumKind::f8},
    {F_DSQRT, UnaryOp::sqrt, NumKind::f8},
};

struct Cast {
    Oid funcid;
    CastOp op;
};

constexpr Cast kCasts[] = {
    {F_FLOAT8_INT2, CastOp::same},
    {F_FLOAT8_INT4, CastOp::same},
    {F_FLOAT8_INT8, CastOp::same},
    {F_FLOAT8_FLOAT4, CastOp::same},
    {F_FLOAT8_NUMERIC, CastOp::numeric_to_f8},
    {F_INT4_INT2, CastOp::same},
    {F_INT8_INT2, CastOp::same},
    {F_INT8_INT4, CastOp::same},
    {F_INT2_INT4, CastOp::int_to_i2},
    {F_INT2_INT8, CastOp::int_to_i2},
    {F_INT4_INT8, CastOp::int_to_i4},
    {F_INT2_FLOAT8, CastOp::f8_to_i2},
    {F_INT4_FLOAT8, CastOp::f8_to_i4},
    {F_INT8_FLOAT8, CastOp::f8_to_i8},
    {F_FLOAT4_FLOAT8, CastOp::f8_to_f4},
    {F_NUMERIC_FLOAT8, CastOp::f8_to_numeric},
    {F_NUMERIC_INT2, CastOp::same},
    {F_NUMERIC_INT4, CastOp::same},
    {F_NUMERIC_INT8, CastOp::same},
    {F_INT2_NUMERIC, CastOp::numeric_to_i2},
    {F_INT4_NUMERIC, CastOp::numeric_to_i4},
    {F_INT8_NUMERIC, CastOp::numeric_to_i8},
};

} // namespace

bool find_arithmetic(Oid funcid, ArithOp *op, NumKind *kind)
{
    const Arithmetic *e = find_function(kArithmetic, funcid);
    if (e)
        *op = e->op, *kind = e->kind;
    return e != nullptr;
}

bool find_unary(Oid funcid, UnaryOp *op, NumKind *kind)
{
    const Unary *e = find_function(kUnary, funcid);
    if (e)
        *op = e->op, *kind = e->kind;
    return e != nullptr;
}

bool find_cast(Oid funcid, CastOp *op)
{
    const Cast *e = find_function(kCasts, funcid);
    if (e)
        *op = e->op;
    return e != nullptr;
}

bool find_comparison(Oid opno, CompareOp *op)
{
    static constexpr Oid kFamilies[] = {FLOAT_BTREE_FAM_OID, INTEGER_BTREE_FAM_OID,
                                        NUMERIC_BTREE_FAM_OID};
    for (Oid family : kFamilies) {
        switch (get_op_opfamily_strategy(opno, family)) {
        case BTLessStrategyNumber:
            *op = CompareOp::lt;
            return true;
        case BTLessEqualStrategyNumber:
            *op = CompareOp::le;
            return true;
        case BTEqualStrategyNumber:
            *op = CompareOp::eq;
            return true;
        case BTGreaterEqualStrategyNumber:
            *op = CompareOp::ge;
            return true;
        case BTGreaterStrategyNumber:
            *op = CompareOp::gt;
            return true;
        default:
            break;
        }
    }
    Oid negator = get_negator(opno); // <> is in no family; its negator is =
    if (OidIsValid(negator)) {
        for (Oid family : kFamilies) {
            if (get_op_opfamily_strategy(negator, family) == BTEqualStrategyNumber) {
                *op = CompareOp::ne;
                return true;
            }
        }
    }
    return false;
}

} // namespace mq
