#include "plan/catalog/definition.h"

#include "pg/pg.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/proclang.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace mq
{

namespace
{

// A text and its length, so that no two lists of texts look alike.
void add_text(StringInfo out, const char *text)
{
    if (text == nullptr)
        appendStringInfoString(out, "-;");
    else
        appendStringInfo(out, "%zu:%s;", strlen(text), text);
}

void add_number(StringInfo out, int number)
{
    appendStringInfo(out, "%d;", number);
}

// By its bare name: the schema may be another one after a restore.
void add_type(StringInfo out, Oid type)
{
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
    add_text(out, HeapTupleIsValid(tuple) ? NameStr(((Form_pg_type)GETSTRUCT(tuple))->typname)
                                          : nullptr);
    if (HeapTupleIsValid(tuple))
        ReleaseSysCache(tuple);
}

void add_attribute(StringInfo out, int cache, HeapTuple tuple, AttrNumber attribute, Oid output)
{
    bool is_null;
    Datum value = SysCacheGetAttr(cache, tuple, attribute, &is_null);
    add_text(out, is_null ? nullptr : OidOutputFunctionCall(output, value));
}

// A body that is stored as a tree, as text. Under a search path of our own, which decides how its
// names are written.
char *body_text(Oid funcid, Oid namespace_oid)
{
    const char *schema = get_namespace_name(namespace_oid);
    const int level = NewGUCNestLevel();
    set_config_option("search_path", schema ? quote_identifier(schema) : "", PGC_USERSET,
                      PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    Datum body = DirectFunctionCall1(pg_get_function_sqlbody, ObjectIdGetDatum(funcid));
    AtEOXact_GUC(true, level);
    return TextDatumGetCString(body);
}

void add_function(StringInfo out, Oid funcid, Oid namespace_oid)
{
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(funcid));
    if (!HeapTupleIsValid(tuple)) {
        add_text(out, nullptr);
        return;
    }
    const Form_pg_proc proc = (Form_pg_proc)GETSTRUCT(tuple);
    add_text(out, get_language_name(proc->prolang, true));
    add_number(out, proc->proisstrict);
    add_text(out, proc->prosecdef ? GetUserNameFromId(proc->proowner, true) : nullptr);
    add_type(out, proc->prorettype);
    for (int i = 0; i < proc->pronargs; i++)
        add_type(out, proc->proargtypes.values[i]);
    add_attribute(out, PROCOID, tuple, Anum_pg_proc_proargnames, F_ARRAY_OUT);
    add_attribute(out, PROCOID, tuple, Anum_pg_proc_prosrc, F_TEXTOUT);
    add_attribute(out, PROCOID, tuple, Anum_pg_proc_probin, F_TEXTOUT);
    add_attribute(out, PROCOID, tuple, Anum_pg_proc_proconfig, F_ARRAY_OUT);
    const bool no_tree = heap_attisnull(tuple, Anum_pg_proc_prosqlbody, nullptr);
    ReleaseSysCache(tuple);
    add_text(out, no_tree ? nullptr : body_text(funcid, namespace_oid));
}

void add_aggregate(StringInfo out, HeapTuple tuple, Oid namespace_oid, List **functions)
{
    const Form_pg_aggregate agg = (Form_pg_aggregate)GETSTRUCT(tuple);
    add_number(out, agg->aggkind);
    add_number(out, agg->aggfinalextra);
    add_number(out, agg->aggmfinalextra);
    add_text(out, OidIsValid(agg->aggsortop) ? get_opname(agg->aggsortop) : nullptr);
    add_type(out, agg->aggtranstype);
    add_type(out, agg->aggmtranstype);
    add_attribute(out, AGGFNOID, tuple, Anum_pg_aggregate_agginitval, F_TEXTOUT);
    add_attribute(out, AGGFNOID, tuple, Anum_pg_aggregate_aggminitval, F_TEXTOUT);
    const Oid called[] = {agg->aggtransfn,     agg->aggfinalfn,    agg->aggcombinefn,
                          agg->aggserialfn,    agg->aggdeserialfn, agg->aggmtransfn,
                          agg->aggminvtransfn, agg->aggmfinalfn};
    for (Oid funcid : called) {
        add_function(out, funcid, namespace_oid);
        if (OidIsValid(funcid))
            *functions = list_append_unique_oid(*functions, funcid);
    }
}

} // namespace

bool describe_aggregate(Oid aggfnoid, Oid namespace_oid, Definition *out)
{
    HeapTuple proc = SearchSysCache1(PROCOID, ObjectIdGetDatum(aggfnoid)),
              tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggfnoid));
    const bool exists = HeapTupleIsValid(proc) && HeapTupleIsValid(tuple);
    out->functions = NIL;
    if (exists) {
        StringInfoData text;
        initStringInfo(&text);
        out->owner = ((Form_pg_proc)GETSTRUCT(proc))->proowner;
        out->functions = list_make1_oid(aggfnoid);
        add_aggregate(&text, tuple, namespace_oid, &out->functions);
        Datum bytes = PointerGetDatum(cstring_to_text_with_len(text.data, text.len));
        bytea *hash = DatumGetByteaPP(DirectFunctionCall1(sha256_bytea, bytes));
        memcpy(out->digest, VARDATA_ANY(hash), kDigestBytes);
    }
    if (HeapTupleIsValid(tuple))
        ReleaseSysCache(tuple);
    if (HeapTupleIsValid(proc))
        ReleaseSysCache(proc);
    return exists;
}

} // namespace mq
