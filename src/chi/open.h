// Opening an index that a user names, for the SQL functions about indexes.
#pragma once

#include "chi/chi.h"

namespace mq
{

struct OpenedIndex {
    Relation heap, index;
};

// Opens a chi index and its table with AccessShareLock. Errors: ERRCODE_WRONG_OBJECT_TYPE (not a
// chi index, or a partitioned one), ERRCODE_FEATURE_NOT_SUPPORTED (temporary, of another session),
// ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE (not valid, as after a failed CREATE INDEX
// CONCURRENTLY).
OpenedIndex open_chi_index(Oid index_oid);
// The same without waiting for a lock and without an error: false when the index cannot be had now,
// or is none that open_chi_index would open. Locks taken are kept all the same.
bool try_open_chi_index(Oid index_oid, OpenedIndex *opened);
// Keeps the locks until the end of the transaction.
void close_chi_index(const OpenedIndex &opened);

// Errors with ERRCODE_INSUFFICIENT_PRIVILEGE unless the current user may read the indexed column of
// every row.
void require_select(const OpenedIndex &opened);

// Maintenance of an index: evaluates its expressions and predicate as the table's owner, as they
// are when it is built. Errors: ERRCODE_INSUFFICIENT_PRIVILEGE unless the current user owns the
// index. An error in between ends the scope too.
struct OwnerScope {
    Oid user;
    int security, nest_level;
};
OwnerScope enter_owner(const OpenedIndex &opened);
void leave_owner(const OwnerScope &scope);

} // namespace mq
