#include "plan/catalog/declaration.h"

#include "pg/guard.h"

extern "C" {
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
}

namespace mq
{

bool declare_aggregate(Oid aggfnoid, Oid namespace_oid, Declaration *out)
{
    Definition now;
    if (!describe_aggregate(aggfnoid, namespace_oid, &now))
        return false;
    out->aggregate = aggfnoid;
    out->owner = now.owner;
    memcpy(out->digest, now.digest, sizeof out->digest);
    return true;
}

bool declaration_holds(const Declaration *declared, Oid namespace_oid, Definition *now)
{
    return describe_aggregate(declared->aggregate, namespace_oid, now) &&
           now->owner == declared->owner &&
           memcmp(now->digest, declared->digest, kDigestBytes) == 0;
}

char *digest_text(const Declaration *declared)
{
    char *digits = (char *)palloc0(2 * kDigestBytes + 1);
    hex_encode((const char *)declared->digest, kDigestBytes, digits);
    return digits;
}

namespace
{

Oid find_by_name(const char *name)
{
    LOCAL_FCINFO(fcinfo, 1);
    FmgrInfo info;
    fmgr_info(F_TO_REGPROCEDURE, &info);
    InitFunctionCallInfoData(*fcinfo, &info, 1, InvalidOid, nullptr, nullptr);
    fcinfo->args[0].value = CStringGetTextDatum(name);
    fcinfo->args[0].isnull = false;
    Datum found = FunctionCallInvoke(fcinfo);
    return fcinfo->isnull ? InvalidOid : DatumGetObjectId(found);
}

} // namespace

} // namespace mq

using namespace mq;

// A name that means nothing is no error, which would end a restore.
MQ_FUNCTION(mq_declaration_in)
{
    const char *name = PG_GETARG_CSTRING(0);
    Declaration *declared = (Declaration *)palloc0(sizeof *declared);
    const Oid funcid = name[0] == '\0' ? InvalidOid : find_by_name(name);
    if (!declare_aggregate(funcid, get_func_namespace(fcinfo->flinfo->fn_oid), declared))
        ereport(WARNING, (errcode(ERRCODE_UNDEFINED_FUNCTION),
                          errmsg("aggregate \"%s\" does not exist", name),
                          errdetail("It is not declared to be monotone.")));
    PG_RETURN_POINTER(declared);
}

MQ_FUNCTION(mq_declaration_out)
{
    const Declaration *declared = (const Declaration *)PG_GETARG_POINTER(0);
    Definition now;
    if (!declaration_holds(declared, get_func_namespace(fcinfo->flinfo->fn_oid), &now))
        PG_RETURN_CSTRING(pstrdup(""));
    PG_RETURN_CSTRING(format_procedure_extended(declared->aggregate, FORMAT_PROC_FORCE_QUALIFY));
}
