// Entries that this session has computed and not written yet, or cannot write (on a standby).
// README.md says why a kept entry can never be the entry of another row.
#pragma once

#include "core/base/bytes.h"
#include "learn/index_file.h"

extern "C" {
#include "utils/rel.h"
}

namespace mq
{

// Computes the entry of a row from the bytes of its mask and keeps it; what it allocates besides in
// the current memory context is the caller's to free. Errors: those of chi_build_entry.
void index_entry(Relation index, const ItemPointerData *root, Bytes mask);

// A kept entry. The bytes live until the next call into this module.
bool find_indexed(const IndexFile &file, const ItemPointerData *root, Bytes *entry);

// Writes what is kept and forgets it. Nothing here is transactional: an entry is true of its row
// whether or not the transaction that computed it commits. What an index cannot take (its disk is
// full, a page is damaged) is forgotten as well, and for a minute nothing is learnt for that index:
// learning_is_paused(). Errors: none but a cancel, which forgets nothing.
void write_indexed();
bool learning_is_paused(const IndexFile &file);

// Whether so many entries are kept that it is time to write them in the midst of a statement.
bool have_many_indexed();

} // namespace mq
