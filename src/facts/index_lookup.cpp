#include "facts/index_lookup.h"

#include "chi/chi.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
}

namespace mq
{

static bool is_chi(Oid index)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(index));
    if (!HeapTupleIsValid(tuple))
        return false;
    Oid am = ((Form_pg_class)GETSTRUCT(tuple))->relam;
    ReleaseSysCache(tuple);
    return am == chi_am_oid();
}

// The planner refuses an index built over broken HOT chains to transactions that could still see
// the old members of a chain (indcheckxmin, see src/backend/access/heap/README.HOT); so must we, or
// such a transaction would decide an old row version by the bounds of the new one.
static bool is_usable(HeapTuple index_tuple)
{
    Form_pg_index index = (Form_pg_index)GETSTRUCT(index_tuple);
    if (!index->indisvalid)
        return false;
    return !index->indcheckxmin ||
           TransactionIdPrecedes(HeapTupleHeaderGetXmin(index_tuple->t_data), TransactionXmin);
}

Oid find_chi_index(Oid relid, const char *column, bool usable)
{
    AttrNumber attno = get_attnum(relid, column);
    if (attno == InvalidAttrNumber)
        return InvalidOid;

    // pg_index is read itself, not the relation's index list, because a child of an inheritance
    // tree may be asked for before the planner has opened it.
    Oid found = InvalidOid;
    ScanKeyData key;
    ScanKeyInit(&key, Anum_pg_index_indrelid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(relid));
    Relation catalog = table_open(IndexRelationId, AccessShareLock);
    SysScanDesc scan = systable_beginscan(catalog, IndexIndrelidIndexId, true, nullptr, 1, &key);
    HeapTuple tuple;
    while (HeapTupleIsValid(tuple = systable_getnext(scan))) {
        Form_pg_index index = (Form_pg_index)GETSTRUCT(tuple);
        if (index->indnkeyatts != 1 || index->indkey.values[0] != attno ||
            !is_chi(index->indexrelid))
            continue;
        if (usable && !is_usable(tuple))
            continue;
        found = index->indexrelid;
        break;
    }
    systable_endscan(scan);
    table_close(catalog, AccessShareLock);
    return found;
}

bool has_chi_index(Oid relid, const char *column, bool include_children)
{
    if (OidIsValid(find_chi_index(relid, column, false)))
        return true;
    if (!include_children || !has_subclass(relid))
        return false;
    ListCell *lc;
    foreach (lc, find_inheritance_children(relid, NoLock)) {
        check_stack_depth();
        if (has_chi_index(lfirst_oid(lc), column, true))
            return true;
    }
    return false;
}

} // namespace mq
