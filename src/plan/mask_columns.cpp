#include "plan/mask_columns.h"

#include "facts/index_lookup.h"
#include "facts/program_datum.h"
#include "pg/compat.h"

extern "C" {
#include "catalog/pg_class.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
}

namespace mq
{

bool column_has_index(const Var *mask, void *context)
{
    PlannerInfo *root = (PlannerInfo *)context;
    const RangeTblEntry *rte = rt_fetch(mask->varno, root->parse->rtable);
    if (rte->rtekind != RTE_RELATION ||
        (rte->relkind != RELKIND_RELATION && rte->relkind != RELKIND_MATVIEW &&
         rte->relkind != RELKIND_PARTITIONED_TABLE))
        return false;
    char *column = get_attname(rte->relid, mask->varattno, true);
    return column != nullptr && has_chi_index(rte->relid, column, rte->inh);
}

// The mask's own Var is copied and only its attribute changed, so that what else it says (the outer
// joins that may have made it NULL, PostgreSQL 16 and later) stays right.
Expr *system_column(const Var *mask, AttrNumber attno, Oid type)
{
    Var *v = copy_node(mask);
    v->varattno = attno;
    v->varattnosyn = attno;
    v->vartype = type;
    v->vartypmod = -1;
    v->varcollid = InvalidOid;
    return (Expr *)v;
}

bytea *make_program_of(PlannerInfo *root, const CompiledProgram *compiled)
{
    List *names = NIL;
    ListCell *lc;
    foreach (lc, compiled->sources) {
        const Var *mask = (const Var *)lfirst(lc);
        Oid relid = rt_fetch(mask->varno, root->parse->rtable)->relid;
        names = lappend(names, get_attname(relid, mask->varattno, false));
    }
    return make_program_datum((const uint8_t *)VARDATA(compiled->program),
                              VARSIZE(compiled->program) - VARHDRSZ, names);
}

} // namespace mq
