#include "chi/open.h"

#include "pg/compat.h"

extern "C" {
#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/index.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/rls.h"
}

namespace mq
{

static void check_usable(Relation index)
{
    const char *name = RelationGetRelationName(index);

    if (index->rd_rel->relam != chi_am_oid())
        ereport(ERROR,
                (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not a chi index", name)));
    if (index->rd_rel->relkind != RELKIND_INDEX)
        ereport(ERROR,
                (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is a partitioned index", name),
                 errhint("Name the index of a partition; pg_partition_tree() lists them.")));
    if (RELATION_IS_OTHER_TEMP(index))
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("cannot access temporary indexes of other sessions"),
                        errdetail("Index \"%s\" belongs to another session.", name)));
    if (!index->rd_index->indisvalid)
        ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                        errmsg("index \"%s\" is not valid", name),
                        errhint("Wait until it is built, or REINDEX it when building it failed.")));
}

static bool is_usable(Relation index)
{
    return index->rd_rel->relam == chi_am_oid() && index->rd_rel->relkind == RELKIND_INDEX &&
           !RELATION_IS_OTHER_TEMP(index) && index->rd_index->indisvalid;
}

OpenedIndex open_chi_index(Oid index_oid)
{
    OpenedIndex opened;

    // Table before index, as all lock them. Either may have been dropped, and its OID given to
    // another one, while we waited for the other.
    Oid heap_oid = IndexGetRelation(index_oid, true);
    opened.heap = OidIsValid(heap_oid) ? try_relation_open(heap_oid, AccessShareLock) : nullptr;
    opened.index = try_relation_open(index_oid, AccessShareLock);
    if (!opened.index)
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
                        errmsg("relation with OID %u does not exist", index_oid),
                        errhint("Give the name of a chi index.")));
    if (!OidIsValid(heap_oid))
        ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                        errmsg("\"%s\" is not an index", RelationGetRelationName(opened.index))));
    if (!opened.heap || heap_oid != IndexGetRelation(index_oid, true))
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
                        errmsg("could not open parent table of index \"%s\"",
                               RelationGetRelationName(opened.index))));
    check_usable(opened.index);
    return opened;
}

bool try_open_chi_index(Oid index_oid, OpenedIndex *opened)
{
    Oid heap_oid = IndexGetRelation(index_oid, true);
    if (!OidIsValid(heap_oid) || !ConditionalLockRelationOid(heap_oid, AccessShareLock) ||
        !ConditionalLockRelationOid(index_oid, AccessShareLock) ||
        IndexGetRelation(index_oid, true) != heap_oid)
        return false;
    // The locks are held; a relation that is gone gives no entry of the relation cache.
    opened->heap = RelationIdGetRelation(heap_oid);
    if (!RelationIsValid(opened->heap))
        return false;
    opened->index = RelationIdGetRelation(index_oid);
    if (RelationIsValid(opened->index)) {
        if (is_usable(opened->index))
            return true;
        RelationClose(opened->index);
    }
    RelationClose(opened->heap);
    return false;
}

void close_chi_index(const OpenedIndex &opened)
{
    index_close(opened.index, NoLock);
    table_close(opened.heap, NoLock);
}

OwnerScope enter_owner(const OpenedIndex &opened)
{
    if (!owns_relation(RelationGetRelid(opened.index), GetUserId()))
        aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_INDEX, RelationGetRelationName(opened.index));

    OwnerScope scope;
    GetUserIdAndSecContext(&scope.user, &scope.security);
    SetUserIdAndSecContext(opened.heap->rd_rel->relowner,
                           scope.security | SECURITY_RESTRICTED_OPERATION);
    scope.nest_level = NewGUCNestLevel();
    restrict_search_path();
    return scope;
}

void leave_owner(const OwnerScope &scope)
{
    AtEOXact_GUC(false, scope.nest_level);
    SetUserIdAndSecContext(scope.user, scope.security);
}

void require_select(const OpenedIndex &opened)
{
    Oid heap = RelationGetRelid(opened.heap), user = GetUserId();
    AttrNumber column = opened.index->rd_index->indkey.values[0];

    if (pg_class_aclcheck(heap, user, ACL_SELECT) != ACLCHECK_OK &&
        (column <= 0 || pg_attribute_aclcheck(heap, column, user, ACL_SELECT) != ACLCHECK_OK))
        aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, RelationGetRelationName(opened.heap));

    // A policy hides rows; what the index knows of them must stay hidden too.
    if (check_enable_rls(heap, InvalidOid, true) == RLS_ENABLED)
        ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                        errmsg("index \"%s\" cannot be inspected under row-level security",
                               RelationGetRelationName(opened.index)),
                        errdetail("Policies of table \"%s\" may hide rows from you.",
                                  RelationGetRelationName(opened.heap))));
}

} // namespace mq
