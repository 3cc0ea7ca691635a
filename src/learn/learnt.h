// Entries that this session has computed and not written yet, or cannot write (on a standby).
// README.md says why a kept entry can never be the entry of another row.
#pragma once

#include "core/base/bytes.h"
#include "learn/touched.h"

extern "C" {
#include "utils/rel.h"
}

namespace mq
{

// Computes the entry of a row from the bytes of its mask and keeps it. Errors: those of
// chi_build_entry.
void learn_entry(Relation index, const ItemPointerData *root, Bytes mask);

// A kept entry. The bytes live until the next call into this module.
bool find_learnt(const IndexFile &file, const ItemPointerData *root, Bytes *entry);

// Writes what is kept. Nothing here is transactional: an entry is true of its row whether or not
// the transaction that computed it commits.
void write_learnt();

} // namespace mq
