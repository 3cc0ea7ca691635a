#include "learn/jobs/owner.h"

#include "chi/chi.h"
#include "chi/open.h"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_depend.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/relcache.h"
}

namespace mq
{

// A TOAST table depends on its table, and on nothing else.
static Oid find_table(Oid toast)
{
    ScanKeyData key[2];
    ScanKeyInit(&key[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(RelationRelationId));
    ScanKeyInit(&key[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(toast));
    Oid table = InvalidOid;
    Relation catalog = table_open(DependRelationId, AccessShareLock);
    SysScanDesc scan = systable_beginscan(catalog, DependDependerIndexId, true, nullptr, 2, key);
    while (HeapTuple tuple = systable_getnext(scan)) {
        Form_pg_depend depend = (Form_pg_depend)GETSTRUCT(tuple);
        if (depend->refclassid == RelationRelationId && depend->deptype == DEPENDENCY_INTERNAL)
            table = depend->refobjid;
    }
    systable_endscan(scan);
    table_close(catalog, AccessShareLock);
    return table;
}

int find_learning_indexes(Oid toast, IndexFile *files)
{
    Oid table = find_table(toast);
    if (!OidIsValid(table) || !ConditionalLockRelationOid(table, AccessShareLock))
        return 0;
    Relation heap = RelationIdGetRelation(table);
    if (!RelationIsValid(heap))
        return 0;
    List *all = RelationGetIndexList(heap);
    RelationClose(heap);

    int n = 0;
    ListCell *lc;
    foreach (lc, all) {
        OpenedIndex opened;
        Oid index = lfirst_oid(lc);
        if (n == kMaxLearning || !try_open_chi_index(index, &opened))
            continue;
        if (opened.index->rd_index->indkey.values[0] != 0 && chi_may_learn(opened.index))
            files[n++] = file_of(opened.index);
        close_chi_index(opened);
    }
    list_free(all);
    return n;
}

} // namespace mq
