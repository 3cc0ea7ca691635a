#include "plan/catalog/mask_functions.h"

#include "plan/catalog/monotone.h"

extern "C" {
#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_aggregate.h"
#include "fmgr.h"
#include "utils/syscache.h"

#define FUNCTION(name) extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS)
FUNCTION(mask_gt);
FUNCTION(mask_ge);
FUNCTION(mask_lt);
FUNCTION(mask_le);
FUNCTION(mask_gt_commuted);
FUNCTION(mask_ge_commuted);
FUNCTION(mask_lt_commuted);
FUNCTION(mask_le_commuted);
FUNCTION(mask_intersect_step);
FUNCTION(mask_union_step);
FUNCTION(mask_extreme_final);
FUNCTION(mask_avg_step);
FUNCTION(mask_avg_final);
FUNCTION(mask_sum_step);
FUNCTION(mask_sum_final);
#undef FUNCTION
}

namespace mq
{

// By the address of the C function, which is what runs, whatever it is called in SQL.
static PGFunction address(Oid funcid)
{
    FmgrInfo info;
    if (funcid < FirstNormalObjectId)
        return nullptr;
    fmgr_info(funcid, &info);
    return info.fn_addr;
}

bool find_mask_comparison(Oid funcid, Comparison *comparison, bool *mask_first)
{
    static const struct {
        PGFunction function, commuted;
        Comparison comparison, mirrored;
    } known[] = {
        {mask_gt, mask_gt_commuted, Comparison::gt, Comparison::lt},
        {mask_ge, mask_ge_commuted, Comparison::ge, Comparison::le},
        {mask_lt, mask_lt_commuted, Comparison::lt, Comparison::gt},
        {mask_le, mask_le_commuted, Comparison::le, Comparison::ge},
    };
    const PGFunction f = address(funcid);
    for (const auto &k : known) {
        if (f == nullptr || (f != k.function && f != k.commuted))
            continue;
        *mask_first = f == k.function;
        *comparison = *mask_first ? k.comparison : k.mirrored;
        return true;
    }
    return false;
}

bool find_mask_aggregate(PlannerGlobal *glob, Oid aggfnoid, Oid mask_type, MaskAggregate *kind)
{
    static const struct {
        PGFunction step, final;
        MaskAggregate kind;
    } known[] = {
        {mask_intersect_step, mask_extreme_final, MaskAggregate::intersect},
        {mask_union_step, mask_extreme_final, MaskAggregate::unite},
        {mask_avg_step, mask_avg_final, MaskAggregate::mean},
        {mask_sum_step, mask_sum_final, MaskAggregate::sum},
    };
    HeapTuple tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggfnoid));
    if (!HeapTupleIsValid(tuple))
        return false;
    Form_pg_aggregate form = (Form_pg_aggregate)GETSTRUCT(tuple);
    const Oid step_oid = form->aggtransfn, final_oid = form->aggfinalfn;
    ReleaseSysCache(tuple);
    const PGFunction step = address(step_oid), final = address(final_oid);
    for (const auto &k : known)
        if (step == k.step && final == k.final) {
            *kind = k.kind;
            return true;
        }
    *kind = MaskAggregate::monotone;
    return is_declared_monotone(glob, aggfnoid, mask_type);
}

} // namespace mq
