// Which functions are ours. The extension is relocatable, so names and OIDs are looked up, once
// until pg_proc changes.
#include "plan/catalog/functions.h"

#include "pg/compat.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

extern PGDLLEXPORT Datum mq_cp_support(PG_FUNCTION_ARGS);
}

namespace mq
{

namespace
{

// Every user function that a session's queries call, so that it is looked up once: most are none of
// ours, and their entries say so.
struct KnownFunction {
    Oid funcid; // the key
    CpFunction function;
};
HTAB *known_functions = nullptr; // null while nothing is known
uint64 changes = 0; // of pg_proc, noticed so far: what was looked up across one is not kept

struct GuardCache {
    Oid namespace_oid;
    GuardFunctions functions;
} guard_cache;

bool callback_registered = false;

void forget_functions(Datum, int, uint32)
{
    if (known_functions)
        hash_destroy(known_functions);
    known_functions = nullptr;
    guard_cache.namespace_oid = InvalidOid;
    changes++;
}

void watch_catalog()
{
    if (!callback_registered) {
        CacheRegisterSyscacheCallback(PROCOID, forget_functions, Datum(0));
        callback_registered = true;
    }
}

// By the C symbol, which is what runs, whatever the function is called in SQL.
struct Symbol {
    const char *name;
    CpKind kind;
    CpForm form;
};
constexpr Symbol kSymbols[] = {
    {"cp_roi", CpKind::count, CpForm::mask_roi_range},
    {"cp_full", CpKind::count, CpForm::mask_range},
    {"cp_roi_row", CpKind::count, CpForm::mask_roi_record},
    {"cp_full_row", CpKind::count, CpForm::mask_record},
    {"pixel_sum_all", CpKind::sum, CpForm::mask},
    {"pixel_sum_roi_all", CpKind::sum, CpForm::mask_roi},
    {"pixel_sum_roi", CpKind::sum, CpForm::mask_roi_range},
    {"pixel_sum_full", CpKind::sum, CpForm::mask_range},
    {"pixel_sum_roi_row", CpKind::sum, CpForm::mask_roi_record},
    {"mask_iou", CpKind::iou, CpForm::masks_threshold},
    {"mask_iomin", CpKind::iomin, CpForm::masks_threshold},
};

CpFunction inspect(Oid funcid)
{
    CpFunction result = {CpKind::count, CpForm::none, InvalidOid, InvalidOid};
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(funcid));
    if (!HeapTupleIsValid(tuple))
        return result;
    Form_pg_proc form = (Form_pg_proc)GETSTRUCT(tuple);
    Oid support = form->prosupport;
    Oid namespace_oid = form->pronamespace;
    Oid mask_type = form->pronargs > 0 ? form->proargtypes.values[0] : InvalidOid;
    bool is_null;
    Datum source = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &is_null);
    char *symbol = is_null ? nullptr : TextDatumGetCString(source);
    ReleaseSysCache(tuple);

    if (!OidIsValid(support) || symbol == nullptr)
        return result;
    // The planner has called this support function already, so its library is loaded.
    FmgrInfo info;
    fmgr_info(support, &info);
    if (info.fn_addr != mq_cp_support)
        return result;
    for (const Symbol &known : kSymbols)
        if (strcmp(known.name, symbol) == 0)
            result = CpFunction{known.kind, known.form, mask_type, namespace_oid};
    return result;
}

} // namespace

static void remember(Oid funcid, const CpFunction &function)
{
    if (known_functions == nullptr) {
        HASHCTL control = {};
        control.keysize = sizeof(Oid);
        control.entrysize = sizeof(KnownFunction);
        known_functions = hash_create("maskquery functions", 64, &control, HASH_ELEM | HASH_BLOBS);
    }
    ((KnownFunction *)hash_search(known_functions, &funcid, HASH_ENTER, nullptr))->function =
        function;
}

CpFunction identify_cp(Oid funcid)
{
    if (funcid < FirstNormalObjectId)
        return CpFunction{CpKind::count, CpForm::none, InvalidOid, InvalidOid};
    watch_catalog();
    if (known_functions)
        if (void *known = hash_search(known_functions, &funcid, HASH_FIND, nullptr))
            return ((KnownFunction *)known)->function;
    const uint64 before = changes;
    const CpFunction function = inspect(funcid);
    if (changes == before)
        remember(funcid, function);
    return function;
}

Oid find_function_in(Oid namespace_oid, const char *name, int nargs, const Oid *args)
{
    return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
                           PointerGetDatum(buildoidvector(args, nargs)),
                           ObjectIdGetDatum(namespace_oid));
}

bool may_call(PlannerInfo *root, Oid funcid)
{
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(funcid));
    if (!HeapTupleIsValid(tuple))
        return false;
    const bool everyone = heap_attisnull(tuple, Anum_pg_proc_proacl, nullptr);
    ReleaseSysCache(tuple);
    if (everyone)
        return true;
    if (root != nullptr && root->glob != nullptr)
        root->glob->dependsOnRole = true;
    return may_execute(funcid, GetUserId());
}

bool find_guard_functions(Oid namespace_oid, GuardFunctions *out)
{
    watch_catalog();
    if (guard_cache.namespace_oid == namespace_oid) {
        *out = guard_cache.functions;
        return true;
    }
    const uint64 before = changes;
    GuardFunctions f;
    f.program_type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("chi_program"),
                                     ObjectIdGetDatum(namespace_oid));
    if (!OidIsValid(f.program_type))
        return false;
    Oid guard_args[] = {f.program_type, ANYOID};
    Oid verify_args[] = {f.program_type, BOOLOID, ANYOID};
    f.possible = find_function_in(namespace_oid, "chi_possible", 2, guard_args);
    f.certain = find_function_in(namespace_oid, "chi_certain", 2, guard_args);
    f.undecided = find_function_in(namespace_oid, "chi_undecided", 2, guard_args);
    f.verified = find_function_in(namespace_oid, "chi_verified", 3, verify_args);
    if (!OidIsValid(f.possible) || !OidIsValid(f.certain) || !OidIsValid(f.undecided) ||
        !OidIsValid(f.verified))
        return false;
    if (changes == before)
        guard_cache = GuardCache{namespace_oid, f};
    *out = f;
    return true;
}

} // namespace mq
