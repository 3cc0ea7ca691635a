#include "pg/optional.h"

#include "pg/compat.h"

extern "C" {
#include "access/xact.h"
#include "access/xlog.h"
#include "access/xloginsert.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/condition_variable.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
}

namespace mq
{

namespace
{

constexpr int kLogEveryMs = 60000;

// Errors that end the statement wherever they are met: a cancel; on a standby whatever a conflict
// with recovery may be reported as, since the snapshot or a pin has to be given up.
bool ends_statement(int sqlstate)
{
    return ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_OPERATOR_INTERVENTION ||
           (ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_TRANSACTION_ROLLBACK && RecoveryInProgress());
}

// The locks of work that succeeded go to the owner around it; everything else is given back.
void release_owner(ResourceOwner owner, bool succeeded)
{
    ResourceOwnerRelease(owner, RESOURCE_RELEASE_BEFORE_LOCKS, succeeded, false);
    ResourceOwnerRelease(owner, RESOURCE_RELEASE_LOCKS, succeeded, false);
    ResourceOwnerRelease(owner, RESOURCE_RELEASE_AFTER_LOCKS, succeeded, false);
    ResourceOwnerDelete(owner);
}

// In the order of AbortSubTransaction().
void undo(ResourceOwner owner)
{
    LWLockReleaseAll();
    pgstat_report_wait_end();
    abort_io();
    UnlockBuffers();
    XLogResetInsertion();
    ConditionVariableCancelSleep();
    LockErrorCleanup();
    reschedule_timeouts();
    if (owner)
        release_owner(owner, false);
}

void log_failure(OptionalWork *work, const ErrorData *error)
{
    TimestampTz now = GetCurrentTimestamp();
    if (work->logged != 0 && !TimestampDifferenceExceeds(work->logged, now, kLogEveryMs))
        return;
    work->logged = now;
    ereport(LOG,
            (errcode(error->sqlerrcode), errmsg("could not %s: %s", work->purpose, error->message),
             error->detail ? errdetail_internal("%s", error->detail) : 0,
             error->hint ? errhint("%s", error->hint) : 0,
             errcontext("work of maskquery that no result depends on")));
}

// What one call needs to remember beyond an error. Only functions that are not inlined change it,
// so that it is in memory when sigsetjmp() returns for the second time.
struct Attempt {
    MemoryContext caller, scratch;
    ResourceOwner outer, owner;
    uint32 holdoff;
    ErrorData *error;
};

[[gnu::noinline]] void attempt(Attempt *a, void (*body)(void *arg), void *arg)
{
    a->scratch =
        AllocSetContextCreate(a->caller, "maskquery optional work", ALLOCSET_DEFAULT_SIZES);
    a->owner = ResourceOwnerCreate(a->outer, "maskquery optional work");
    CurrentResourceOwner = a->owner;
    MemoryContextSwitchTo(a->scratch);
    body(arg);
    CurrentResourceOwner = a->outer;
    release_owner(a->owner, true);
}

// REQUIRES: called in PG_CATCH(). While it cleans up nothing may interrupt it.
[[gnu::noinline]] void recover(Attempt *a)
{
    MemoryContextSwitchTo(a->caller);
    CurrentResourceOwner = a->outer;
    if (ends_statement(geterrcode()))
        PG_RE_THROW();
    InterruptHoldoffCount = a->holdoff; // errfinish() has reset it
    HOLD_INTERRUPTS();
    a->error = CopyErrorData();
    FlushErrorState();
    undo(a->owner);
    RESUME_INTERRUPTS();
}

} // namespace

bool try_optional(OptionalWork *work, void (*body)(void *arg), void *arg)
{
    Assert(IsTransactionState() && CritSectionCount == 0);
    Attempt a = {CurrentMemoryContext,  nullptr, CurrentResourceOwner, nullptr,
                 InterruptHoldoffCount, nullptr};
    PG_TRY();
    {
        attempt(&a, body, arg);
    }
    PG_CATCH();
    {
        recover(&a);
    }
    PG_END_TRY();
    CurrentResourceOwner = a.outer;
    MemoryContextSwitchTo(a.caller);
    if (a.scratch)
        MemoryContextDelete(a.scratch);
    if (a.error) {
        log_failure(work, a.error);
        FreeErrorData(a.error);
    }
    return a.error == nullptr;
}

} // namespace mq
