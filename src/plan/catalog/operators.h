// PostgreSQL's arithmetic and comparisons by OID.
#pragma once

#include "core/program/program.h"
#include "pg/pg.h"

namespace mq
{

bool find_arithmetic(Oid funcid, ArithOp *op, NumKind *kind);
bool find_unary(Oid funcid, UnaryOp *op, NumKind *kind);
bool find_cast(Oid funcid, CastOp *op);
// Comparison of two numbers (float, integer or numeric operator families and their mixes).
bool find_comparison(Oid opno, CompareOp *op);

} // namespace mq
