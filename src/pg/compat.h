// Differences between the PostgreSQL versions that maskquery supports (15 to 18), in one place.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "access/genam.h"
#include "catalog/pg_class.h"
#include "commands/vacuum.h"
#include "nodes/nodeFuncs.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/rel.h"
#include "utils/snapshot.h"
#if PG_VERSION_NUM >= 180000
#include "storage/aio_subsys.h"
#endif
}

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

inline bool owns_relation(Oid relation, Oid user)
{
#if PG_VERSION_NUM >= 160000
    return object_ownercheck(RelationRelationId, relation, user);
#else
    return pg_class_ownercheck(relation, user);
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

} // namespace mq
