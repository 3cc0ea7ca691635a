// Entry points of the chi access method that do not touch pages: the handler, opclass validation,
// costs, set-up.
#include "chi/am.h"
#include "chi/copy_target.h"
#include "chi/options.h"
#include "chi/pending/summarize.h"
#include "chi/build/threads.h"
#include "pg/guard.h"

extern "C" {
#include "catalog/pg_opclass.h"
#include "commands/defrem.h"
#include "commands/vacuum.h"
#include "optimizer/cost.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

extern "C" Datum mask_in(PG_FUNCTION_ARGS); // src/types/mask/mask_io.cpp

MQ_FUNCTION(chi_handler)
{
    IndexAmRoutine *am = makeNode(IndexAmRoutine);

    // An index that is never scanned by the executor: no operators, no amgettuple, no amgetbitmap.
    // Queries reach it through the guards that the planner hooks put into their clauses.
    am->amstrategies = 0;
    am->amsupport = 0;
    am->amoptsprocnum = 0;
    am->amcanmulticol = false;
    am->amoptionalkey = false;
    am->amstorage = false;
    am->ampredlocks = false;
    am->amusemaintenanceworkmem = false;
    am->amparallelvacuumoptions = VACUUM_OPTION_PARALLEL_BULKDEL;
    am->amkeytype = InvalidOid;

    am->ambuild = mq::chi_build;
    am->ambuildempty = mq::chi_build_empty;
    am->aminsert = mq::chi_insert;
    am->ambulkdelete = mq::chi_bulk_delete;
    am->amvacuumcleanup = mq::chi_vacuum_cleanup;
    am->amcostestimate = mq::chi_cost_estimate;
    am->amoptions = mq::chi_options;
    am->ambuildphasename = mq::chi_build_phase_name;
    am->amvalidate = mq::chi_validate;

    PG_RETURN_POINTER(am);
}

namespace mq
{

void chi_init()
{
    register_options();
    define_thread_setting();
    define_summarize_setting();
    watch_copies();
}

Oid chi_am_oid()
{
    return get_index_am_oid("chi", true);
}

// The type is known by its input function, whatever schema the extension was put into.
bool is_mask_type(Oid type)
{
    Oid input, io_parameter;
    FmgrInfo function;

    getTypeInputInfo(getBaseType(type), &input, &io_parameter);
    fmgr_info(input, &function);
    return function.fn_addr == mask_in;
}

// An opclass of chi says that masks may be indexed and nothing else: it is for type mask, stores
// masks, and its family has no operators and no support functions.
extern "C" bool chi_validate(Oid opclass)
{
    HeapTuple class_tuple = SearchSysCache1(CLAOID, ObjectIdGetDatum(opclass));
    if (!HeapTupleIsValid(class_tuple))
        elog(ERROR, "cache lookup failed for operator class %u", opclass);
    Form_pg_opclass form = (Form_pg_opclass)GETSTRUCT(class_tuple);
    char *name = pstrdup(NameStr(form->opcname));
    Oid family = form->opcfamily, input = form->opcintype, stored = form->opckeytype;
    ReleaseSysCache(class_tuple);

    bool valid = true;
    if (!is_mask_type(input)) {
        ereport(INFO, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                       errmsg("operator class \"%s\" of access method chi is for type %s, not mask",
                              name, format_type_be(input))));
        valid = false;
    }
    if (OidIsValid(stored) && stored != input) {
        ereport(INFO, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                       errmsg("operator class \"%s\" of access method chi stores type %s, not mask",
                              name, format_type_be(stored))));
        valid = false;
    }

    CatCList *operators = SearchSysCacheList1(AMOPSTRATEGY, ObjectIdGetDatum(family));
    CatCList *functions = SearchSysCacheList1(AMPROCNUM, ObjectIdGetDatum(family));
    if (operators->n_members > 0 || functions->n_members > 0) {
        ereport(INFO, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
                       errmsg("operator family of operator class \"%s\" of access method chi "
                              "contains operators or "
                              "support functions",
                              name),
                       errdetail("It contains %d operators and %d functions; chi uses none.",
                                 operators->n_members, functions->n_members)));
        valid = false;
    }
    ReleaseCatCacheList(functions);
    ReleaseCatCacheList(operators);
    return valid;
}

// The executor cannot scan the index, so no path may ever use it.
extern "C" void chi_cost_estimate(struct PlannerInfo *root, struct IndexPath *path,
                                  double loop_count, Cost *startup_cost, Cost *total_cost,
                                  Selectivity *selectivity, double *correlation, double *pages)
{
    *startup_cost = disable_cost;
    *total_cost = disable_cost;
    *selectivity = 1.0;
    *correlation = 0.0;
    *pages = path->indexinfo->pages;
}

} // namespace mq
