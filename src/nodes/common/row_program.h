// A bound program over the rows of a child plan: which columns of a row name its masks, and what
// the program's inputs are.
#pragma once

#include "facts/row_bounds.h"
#include "nodes/common/fields.h"
#include "plan/compile/compile.h"

extern "C" {
#include "executor/executor.h"
#include "nodes/pathnodes.h"
}

namespace mq
{

struct SourceColumns {
    AttrNumber tableoid, ctid, mask; // in the child's rows
};

// For the plan: Vars of tableoid, ctid and the mask itself of each mask column.
List *identity_columns(const List *masks);
// Of mask i, once the Vars are columns of the child.
SourceColumns source_columns(const List *identity, int i);

struct RowProgram {
    RowBounds *bounds;
    SourceColumns sources[kMaxSources];
    // Without a parent: they meet rows in slots of several kinds. Null for an input that
    // the caller sets.
    ExprState *inputs[kMaxInputs];
    Oid input_types[kMaxInputs];
};

// For the plan.
struct RowProgramFields {
    Const *program;
    List *sources; // identity_columns() of the program's sources
    List *inputs;  // expressions; null for one that the caller sets
    template <typename Visitor> void visit(Visitor &v)
    {
        v("program", &program);
        v("sources", &sources);
        v("inputs", &inputs);
    }
};
// Once the Vars in it are columns of the child, open_row_program() reads it.
List *row_program_fields(PlannerInfo *root, const CompiledProgram &compiled);

// Opens what row_program_fields() made, in the current memory context. Errors: as
// open_row_bounds().
RowProgram *open_row_program(const List *fields, ProgramBody body);

// Finds the index entries of the masks of a child's row. last_chance: see set_source().
void set_row_sources(RowProgram *p, TupleTableSlot *row, bool last_chance);
// Evaluates the inputs for the context's row.
void set_row_inputs(RowProgram *p, ExprContext *context);

} // namespace mq
