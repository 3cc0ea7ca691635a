// A bound program in a plan: the type chi_program, and the arguments that a guard or a node
// evaluates for it.
#pragma once

#include "core/program/program.h"
#include "pg/pg.h"

extern "C" {
#include "nodes/pg_list.h"
}

namespace mq
{

// Limits of a program in a plan.
constexpr int kMaxSources = 8;
constexpr int kMaxInputs = 64;
// Calls of cp and its like. Refining a row evaluates the program as often as it has calls.
constexpr int kMaxSites = 1000;

// Arguments of a guard a source: tableoid, ctid, and the mask itself, which is passed on without
// being detoasted.
constexpr int kSourceArgs = 3;

// A compiled program with the names of its mask columns, as it travels in a Const of type
// chi_program: varlena header, u32 program size, program, then a zero-terminated column name a
// source.
bytea *make_program_datum(const uint8_t *program, size_t size, List *column_names);

// Opens a datum. Errors: ERRCODE_DATA_CORRUPTED. The names and the program point into the datum;
// there is room for kMaxSources names. The program's leaves are allocated in the current context.
void open_program_datum(const struct varlena *datum, Program *program, const char **column_names);

// Converts an argument of a guard to what the program takes. Types: int2, int4, int8, float4,
// float8, numeric, bool, roi.
void load_input(InputKind kind, Oid type, Datum value, bool is_null, ProgramInput *out);

} // namespace mq
