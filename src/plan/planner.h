// How pruning reaches every query: clauses over cp are rewritten into guarded ones. README.md
// beside this file explains the mechanism and why it changes no result.
#pragma once

#include "core/program/program.h"
#include "pg/pg.h"

extern "C" {
#include "nodes/pathnodes.h"
#include "nodes/primnodes.h"
#include "storage/itemptr.h"
}

namespace mq
{

// GUCs and planner hooks; called once from _PG_init.
void planner_init();

extern bool enable_pruning; // maskquery.enable_pruning
extern bool verify_bounds;  // maskquery.verify

// ---- functions.cpp: which functions are ours ----

// cp, pixel_sum, mask_iou, mask_iomin.
enum class CpKind : uint8_t { count, sum, iou, iomin };

// The spellings of cp (DESIGN section 2) and its like, by their arguments; none for all other
// functions.
enum class CpForm : uint8_t {
    none,
    mask_roi_range,
    mask_range,
    mask_roi_record,
    mask_record,
    mask_roi,
    mask,
    masks_threshold
};

struct CpFunction {
    CpKind kind;
    CpForm form;
    Oid mask_type;
    Oid namespace_oid;
};
// Tells whether funcid is one of the extension's functions that bounds know something about,
// however it and its schema are called.
CpFunction identify_cp(Oid funcid);

// OIDs of the functions that a rewritten clause calls, in the schema of the extension. False when
// they are missing (an older script version).
struct GuardFunctions {
    Oid possible, certain, undecided, verified, program_type;
};
bool find_guard_functions(Oid namespace_oid, GuardFunctions *out);

// ---- compile.cpp: expression to bound program ----

struct CompiledProgram {
    bytea *program; // value of type chi_program
    List *sources;  // Var of each mask column, in order of source number
    List *inputs;   // Expr of each input
    List *cp_calls; // FuncExpr of each cp site, nodes of the compiled expression itself
};
// Compiles a clause whose cp read columns for which has_index answers true. False when bounds can
// never decide it. The clause is not modified.
typedef bool (*HasIndex)(const Var *mask, void *context);

// Parts of an expression whose value somebody else bounds: what aggregates tell a group. Each turns
// into a number input of the program, the part itself being listed among CompiledProgram.inputs; at
// run time its value is an interval.
struct ForeignParts {
    // Is the node such a part? *bounded: whether bounds of masks are in it.
    bool (*is_part)(Node *node, void *context, bool *bounded);
    void *context;
};

bool compile_clause(Node *clause, HasIndex has_index, void *context, CompiledProgram *out,
                    const ForeignParts *parts = nullptr);

// The same for an expression of a number type: a numeric program. An input may be an expression
// that can fail, since it stands where the expression itself would evaluate it: the caller computes
// the bounds of rows only for which the expression would be evaluated without pruning.
bool compile_number(Node *expr, HasIndex has_index, void *context, CompiledProgram *out,
                    const ForeignParts *parts = nullptr);

// Does an expression call cp anywhere?
bool contains_cp(Node *node);
// Could its evaluation raise an error? A function that is not leakproof could, as could a parameter
// that stands for a subquery.
bool can_fail(Node *node);

// ---- rewrite.cpp: the columns of a query level ----

// HasIndex callback: is the Var a column of a base relation of the level, with a chi index on it or
// on a child's? root: PlannerInfo.
bool column_has_index(const Var *mask, void *root);

// ctid or tableoid of the row that a mask comes from.
Expr *system_column(const Var *mask, AttrNumber attno, Oid type);

// A chi_program datum of a compiled program, with the names of its columns.
bytea *make_program_of(PlannerInfo *root, const CompiledProgram *compiled);

// ---- estimate.cpp: support functions ----

// Called whenever the planner asks what a cp of a query level costs.
extern void (*cp_cost_asked)(PlannerInfo *root);

// ---- operators.cpp: PostgreSQL's arithmetic by function OID ----

bool find_arithmetic(Oid funcid, ArithOp *op, NumKind *kind);
bool find_unary(Oid funcid, UnaryOp *op, NumKind *kind);
bool find_cast(Oid funcid, CastOp *op);
// Comparison of two numbers (float, integer or numeric operator families and their mixes).
bool find_comparison(Oid opno, CompareOp *op);

// ---- index_lookup.cpp: the chi index of a column ----

// OID of a chi index on the named column of a relation, InvalidOid when there is none. The caller
// holds a lock on the relation. With `usable`, only an index that this transaction may rely on:
// valid, and not built over HOT chains that a snapshot of ours could still see broken
// (indcheckxmin).
Oid find_chi_index(Oid relid, const char *column, bool usable);

// The same for a table or any of its partitions or inheritance children.
bool has_chi_index(Oid relid, const char *column, bool include_children);

// ---- program_datum.cpp: the chi_program type ----

// A compiled program with the names of its mask columns, as it travels in a Const of type
// chi_program: varlena header, u32 program size, program, then a zero-terminated column name a
// source.
bytea *make_program_datum(const uint8_t *program, size_t size, List *column_names);
// Opens a datum. Errors: ERRCODE_DATA_CORRUPTED. The names point into the datum.
void open_program_datum(const struct varlena *datum, Program *program, const char **column_names);
// Arguments of a guard a source: tableoid, ctid, and the mask itself, which is passed on without
// being detoasted.
constexpr int kSourceArgs = 3;
constexpr int kMaxSources = 8;
constexpr int kMaxInputs = 64;

// Converts an argument of a guard to what the program takes. Types: int2, int4, int8, float4,
// float8, numeric, bool, roi.
void load_input(InputKind kind, Oid type, Datum value, bool is_null, ProgramInput *out);

} // namespace mq
