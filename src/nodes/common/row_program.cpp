#include "nodes/common/row_program.h"

#include "plan/mask_columns.h"

extern "C" {
#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
}

namespace mq
{

List *row_program_parts(PlannerInfo *root, const CompiledProgram &compiled)
{
    List *sources = NIL;
    ListCell *lc;
    foreach (lc, compiled.sources) {
        const Var *mask = (const Var *)lfirst(lc);
        sources = lappend(sources, system_column(mask, TableOidAttributeNumber, OIDOID));
        sources = lappend(sources, system_column(mask, SelfItemPointerAttributeNumber, TIDOID));
        sources = lappend(sources, (void *)mask);
    }
    Const *program = makeConst(BYTEAOID, -1, InvalidOid, -1,
                               PointerGetDatum(make_program_of(root, &compiled)), false, false);
    return list_make3(program, sources, compiled.inputs);
}

static AttrNumber column_at(List *sources, int i)
{
    return ((Var *)list_nth(sources, i))->varattno;
}

RowProgram *open_row_program(List *parts, ProgramBody body)
{
    RowProgram *p = (RowProgram *)palloc0(sizeof(RowProgram));
    List *sources = (List *)lsecond(parts);
    p->bounds = open_row_bounds(((Const *)linitial(parts))->constvalue, body, CurrentMemoryContext);
    for (int i = 0; i < p->bounds->program.sources; i++)
        p->sources[i] = SourceColumns{column_at(sources, 3 * i), column_at(sources, 3 * i + 1),
                                      column_at(sources, 3 * i + 2)};
    ListCell *lc;
    foreach (lc, (List *)lthird(parts)) {
        int i = foreach_current_index(lc);
        if (lfirst(lc) == nullptr)
            continue;
        p->inputs[i] = ExecInitExpr((Expr *)lfirst(lc), nullptr);
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
        if (no_table || no_tid)
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
