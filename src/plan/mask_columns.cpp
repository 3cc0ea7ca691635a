#include "plan/mask_columns.h"

#include "facts/index_lookup.h"
#include "facts/program_datum.h"
#include "pg/compat.h"

extern "C" {
#include "access/sysattr.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
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

namespace
{

// Says that the top of the level's join needs a system column of the relation, as
// add_vars_to_targetlist() does: that function cannot be called before all relations, and not only
// tables, are known.
void require_column(RelOptInfo *rel, Expr *column)
{
    Var *var = (Var *)column;
    Relids *needed = &rel->attr_needed[var->varattno - rel->min_attr];
    if (bms_is_empty(*needed)) {
        clear_nulling_relations(var); // set where a join makes it NULL
        rel->reltarget->exprs = lappend(rel->reltarget->exprs, var);
    }
    *needed = bms_add_member(*needed, 0);
}

} // namespace

void require_identity_of(const Planning *planning, const Var *mask)
{
    Assert(knows_all_tables(planning));
    RelOptInfo *rel = find_table(planning, mask->varno);
    if (rel == nullptr)
        return;
    Assert(rel->pathlist == NIL);
    require_column(rel, system_column(mask, TableOidAttributeNumber, OIDOID));
    require_column(rel, system_column(mask, SelfItemPointerAttributeNumber, TIDOID));
}

bool delivers_identity(const Path *path, const Var *mask)
{
    List *exprs = path->pathtarget->exprs;
    return list_member(exprs, mask) &&
           list_member(exprs, system_column(mask, TableOidAttributeNumber, OIDOID)) &&
           list_member(exprs, system_column(mask, SelfItemPointerAttributeNumber, TIDOID));
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
