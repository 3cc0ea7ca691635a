// Workers get their part of the plan as nodeToString() prints it, so whatever function they may
// call stands in that text, but for those that an aggregate calls. Functions of a type (a cast to
// text, a comparison by an operator class) do not; none of ours counts.
#include "session/parallel_plan.h"

extern "C" {
#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "utils/syscache.h"
}

namespace mq
{

namespace
{

// Of a function in C.
bool is_in_our_library(HeapTuple function)
{
    bool is_null;
    Datum path = SysCacheGetAttr(PROCOID, function, Anum_pg_proc_probin, &is_null);
    if (is_null)
        return false;
    const char *file = TextDatumGetCString(path), *slash = strrchr(file, '/');
    return strncmp(slash ? slash + 1 : file, "maskquery", strlen("maskquery")) == 0;
}

bool function_may_count(Oid function);

bool aggregate_may_count(Oid aggregate)
{
    HeapTuple tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate));
    if (!HeapTupleIsValid(tuple))
        return true;
    const FormData_pg_aggregate a = *(Form_pg_aggregate)GETSTRUCT(tuple);
    ReleaseSysCache(tuple);
    const Oid parts[] = {a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn,
                         a.aggdeserialfn};
    for (Oid part : parts)
        if (function_may_count(part))
            return true;
    return false;
}

// What is written in another language than C may call anything.
bool function_may_count(Oid function)
{
    if (function < FirstNormalObjectId)
        return false;
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(tuple))
        return true;
    const FormData_pg_proc *p = (Form_pg_proc)GETSTRUCT(tuple);
    const bool is_aggregate = p->prokind == PROKIND_AGGREGATE;
    const bool may_count =
        p->prolang == ClanguageId ? is_in_our_library(tuple) : p->prolang != INTERNALlanguageId;
    ReleaseSysCache(tuple);
    return is_aggregate ? aggregate_may_count(function) : may_count;
}

// Whether a function that a printed expression calls, as a function, operator, aggregate or window
// function, may count.
bool text_may_count(const char *text)
{
    for (const char *label : {"funcid ", "aggfnoid ", "winfnoid "})
        for (const char *at = strstr(text, label); at; at = strstr(at, label)) {
            at += strlen(label);
            if (function_may_count(Oid(strtoul(at, nullptr, 10))))
                return true;
        }
    return false;
}

bool node_may_count(const void *node)
{
    char *text = nodeToString(node);
    bool may_count = text_may_count(text);
    pfree(text);
    return may_count;
}

} // namespace

// Functions that came with PostgreSQL itself are no reason to invalidate a plan: when a plan names
// no others, it need not be printed.
bool workers_may_count(const PlannedStmt *plan)
{
    return plan->invalItems != NIL &&
           (node_may_count(plan->planTree) || node_may_count(plan->subplans));
}

} // namespace mq
