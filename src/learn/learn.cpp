#include "learn/learn.h"

#include "learn/candidates/masks.h"
#include "learn/candidates/rows.h"
#include "learn/candidates/shared.h"
#include "learn/indexed.h"
#include "learn/jobs/jobs.h"
#include "learn/jobs/owner.h"
#include "learn/observed.h"
#include "learn/queued.h"
#include "pg/optional.h"
#include "pg/toast.h"
#include "read/observer.h"
#include "work/handover.h"

extern "C" {
#include "access/parallel.h"
#include "access/xlog.h"
#include "common/hashfn.h"
#include "utils/guc.h"
#include "utils/inval.h"
}

namespace mq
{

namespace
{

bool enable_learning = true; // maskquery.enable_learning

enum class LearnBy : int { query, worker };
int learn_by = int(LearnBy::worker); // maskquery.learning
const struct config_enum_entry learn_by_options[] = {{"background", int(LearnBy::worker), false},
                                                     {"inline", int(LearnBy::query), false},
                                                     {nullptr, 0, false}};

// A query that meets a pending row for the first time reads no more of its mask than it needs and
// leaves the entry to a worker. A row that is still pending when a later query comes has found no
// worker, and is learnt at once.
bool leave_to_worker(const LearningIndex &learning, const ItemPointerData *root)
{
    if (!learning_by_worker())
        return false;
    if (note_candidate_row(learning.file, root, learning.local) != Encounter::again ||
        hand_over_under_way())
        return true;
    take_candidate_row(learning.file, root);
    return false;
}

// ---- TOAST tables ----

// Whether an index waits for the masks of a TOAST table; looked up again when the relation cache
// has heard of a change. An index that has learnt all makes none, so the answer errs on the side of
// yes.
struct Toast {
    Oid toast;
    bool known, has_waiters;
    uint32 files; // hash of the indexes' files
};
constexpr int kToasts = 16;
Toast toasts[kToasts];
int next_toast = 0;

void invalidate_toast_map(Datum, Oid)
{
    for (Toast &t : toasts)
        t.known = false;
}

Toast *find_toast(Oid toast)
{
    for (Toast &t : toasts)
        if (t.toast == toast)
            return &t;
    static bool registered = false;
    if (!registered)
        CacheRegisterRelcacheCallback(invalidate_toast_map, Datum(0));
    registered = true;
    Toast *t = &toasts[next_toast++ % kToasts];
    *t = Toast{toast, false, false, 0};
    return t;
}

bool has_waiters(Oid toast)
{
    Toast *t = find_toast(toast);
    if (t->known)
        return t->has_waiters;
    static OptionalWork work = {"look for chi indexes that wait for masks"};
    IndexFile files[kMaxLearning];
    memset(files, 0, sizeof files);
    int n = 0;
    try_optional(&work, [&] { n = find_learning_indexes(toast, files); });
    t->has_waiters = n > 0;
    // A new index, or one built anew, has learnt nothing of what was read before.
    uint32 hash = hash_bytes((const unsigned char *)files, sizeof files);
    if (hash != t->files)
        forget_candidate_masks(toast);
    t->files = hash;
    t->known = true;
    return t->has_waiters;
}

// ---- what is told of reading (src/read/observer.h) ----

void note_loaded(const struct varatt_external &pointer)
{
    if (learning_by_worker() && !was_guarded(pointer) && !RecoveryInProgress() &&
        has_waiters(pointer.va_toastrelid))
        note_candidate_mask(CandidateMask{pointer.va_toastrelid, pointer.va_valueid});
}

bool wants_mask(const struct varlena *stored)
{
    return find_queued(stored) != nullptr;
}

void learn_mask(const QueuedMask &a, Bytes mask)
{
    // The guard holds a lock on the index; the reference is for its facts only.
    Relation index = RelationIdGetRelation(a.file.index);
    if (!RelationIsValid(index))
        return;
    if (relation_file_number(index) == a.file.number)
        index_entry(index, &a.root, mask);
    RelationClose(index);
}

void take_mask(const struct varlena *stored, Bytes mask)
{
    static OptionalWork work = {"compute the index entry of a mask that a query has read"};
    QueuedMask *a = find_queued(stored);
    if (!a)
        return;
    a->open = false;
    try_optional(&work, [&] { learn_mask(*a, mask); });
    if (have_many_indexed())
        write_indexed();
}

constexpr ReadObserver observer = {note_loaded, wants_mask, take_mask};

} // namespace

bool learning_by_worker()
{
    return enable_learning && learn_by == int(LearnBy::worker);
}

LearningIndex learning_index(Relation index)
{
    return LearningIndex{file_of(index), RELATION_IS_LOCAL(index) || has_new_file(index)};
}

void learn_observe_pending(Relation index, const LearningIndex &learning,
                           const ItemPointerData *root)
{
    observe_pending(index, learning.file, ItemPointerGetBlockNumberNoCheck(root));
}

bool learn_has_observed_pending(const LearningIndex &learning, const ItemPointerData *root)
{
    return has_observed_pending(learning.file, root);
}

void learn_queue(const LearningIndex &learning, const ItemPointerData *root, Datum mask)
{
    if (!enable_learning || learning_is_paused(learning.file) || leave_to_worker(learning, root))
        return;
    queue_mask(learning.file, root, (struct varlena *)DatumGetPointer(mask));
    // What is learnt now is known for the rest of the statement.
    stop_observing();
}

void learn_guarded(Datum mask)
{
    if (learning_by_worker())
        note_guarded((struct varlena *)DatumGetPointer(mask));
}

bool learn_lookup(const LearningIndex &learning, const ItemPointerData *root, Bytes *entry)
{
    return find_indexed(learning.file, root, entry);
}

void learn_begin_statement()
{
    forget_observed();
}

void learn_end_statement(SharedCandidates *shared)
{
    write_indexed();
    end_candidate_rows();
    forget_guarded();
    if (!learning_by_worker())
        return;
    if (IsParallelWorker()) {
        if (shared)
            send_candidates(shared);
        return;
    }
    if (shared)
        receive_candidates(shared);
}

void learn_after_hand_over()
{
    make_room_for_candidate_rows();
}

void learn_init()
{
    read_observer = &observer;
    register_job_kind(&rows_job);
    register_job_kind(&masks_job);
    DefineCustomBoolVariable(
        "maskquery.enable_learning",
        "Lets queries complete incremental chi indexes with the masks they read.", nullptr,
        &enable_learning, true, PGC_USERSET, GUC_EXPLAIN, nullptr, nullptr, nullptr);
    DefineCustomEnumVariable(
        "maskquery.learning", "Who builds the entries of masks that a query has read.",
        "background: a worker, when the query has ended. inline: the query itself, at once.",
        &learn_by, int(LearnBy::worker), learn_by_options, PGC_USERSET, GUC_EXPLAIN, nullptr,
        nullptr, nullptr);
}

} // namespace mq
