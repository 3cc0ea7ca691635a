// The chi index that a COPY fills, for the input functions of its masks.
//
// An input function is not told what its value is for. The statement that runs tells it: COPY FROM
// a table with one column of masks, and a chi index on it. Everything here is for speed alone: an
// entry that was made for the wrong index, or for nobody, is not taken.
#include "chi/copy_target.h"

#include "chi/am.h"
#include "chi/open.h"
#include "chi/ready_entries.h"
#include "types/mask/copy_sink.h"

extern "C" {
#include "access/table.h"
#include "catalog/namespace.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "tcop/pquery.h"
#include "utils/portal.h"
#include "utils/relcache.h"
}

namespace mq
{

namespace
{

const RangeVar *copied_table()
{
    if (!PortalIsValid(ActivePortal))
        return nullptr;
    ListCell *lc;
    foreach (lc, ActivePortal->stmts) {
        const PlannedStmt *planned = lfirst_node(PlannedStmt, lc);
        const CopyStmt *copy = (const CopyStmt *)planned->utilityStmt;
        if (copy && IsA(copy, CopyStmt) && copy->is_from)
            return copy->relation;
    }
    return nullptr;
}

// The only column of masks; InvalidAttrNumber when there is none or another one.
AttrNumber mask_column(TupleDesc columns)
{
    AttrNumber found = InvalidAttrNumber;
    for (int i = 0; i < columns->natts; i++) {
        const FormData_pg_attribute *a = TupleDescAttr(columns, i);
        if (a->attisdropped || !is_mask_type(a->atttypid))
            continue;
        if (found != InvalidAttrNumber)
            return InvalidAttrNumber;
        found = a->attnum;
    }
    return found;
}

// The first chi index on a table's masks. COPY holds a lock on both.
bool find_index(Oid relid, ChiIndexInfo *info)
{
    Relation heap = RelationIdGetRelation(relid);
    if (!RelationIsValid(heap))
        return false;
    AttrNumber column = mask_column(RelationGetDescr(heap));
    List *indexes = column != InvalidAttrNumber ? RelationGetIndexList(heap) : NIL;
    RelationClose(heap);

    bool found = false;
    ListCell *lc;
    foreach (lc, indexes) {
        OpenedIndex opened;
        if (found || !try_open_chi_index(lfirst_oid(lc), &opened))
            continue;
        found = opened.index->rd_index->indkey.values[0] == column;
        if (found)
            *info = *chi_index_info(opened.index);
        close_chi_index(opened);
    }
    list_free(indexes);
    return found;
}

void take_mask(const CopySink &sink, Bytes encoded, const FlatMask &flat)
{
    make_ready_entry(*(const ChiIndexInfo *)sink.arg, encoded, flat);
}

CopySink find_sink(MemoryContext context)
{
    const RangeVar *table = copied_table();
    Oid relid = table ? RangeVarGetRelid(table, NoLock, true) : InvalidOid;
    ChiIndexInfo info;
    if (!OidIsValid(relid) || !find_index(relid, &info))
        return CopySink{nullptr, nullptr};
    void *arg = MemoryContextAlloc(context, sizeof info);
    memcpy(arg, &info, sizeof info);
    return CopySink{take_mask, arg};
}

} // namespace

void watch_copies()
{
    find_copy_sink = find_sink;
}

} // namespace mq
