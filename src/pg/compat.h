// Differences between the PostgreSQL versions that maskquery supports (15 to 18), in one place.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/tableam.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "commands/explain.h"
#include "commands/vacuum.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/backend_status.h"
#include "utils/guc.h"
#include "utils/rel.h"
#include "utils/snapshot.h"
#include "utils/syscache.h"
#if PG_VERSION_NUM >= 160000
#include "catalog/objectaddress.h"
#endif
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#include "storage/aio_subsys.h"
#endif
}

// errsave lets a caller of 16 go on without a value; before, every error is raised.
#if PG_VERSION_NUM < 160000
#define errsave(context, ...) ereport(ERROR, __VA_ARGS__)
#endif

// The parameters of ExecutorRun and its hook, and their names.
#if PG_VERSION_NUM >= 180000
#define MQ_RUN_PARAMETERS QueryDesc *query, ScanDirection direction, uint64 count
#define MQ_RUN_ARGUMENTS query, direction, count
#else
#define MQ_RUN_PARAMETERS QueryDesc *query, ScanDirection direction, uint64 count, bool execute_once
#define MQ_RUN_ARGUMENTS query, direction, count, execute_once
#endif

namespace mq
{

// copyObject() needs GNU typeof; this is the same in standard C++.
template <typename T> inline T *copy_node(const T *node)
{
    return static_cast<T *>(copyObjectImpl(node));
}

// expression_tree_walker: PostgreSQL 15 declares its callback without parameters, which C++ takes
// literally.
typedef bool (*TreeWalker)(Node *node, void *context);
inline bool walk_expression(Node *node, TreeWalker walker, void *context)
{
#if PG_VERSION_NUM >= 160000
    return expression_tree_walker(node, walker, context);
#else
    return expression_tree_walker(
        node, reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)(void)>(walker)), context);
#endif
}

// expression_tree_mutator, likewise.
typedef Node *(*TreeMutator)(Node *node, void *context);
inline Node *mutate_expression(Node *node, TreeMutator mutator, void *context)
{
#if PG_VERSION_NUM >= 160000
    return expression_tree_mutator(node, mutator, context);
#else
    return expression_tree_mutator(
        node, reinterpret_cast<Node *(*)()>(reinterpret_cast<void (*)(void)>(mutator)), context);
#endif
}

// A new page at the end of the fork, locked exclusively. Before 16 extending and locking are two
// steps, so another backend may have locked (and formatted) the page in between; the caller checks
// that it is still new.
inline Buffer extend_relation_locked(Relation relation, ForkNumber fork)
{
#if PG_VERSION_NUM >= 160000
    BufferManagerRelation target = {}; // BMR_REL() is no C++
    target.rel = relation;
    return ExtendBufferedRel(target, fork, nullptr, EB_LOCK_FIRST);
#else
    // The lock is kept until the page is locked, so whoever counts the blocks under this lock never
    // meets a page that its owner has not locked yet.
    bool lock = !RELATION_IS_LOCAL(relation);
    if (lock)
        LockRelationForExtension(relation, ExclusiveLock);
    Buffer buffer = ReadBufferExtended(relation, fork, P_NEW, RBM_NORMAL, nullptr);
    LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
    if (lock)
        UnlockRelationForExtension(relation, ExclusiveLock);
    return buffer;
#endif
}

// The number of a relation's file: changes when the relation is rewritten or rebuilt.
#if PG_VERSION_NUM >= 160000
inline RelFileNumber relation_file_number(Relation relation)
{
    return relation->rd_locator.relNumber;
}
// ReadRecentBuffer of a relation's main fork.
inline bool read_recent_buffer(Relation relation, BlockNumber block, Buffer buffer)
{
    return ReadRecentBuffer(relation->rd_locator, MAIN_FORKNUM, block, buffer);
}
// Whether the current transaction has given the relation a new file.
inline bool has_new_file(Relation relation)
{
    return relation->rd_firstRelfilelocatorSubid != InvalidSubTransactionId;
}
#else
typedef Oid RelFileNumber;
inline RelFileNumber relation_file_number(Relation relation)
{
    return relation->rd_node.relNode;
}
inline bool read_recent_buffer(Relation relation, BlockNumber block, Buffer buffer)
{
    return ReadRecentBuffer(relation->rd_node, MAIN_FORKNUM, block, buffer);
}
inline bool has_new_file(Relation relation)
{
    return relation->rd_firstRelfilenodeSubid != InvalidSubTransactionId;
}
#endif

inline void vacuum_delay()
{
#if PG_VERSION_NUM >= 180000
    vacuum_delay_point(false);
#else
    vacuum_delay_point();
#endif
}

// Part of cleaning up after an error: I/O that it left unfinished. 16 and 17 leave that to resource
// owners.
inline void abort_io()
{
#if PG_VERSION_NUM >= 180000
    pgaio_error_cleanup();
#elif PG_VERSION_NUM < 160000
    AbortBufferIO();
#endif
}

// The status of a backend, 1 to pgstat_fetch_stat_numbackends().
inline const PgBackendStatus &backend_status(int number)
{
#if PG_VERSION_NUM >= 160000
    return pgstat_get_local_beentry_by_index(number)->backendStatus;
#else
    return pgstat_fetch_stat_local_beentry(number)->backendStatus;
#endif
}

inline bool owns_relation(Oid relation, Oid user)
{
#if PG_VERSION_NUM >= 160000
    return object_ownercheck(RelationRelationId, relation, user);
#else
    return pg_class_ownercheck(relation, user);
#endif
}

inline bool owns_function(Oid function, Oid user)
{
#if PG_VERSION_NUM >= 160000
    return object_ownercheck(ProcedureRelationId, function, user);
#else
    return pg_proc_ownercheck(function, user);
#endif
}

inline bool may_execute(Oid function, Oid user)
{
#if PG_VERSION_NUM >= 160000
    return object_aclcheck(ProcedureRelationId, function, user, ACL_EXECUTE) == ACLCHECK_OK;
#else
    return pg_proc_aclcheck(function, user, ACL_EXECUTE) == ACLCHECK_OK;
#endif
}

// index_beginscan, without the counters that 18 asks for.
inline IndexScanDesc begin_index_scan(Relation table, Relation index, Snapshot snapshot, int keys)
{
#if PG_VERSION_NUM >= 180000
    return index_beginscan(table, index, snapshot, nullptr, keys, 0);
#else
    return index_beginscan(table, index, snapshot, keys, 0);
#endif
}

// Under old_snapshot_threshold (gone in 17) rows that a snapshot still sees may be vacuumed away.
// ereport(ERROR) when that may have happened to what this page said of them.
inline void test_old_snapshot(Snapshot snapshot, Relation relation, Page page)
{
#if PG_VERSION_NUM < 170000
    TestForOldSnapshot(snapshot, relation, page);
#endif
}

// From 17 on, maintenance commands evaluate a table's expressions under a search_path that its
// owner cannot be tricked by.
inline void restrict_search_path()
{
#if PG_VERSION_NUM >= 170000
    RestrictSearchPath();
#endif
}

// ---- planning ----

// A Var as it is below all outer joins, which from 16 on are named in it.
inline void clear_nulling_relations(Var *var)
{
#if PG_VERSION_NUM >= 160000
    var->varnullingrels = nullptr;
#endif
}

// The relations of the level's last join: from 16 on, outer joins count among them.
inline Relids all_joined_relations(const PlannerInfo *root)
{
#if PG_VERSION_NUM >= 160000
    return root->all_query_rels;
#else
    return root->all_baserels;
#endif
}

// GROUP BY, from 16 on without what other columns determine.
inline List *group_clauses(const PlannerInfo *root)
{
#if PG_VERSION_NUM >= 160000
    return root->processed_groupClause;
#else
    return root->parse->groupClause;
#endif
}

// Does a constraint keep NULLs out of a column of a base relation?
inline bool is_not_null_column(const RelOptInfo *rel, Oid relid, AttrNumber attno)
{
#if PG_VERSION_NUM >= 170000
    return bms_is_member(attno, rel->notnullattnums);
#else
    HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relid), Int16GetDatum(attno));
    if (!HeapTupleIsValid(tuple))
        return false;
    bool not_null = ((Form_pg_attribute)GETSTRUCT(tuple))->attnotnull;
    ReleaseSysCache(tuple);
    return not_null;
#endif
}

// ---- executing ----

// A custom scan of a heap has slots for heap tuples. 16 asks for their kind when the node is
// created. 15 gives every custom scan virtual slots, which have no system columns: what it has set
// up on those is set up again when the node begins.
inline void ask_for_heap_slots(CustomScanState *node)
{
#if PG_VERSION_NUM >= 160000
    node->slotOps = &TTSOpsBufferHeapTuple;
#endif
}
inline void set_up_heap_slots(CustomScanState *node, EState *estate, Relation heap)
{
#if PG_VERSION_NUM < 160000
    ExecInitScanTupleSlot(estate, &node->ss, RelationGetDescr(heap), table_slot_callbacks(heap));
    node->ss.ps.scanops = table_slot_callbacks(heap);
    node->ss.ps.subPlan = NIL;
    node->ss.ps.ps_ProjInfo = nullptr;
    ExecAssignScanProjectionInfo(&node->ss);
    node->ss.ps.qual = ExecInitQual(node->ss.ps.plan->qual, (PlanState *)node);
#endif
}

// Does EXPLAIN name a column's table? The relation that 18 makes of GROUP BY is none.
inline bool prefixes_columns(const ExplainState *es)
{
#if PG_VERSION_NUM >= 180000
    return es->rtable_size > 1 || es->verbose;
#else
    return list_length(es->rtable) > 1 || es->verbose;
#endif
}

} // namespace mq
