// Work that a statement can do without: learning from what it reads, handing work to another
// process, looking ahead, sampling for an estimate. An error in it must not be the statement's.
//
// PostgreSQL's own way to carry on after an error is a subtransaction. It would not do here: it
// cannot begin in a parallel worker, nor before 17 in the leader of one; on a standby it turns a
// recovery conflict into the end of the session; and its commit counts a command. What is called
// here needs less: it changes pages, each change complete in itself and part of no transaction. So
// it gets a resource owner and a memory context of its own, and after an error these and what no
// owner knows of (lightweight locks, a wait for a lock, a WAL record being put together, I/O begun)
// are given back as AbortSubTransaction() does it.
#pragma once

#include <type_traits>

#include "pg/pg.h"

extern "C" {
#include "datatype/timestamp.h"
}

namespace mq
{

// One kind of such work, for the log: static, one a place of call.
struct OptionalWork {
    const char *purpose;    // completes "could not ..."
    TimestampTz logged = 0; // when that was last written to the log
};

// Calls body(arg). An error is undone, logged as LOG, once a minute at most, and swallowed: false.
// A cancel, and on a standby a conflict with recovery, are raised all the same.
//
// What the body allocates in its current memory context is freed when it ends. Locks that it takes
// and keeps stay until the end of the transaction, unless it fails. REQUIRES: a transaction; no
// buffer is locked. The body leaves the active snapshot, the user, settings and the command
// progress as they are, begins no subtransaction, assigns no transaction id, runs no SQL, and
// raises no error in the midst of a hash_seq_search(); what it changes in memory is such that it
// may stop anywhere.
bool try_optional(OptionalWork *work, void (*body)(void *arg), void *arg);

template <typename Body> inline bool try_optional(OptionalWork *work, Body &&body)
{
    typedef typename std::remove_reference<Body>::type Closure;
    static_assert(std::is_trivially_destructible<Closure>::value, "an error jumps over it");
    return try_optional(
        work, [](void *closure) { (*(Closure *)closure)(); }, (void *)&body);
}

} // namespace mq
