#include "nodes/scan/scan_guards.h"

#include "pg/compat.h"
#include "plan/catalog/functions.h"

extern "C" {
#include "access/sysattr.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
}

namespace mq
{

static bool is_column(Node *node, Index relid, AttrNumber attno)
{
    return IsA(node, Var) && ((Var *)node)->varno == (int)relid &&
           ((Var *)node)->varlevelsup == 0 && ((Var *)node)->varattno == attno;
}

bool as_scan_guard(Node *clause, Index relid, ScanGuard *out)
{
    if (!IsA(clause, FuncExpr))
        return false;
    FuncExpr *call = (FuncExpr *)clause;
    GuardFunctions f;
    if (call->funcid < FirstNormalObjectId || call->args == NIL ||
        !IsA(linitial(call->args), Const) ||
        !find_guard_functions(get_func_namespace(call->funcid), &f) ||
        (call->funcid != f.possible && call->funcid != f.verified))
        return false;

    out->program = (Const *)linitial(call->args);
    out->verified = call->funcid == f.verified;
    if (out->program->constisnull)
        return false;
    Program program;
    const char *names[kMaxSources];
    open_program_datum((struct varlena *)DatumGetPointer(out->program->constvalue), &program,
                       names);
    out->sources = program.sources;
    out->sites = program.sites;
    int arg = out->verified ? 2 : 1;
    if (list_length(call->args) != arg + kSourceArgs * program.sources + program.inputs)
        return false;
    for (int i = 0; i < program.sources; i++, arg += kSourceArgs) {
        Node *mask = (Node *)list_nth(call->args, arg + 2);
        if (!is_column((Node *)list_nth(call->args, arg), relid, TableOidAttributeNumber) ||
            !is_column((Node *)list_nth(call->args, arg + 1), relid,
                       SelfItemPointerAttributeNumber) ||
            !IsA(mask, Var) || !is_column(mask, relid, ((Var *)mask)->varattno))
            return false;
        out->columns[i] = ((Var *)mask)->varattno;
    }
    out->inputs = list_copy_tail(call->args, arg);
    return true;
}

} // namespace mq
