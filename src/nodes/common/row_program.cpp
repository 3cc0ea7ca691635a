#include "nodes/common/row_program.h"

#include "nodes/common/child_columns.h"
#include "plan/mask_columns.h"
#include "plan/settings.h"

extern "C" {
#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
}

namespace mq
{

List *identity_columns(const List *masks)
{
    List *columns = NIL;
    ListCell *lc;
    foreach (lc, masks) {
        const Var *mask = (const Var *)lfirst(lc);
        columns = lappend(columns, system_column(mask, TableOidAttributeNumber, OIDOID));
        columns = lappend(columns, system_column(mask, SelfItemPointerAttributeNumber, TIDOID));
        columns = lappend(columns, (void *)mask);
    }
    return columns;
}

SourceColumns source_columns(const List *identity, int i)
{
    auto column = [&](int n) { return lfirst_node(Var, list_nth_cell(identity, n))->varattno; };
    return SourceColumns{column(3 * i), column(3 * i + 1), column(3 * i + 2)};
}

List *row_program_fields(PlannerInfo *root, const CompiledProgram &compiled)
{
    RowProgramFields f = {};
    f.program = makeConst(BYTEAOID, -1, InvalidOid, -1,
                          PointerGetDatum(make_program_of(root, &compiled)), false, false);
    f.sources = identity_columns(compiled.sources);
    f.inputs = compiled.inputs;
    return pack_fields(f);
}

RowProgram *open_row_program(const List *fields, ProgramBody body)
{
    const RowProgramFields f = unpack_fields<RowProgramFields>(fields);
    RowProgram *p = (RowProgram *)palloc0(sizeof(RowProgram));
    p->bounds = open_row_bounds(f.program->constvalue, body, CurrentMemoryContext);
    for (int i = 0; i < p->bounds->program.sources; i++)
        p->sources[i] = source_columns(f.sources, i);
    ListCell *lc;
    foreach (lc, f.inputs) {
        const int i = foreach_current_index(lc);
        if (lfirst(lc) == nullptr)
            continue;
        p->inputs[i] = open_expression((Node *)lfirst(lc));
        p->input_types[i] = exprType((Node *)lfirst(lc));
    }
    return p;
}

void set_row_sources(RowProgram *p, TupleTableSlot *row, bool last_chance)
{
    for (int i = 0; i < p->bounds->program.sources; i++) {
        const SourceColumns &c = p->sources[i];
        bool no_table, no_tid, no_mask;
        Datum table = slot_getattr(row, c.tableoid, &no_table);
        Datum tid = slot_getattr(row, c.ctid, &no_tid);
        Datum mask = slot_getattr(row, c.mask, &no_mask);
        // A cached plan asks for bounds though pruning has been switched off since.
        if (no_table || no_tid || !enable_pruning)
            clear_source(p->bounds, i, no_mask);
        else
            set_source(p->bounds, i, DatumGetObjectId(table), (ItemPointer)DatumGetPointer(tid),
                       no_mask ? nullptr : &mask, last_chance);
    }
}

void set_row_inputs(RowProgram *p, ExprContext *context)
{
    for (int i = 0; i < p->bounds->program.inputs; i++) {
        bool is_null;
        if (p->inputs[i] == nullptr)
            continue;
        Datum value = ExecEvalExprSwitchContext(p->inputs[i], context, &is_null);
        set_input(p->bounds, i, p->input_types[i], value, is_null);
    }
}

} // namespace mq
