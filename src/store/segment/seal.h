// Sealing: turning the entries of many rows into a segment. README.md ("Sealed segments") has the
// order of the changes, and why neither readers nor other writers need to wait.
#pragma once

#include "store/store.h"
#include "store/entry/entries.h"
#include "store/segment/segments.h"

namespace mq
{

// Rows of a segment, when their entries have this size; 0 for entries too large to be sealed.
uint32_t segment_rows_for(size_t entry_size);

// Whoever seals outside a build holds the seal lock from before it looks at a slot until its
// segment is finished. It is a heavyweight lock, so an error gives it back. VACUUM waits once for
// all holders (wait_for_seals).
void lock_seals(Relation index);
void unlock_seals(Relation index);
// Returns when all seals that have begun are finished or given up, and gives the id that no segment
// of theirs reaches. REQUIRES: the caller does not hold the seal lock.
uint64_t wait_for_seals(Relation index);

// Collects rows by the header of their entries and seals each collection when it is large enough,
// in the order of its TIDs. It is bounded: of more shapes than it holds the one that was not met
// for longest, and of more bytes the largest collection, is sealed as it is.
constexpr int kSealGroups = 64;
constexpr size_t kSealBytes = size_t{16} << 20;
struct SealGroup {
    size_t entry_size;
    uint32_t count, room, limit; // rows collected, that fit, and to be collected
    uint64_t used;               // the collector's clock when a row was added last
    uint8_t *entries;            // room x entry_size bytes
    ItemPointerData *tids;       // room
    ItemPointerData *was;        // room; the slots' values
};
struct Sealer {
    Relation index;
    bool building;
    MemoryContext context;
    uint64_t clock;
    size_t bytes; // of all groups' room for entries
    int64 sealed; // rows that got their slots
    UnfinishedSegment unfinished;
    SealGroup groups[kSealGroups];
};
Sealer make_sealer(Relation index, bool building);

// Adds a row whose slot is `was`: empty (building only), pending, or leading to this very entry.
// The entry is copied. False when its shape is not sealed. REQUIRES: `was` and the entry were
// read under the seal lock, unless `was` is empty or pending, or the caller is the VACUUM of the
// table; no buffer lock is held.
bool add_to_seal(Sealer *sealer, const ItemPointerData *tid, const ItemPointerData *was,
                 const uint8_t *entry, size_t size);

// Seals what is left where it is enough for a segment; the other rows of a build get entries of
// their own, other pending ones too, and others stay as they are. Frees the sealer's memory.
void finish_sealer(Sealer *sealer);

// Instead of finish_sealer, for whoever can do without the seal, once an error in it has been
// undone (pg/optional.h): gives back the pages of a segment that was cut short. What else is left
// is harmless (README.md). Raises no error for want of room or for damage.
void abandon_sealer(Sealer *sealer);

} // namespace mq
