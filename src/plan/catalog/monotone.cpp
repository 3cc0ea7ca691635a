// maskquery_monotone_aggregate(): declarations of aggregates over masks. What is promised is in the
// root README; what keeps a declaration from outliving its aggregate, in src/plan/README.md.
#include "plan/catalog/monotone.h"

#include "pg/compat.h"
#include "pg/guard.h"
#include "plan/catalog/declaration.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
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
}

namespace mq
{

namespace
{

constexpr const char *kTable = "maskquery_monotone_aggregates",
                     *kIndex = "maskquery_monotone_aggregates_pkey",
                     *kType = "maskquery_declaration";
constexpr AttrNumber kAggregate = 1, kOid = 2, kVersion = 3, kColumns = 3;

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
    if (!owns_function(funcid, GetUserId()))
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

// Has the table the columns of this version? Older ones lack the type.
bool has_declarations(Relation table)
{
    const Oid type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(kType),
                                     ObjectIdGetDatum(RelationGetNamespace(table)));
    return OidIsValid(type) && RelationGetNumberOfAttributes(table) == kColumns &&
           TupleDescAttr(RelationGetDescr(table), kAggregate - 1)->atttypid == type;
}

void require_declarations(Relation table)
{
    if (!has_declarations(table))
        ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                        errmsg("table %s is of an older version of maskquery", kTable),
                        errhint("Update the extension with ALTER EXTENSION maskquery UPDATE.")));
}

// The row's declaration, when it is one of `aggfnoid` and its columns agree. They may not when it
// was written with the trigger disabled.
const Declaration *row_declaration(Relation table, HeapTuple row, Oid aggfnoid)
{
    const TupleDesc desc = RelationGetDescr(table);
    bool no_value, no_version;
    const Declaration *declared =
        (const Declaration *)DatumGetPointer(heap_getattr(row, kAggregate, desc, &no_value));
    Datum version = heap_getattr(row, kVersion, desc, &no_version);
    if (no_value || no_version || declared->aggregate != aggfnoid ||
        strcmp(TextDatumGetCString(version), digest_text(declared)) != 0)
        return nullptr;
    return declared;
}

// Read as the catalogs are: with a snapshot of this moment.
bool find_declaration(Relation table, Oid aggfnoid, Declaration *out)
{
    ScanKeyData key;
    ScanKeyInit(&key, kOid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(aggfnoid));
    const Oid index = get_relname_relid(kIndex, RelationGetNamespace(table));
    SysScanDesc scan = systable_beginscan(table, index, OidIsValid(index), nullptr, 1, &key);
    HeapTuple row = systable_getnext(scan);
    const Declaration *declared =
        HeapTupleIsValid(row) ? row_declaration(table, row, aggfnoid) : nullptr;
    if (declared != nullptr)
        *out = *declared;
    systable_endscan(scan);
    return declared != nullptr;
}

void depend_on_functions(PlannerGlobal *glob, List *functions)
{
    ListCell *lc;
    foreach (lc, functions) {
        PlanInvalItem *item = makeNode(PlanInvalItem);
        item->cacheId = PROCOID;
        item->hashValue = GetSysCacheHashValue1(PROCOID, ObjectIdGetDatum(lfirst_oid(lc)));
        glob->invalItems = lappend(glob->invalItems, item);
    }
}

// Runs a command on the table as its owner; %s in it is the table. Nothing in a command is looked
// up in the search path, which is the caller's.
void change_table(Relation table, const char *command, int expected, Oid *types, Datum *values)
{
    const char *name = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(table)),
                                                  RelationGetRelationName(table));
    Oid user;
    int security;
    GetUserIdAndSecContext(&user, &security);
    SetUserIdAndSecContext(table->rd_rel->relowner, security | SECURITY_LOCAL_USERID_CHANGE);
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "SPI_connect failed");
    const int result =
        SPI_execute_with_args(psprintf(command, name), 1, types, values, nullptr, false, 0);
    if (result != expected)
        elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(result));
    SPI_finish();
    SetUserIdAndSecContext(user, security);
}

// The aggregate's declaration, and those of any other that hold no more.
void remove_declaration(Relation table, Oid aggfnoid)
{
    Oid types[] = {OIDOID};
    Datum values[] = {ObjectIdGetDatum(aggfnoid)};
    change_table(table,
                 "DELETE FROM %s WHERE function_oid OPERATOR(pg_catalog.=) $1"
                 " OR aggregate::pg_catalog.text OPERATOR(pg_catalog.=) ''",
                 SPI_OK_DELETE, types, values);
}

// Another session may declare the same at the same time.
void insert_declaration(Relation table, Declaration *declared)
{
    Oid types[] = {TupleDescAttr(RelationGetDescr(table), kAggregate - 1)->atttypid};
    Datum values[] = {PointerGetDatum(declared)};
    change_table(table,
                 "INSERT INTO %s (aggregate) VALUES ($1)"
                 " ON CONFLICT (function_oid) DO UPDATE SET aggregate = excluded.aggregate,"
                 " function_version = excluded.function_version",
                 SPI_OK_INSERT, types, values);
}

// A dump's digest is that of the aggregate that was declared.
bool is_what_was_declared(Relation table, HeapTuple row, const Declaration *declared)
{
    bool is_null;
    Datum version = heap_getattr(row, kVersion, RelationGetDescr(table), &is_null);
    if (is_null || strcmp(TextDatumGetCString(version), digest_text(declared)) == 0)
        return true;
    ereport(WARNING, (errmsg("aggregate %s is not known to be the one that was declared monotone",
                             format_procedure(declared->aggregate)),
                      errdetail("Its definition is another one, or the dump is of a version of"
                                " maskquery that did not keep definitions."),
                      errhint("Its owner can declare it with maskquery_monotone_aggregate().")));
    return false;
}

HeapTuple complete_row(Relation table, HeapTuple row, const Declaration *declared)
{
    Datum values[kColumns] = {};
    bool nulls[kColumns] = {}, replace[kColumns] = {};
    values[kOid - 1] = ObjectIdGetDatum(declared->aggregate);
    values[kVersion - 1] = CStringGetTextDatum(digest_text(declared));
    replace[kOid - 1] = replace[kVersion - 1] = true;
    return heap_modify_tuple(row, RelationGetDescr(table), values, nulls, replace);
}

} // namespace

bool is_declared_monotone(PlannerGlobal *glob, Oid aggfnoid, Oid mask_type)
{
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(mask_type));
    if (!HeapTupleIsValid(tuple))
        return false;
    const Oid namespace_oid = ((Form_pg_type)GETSTRUCT(tuple))->typnamespace;
    ReleaseSysCache(tuple);
    const Oid claims = get_relname_relid(kTable, namespace_oid);
    if (!OidIsValid(claims))
        return false;

    Declaration declared;
    Relation table = table_open(claims, AccessShareLock);
    const bool found = has_declarations(table) && find_declaration(table, aggfnoid, &declared);
    table_close(table, AccessShareLock);
    glob->relationOids = list_append_unique_oid(glob->relationOids, claims);
    if (!found)
        return false;
    Definition now;
    const bool holds = declaration_holds(&declared, namespace_oid, &now);
    depend_on_functions(glob, now.functions);
    return holds;
}

} // namespace mq

using namespace mq;

// The user that writes a row, by the function below or in a restore, must own the aggregate.
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
    require_declarations(table);
    const bool update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
    HeapTuple row = update ? trigger->tg_newtuple : trigger->tg_trigtuple;
    bool is_null;
    const Declaration *declared = (const Declaration *)DatumGetPointer(
        heap_getattr(row, kAggregate, RelationGetDescr(table), &is_null));
    if (is_null)
        return PointerGetDatum(row); // the column's constraint has the message
    // Of a name that means nothing; the type's input has said so.
    if (!OidIsValid(declared->aggregate))
        return PointerGetDatum(nullptr);
    check_aggregate(declared->aggregate, mask_type_in(RelationGetNamespace(table)));
    if (!is_what_was_declared(table, row, declared))
        return PointerGetDatum(nullptr);
    if (!update)
        remove_declaration(table, declared->aggregate);
    return PointerGetDatum(complete_row(table, row, declared));
}

MQ_FUNCTION(mq_monotone_aggregate)
{
    const Oid funcid = PG_GETARG_OID(0);
    const Oid namespace_oid = get_func_namespace(fcinfo->flinfo->fn_oid);
    check_aggregate(funcid, mask_type_in(namespace_oid));
    const Oid claims = get_relname_relid(kTable, namespace_oid);
    if (!OidIsValid(claims))
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("table %s is missing", kTable),
                        errhint("Update the extension with ALTER EXTENSION maskquery UPDATE.")));
    Relation table = table_open(claims, RowExclusiveLock);
    require_declarations(table);
    Declaration declared;
    if (!PG_GETARG_BOOL(1))
        remove_declaration(table, funcid);
    else if (declare_aggregate(funcid, namespace_oid, &declared))
        insert_declaration(table, &declared);
    table_close(table, NoLock);
    PG_RETURN_VOID();
}
