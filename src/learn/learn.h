// Incremental indexing (paper section 3.6): what a query had to read anyway, the index learns.
//
// Two ways (maskquery.learning): the query builds the entry at once, from the mask that it reads as
// a whole for that; or it notes what it has read, and a background worker builds the entries when
// the statement has ended. README.md explains both.
#pragma once

#include "core/base/bytes.h"
#include "learn/index_file.h"

extern "C" {
#include "storage/itemptr.h"
#include "utils/rel.h"
}

namespace mq
{

// GUCs, the observer of what is read (src/read/observer.h), the kinds of work (src/work/kind.h);
// called once from _PG_init.
void learn_init();

// An index as learning knows it, for as long as the caller's transaction has it locked.
struct LearningIndex {
    IndexFile file;
    bool local; // no other session sees it
};
LearningIndex learning_index(Relation index);

// Notes that `root` is pending in the index. As long as the statement lasts, and the session learns
// nothing itself, learn_has_observed_pending() then tells so at once, of the row and of those
// beside it that were pending too. An entry that was built meanwhile is overlooked, which is always
// safe: nothing is known of the row.
void learn_observe_pending(Relation index, const LearningIndex &learning,
                           const ItemPointerData *root);
bool learn_has_observed_pending(const LearningIndex &learning, const ItemPointerData *root);

// The row whose chain starts at `root` is pending, and cp is about to be called on `mask`, its mask
// as it stands in the tuple. Cheap; forgotten when cp does not follow soon.
void learn_queue(const LearningIndex &learning, const ItemPointerData *root, Datum mask);

// A guard has been asked about the row of this mask, which stands in the tuple, and cp may follow:
// the row is known to the index, or its mask was queued.
void learn_guarded(Datum mask);

// An entry that this session has learnt and not (or, on a standby, cannot have) written. The bytes
// live until the next call into this module.
bool learn_lookup(const LearningIndex &learning, const ItemPointerData *root, Bytes *entry);

// The start of a statement, of a cursor's next fetch, or of a parallel worker's part of one.
void learn_begin_statement();

// The end of a statement, or of a parallel worker's part of one: writes what has been learnt.
// `shared`: where a parallel plan's workers tell their leader what they have read; null when there
// is none.
struct SharedCandidates;
void learn_end_statement(SharedCandidates *shared);

// What the statement has read has been handed over (src/work), or will not be.
void learn_after_hand_over();

// Whether entries are left to the background worker.
bool learning_by_worker();

} // namespace mq
