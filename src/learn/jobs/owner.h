// Which indexes wait for the masks of a TOAST table.
#pragma once

#include "learn/index_file.h"

namespace mq
{

constexpr int kMaxLearning = 16;

// The valid chi indexes on plain columns of the table that a TOAST table belongs to, of which
// entries may be pending: how many, at most kMaxLearning. Locks what it looks at (AccessShareLock,
// to the end of the transaction) and waits for no lock: what is locked otherwise is left out.
int find_learning_indexes(Oid toast, IndexFile *files);

} // namespace mq
