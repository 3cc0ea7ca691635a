// maskquery_monotone_aggregate(): declarations of aggregates over masks. What is promised is in the
// root README; what keeps a declaration from outliving its aggregate, in README.md beside this
// file.
#include "plan/catalog/monotone.h"

#include "pg/guard.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
#if PG_VERSION_NUM >= 160000
#include "catalog/objectaddress.h"
#endif
}

namespace mq
{

namespace
{

constexpr const char *kTable = "maskquery_monotone_aggregates";
constexpr AttrNumber kName = 1, kOid = 2, kVersion = 3, kColumns = 3;

// Which version of its catalog row stands for an aggregate: it changes whenever the aggregate is
// replaced, renamed or given away, and a new aggregate never comes by the same one.
TransactionId row_version(HeapTuple proc)
{
    return HeapTupleHeaderGetRawXmin(proc->t_data);
}

bool owns_function(Oid funcid)
{
#if PG_VERSION_NUM >= 160000
    return object_ownercheck(ProcedureRelationId, funcid, GetUserId());
#else
    return pg_proc_ownercheck(funcid, GetUserId());
#endif
}

char *qualified_name(Oid funcid)
{
    return format_procedure_extended(funcid, FORMAT_PROC_FORCE_QUALIFY);
}

// Errors unless the current user owns the function and it is an aggregate of one mask that returns
// a mask.
void check_aggregate(Oid funcid, Oid mask_type)
{
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(funcid));
    if (!HeapTupleIsValid(tuple))
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
                        errmsg("aggregate with OID %u does not exist", funcid),
                        errhint("Name it with its argument, as in 'my_aggregate(mask)'.")));
    Form_pg_proc proc = (Form_pg_proc)GETSTRUCT(tuple);
    if (proc->prokind != PROKIND_AGGREGATE)
        ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                        errmsg("%s is not an aggregate", format_procedure(funcid)),
                        errdetail("Only aggregates over masks can be declared to be monotone."),
                        errhint("Make one with CREATE AGGREGATE.")));
    if (!owns_function(funcid))
        ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                        errmsg("must be owner of aggregate %s", format_procedure(funcid)),
                        errdetail("A wrong declaration would give its users wrong results."),
                        errhint("Ask its owner, %s.", GetUserNameFromId(proc->proowner, false))));
    HeapTuple aggregate = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(funcid));
    const bool normal = HeapTupleIsValid(aggregate) &&
                        ((Form_pg_aggregate)GETSTRUCT(aggregate))->aggkind == AGGKIND_NORMAL;
    if (HeapTupleIsValid(aggregate))
        ReleaseSysCache(aggregate);
    if (!normal || proc->pronargs != 1 || proc->proargtypes.values[0] != mask_type ||
        OidIsValid(proc->provariadic))
        ereport(ERROR,
                (errcode(ERRCODE_DATATYPE_MISMATCH),
                 errmsg("aggregate %s is not over masks", format_procedure(funcid)),
                 errdetail("Its only argument must be of type %s.", format_type_be(mask_type)),
                 errhint("Bounds of other arguments' parts are not known.")));
    if (proc->prorettype != mask_type)
        ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                        errmsg("aggregate %s does not return a mask", format_procedure(funcid)),
                        errdetail("It returns %s.", format_type_be(proc->prorettype)),
                        errhint("Let its final function return %s.", format_type_be(mask_type))));
    ReleaseSysCache(tuple);
}

Oid mask_type_in(Oid namespace_oid)
{
    return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("mask"),
                           ObjectIdGetDatum(namespace_oid));
}

Oid find_by_name(Datum name)
{
    LOCAL_FCINFO(fcinfo, 1);
    FmgrInfo info;
    fmgr_info(F_TO_REGPROCEDURE, &info);
    InitFunctionCallInfoData(*fcinfo, &info, 1, InvalidOid, nullptr, nullptr);
    fcinfo->args[0].value = name;
    fcinfo->args[0].isnull = false;
    Datum found = FunctionCallInvoke(fcinfo);
    return fcinfo->isnull ? InvalidOid : DatumGetObjectId(found);
}

} // namespace

bool is_declared_monotone(Oid aggfnoid, Oid mask_type, Oid *claims)
{
    *claims = InvalidOid;
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(mask_type));
    if (!HeapTupleIsValid(tuple))
        return false;
    const Oid namespace_oid = ((Form_pg_type)GETSTRUCT(tuple))->typnamespace;
    ReleaseSysCache(tuple);
    *claims = get_relname_relid(kTable, namespace_oid);
    if (!OidIsValid(*claims))
        return false;

    tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(aggfnoid));
    if (!HeapTupleIsValid(tuple))
        return false;
    const TransactionId version = row_version(tuple);
    ReleaseSysCache(tuple);

    // A few rows, read as the catalogs are: with a snapshot of this moment.
    bool found = false;
    Relation table = table_open(*claims, AccessShareLock);
    SysScanDesc scan = systable_beginscan(table, InvalidOid, false, nullptr, 0, nullptr);
    while (!found && HeapTupleIsValid(tuple = systable_getnext(scan))) {
        bool no_oid, no_version;
        Datum oid = heap_getattr(tuple, kOid, RelationGetDescr(table), &no_oid),
              xid = heap_getattr(tuple, kVersion, RelationGetDescr(table), &no_version);
        found = !no_oid && !no_version && DatumGetObjectId(oid) == aggfnoid &&
                TransactionIdEquals(DatumGetTransactionId(xid), version);
    }
    systable_endscan(scan);
    table_close(table, AccessShareLock);
    return found;
}

} // namespace mq

using namespace mq;

// Ties a declaration to its aggregate, whoever writes the row: the function below, or a restore.
MQ_FUNCTION(mq_monotone_aggregates_changed)
{
    if (!CALLED_AS_TRIGGER(fcinfo))
        ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                        errmsg("must be called as a trigger")));
    TriggerData *trigger = (TriggerData *)fcinfo->context;
    Relation table = trigger->tg_relation;
    // Plans that were made by what was declared before are made anew.
    CacheInvalidateRelcache(table);
    if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
        return PointerGetDatum(trigger->tg_trigtuple);
    HeapTuple row =
        TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
    bool is_null;
    Datum name = heap_getattr(row, kName, RelationGetDescr(table), &is_null);
    Oid funcid = is_null ? InvalidOid : find_by_name(name);
    if (!OidIsValid(funcid)) {
        ereport(WARNING, (errmsg("aggregate %s does not exist",
                                 is_null ? "NULL" : TextDatumGetCString(name)),
                          errdetail("It is not declared to be monotone.")));
        return PointerGetDatum(nullptr);
    }
    check_aggregate(funcid, mask_type_in(RelationGetNamespace(table)));

    HeapTuple proc = SearchSysCache1(PROCOID, ObjectIdGetDatum(funcid));
    if (!HeapTupleIsValid(proc))
        elog(ERROR, "cache lookup failed for function %u", funcid);
    Datum values[kColumns] = {};
    bool nulls[kColumns] = {}, replace[kColumns] = {};
    values[kOid - 1] = ObjectIdGetDatum(funcid);
    values[kVersion - 1] = TransactionIdGetDatum(row_version(proc));
    replace[kOid - 1] = replace[kVersion - 1] = true;
    ReleaseSysCache(proc);
    return PointerGetDatum(heap_modify_tuple(row, RelationGetDescr(table), values, nulls, replace));
}

MQ_FUNCTION(mq_monotone_aggregate)
{
    const Oid funcid = PG_GETARG_OID(0);
    const Oid namespace_oid = get_func_namespace(fcinfo->flinfo->fn_oid);
    check_aggregate(funcid, mask_type_in(namespace_oid));
    const Oid claims = get_relname_relid(kTable, namespace_oid);
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(claims));
    if (!HeapTupleIsValid(tuple))
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("table %s is missing", kTable),
                        errhint("Update the extension.")));
    const Oid owner = ((Form_pg_class)GETSTRUCT(tuple))->relowner;
    ReleaseSysCache(tuple);
    const char *table = quote_qualified_identifier(get_namespace_name(namespace_oid), kTable);

    // Only owners of aggregates come here, and the table is nobody else's to change. Nothing in the
    // commands is looked up in the search path, which is the caller's.
    Oid user;
    int security;
    GetUserIdAndSecContext(&user, &security);
    SetUserIdAndSecContext(owner, security | SECURITY_LOCAL_USERID_CHANGE);
    SPI_connect();
    Oid types[] = {OIDOID, TEXTOID};
    Datum values[] = {ObjectIdGetDatum(funcid), CStringGetTextDatum(qualified_name(funcid))};
    SPI_execute_with_args(psprintf("DELETE FROM %s WHERE function_oid OPERATOR(pg_catalog.=) $1"
                                   " OR aggregate OPERATOR(pg_catalog.=) $2",
                                   table),
                          2, types, values, nullptr, false, 0);
    if (PG_GETARG_BOOL(1))
        SPI_execute_with_args(psprintf("INSERT INTO %s (aggregate) VALUES ($1)"
                                       " ON CONFLICT (aggregate) DO UPDATE"
                                       " SET aggregate = excluded.aggregate",
                                       table),
                              1, types + 1, values + 1, nullptr, false, 0);
    SPI_finish();
    SetUserIdAndSecContext(user, security);
    PG_RETURN_VOID();
}
