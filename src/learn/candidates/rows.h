// Candidates for an index entry: what a session has read and the index may not know yet. Rows that
// a guard found pending, and TOASTed masks that cp read without a guard's asking. Kept in memory
// only; what builds an entry asks the index whether it is still wanted.
//
// Rows are bits, one a line pointer, in blocks of one heap page, so that a scan of a large table is
// remembered in little.
#pragma once

#include "pg/compat.h"
#include "pg/pg.h"

extern "C" {
#include "access/htup_details.h"
#include "storage/itemptr.h"
}

namespace mq
{

// An index file: an OID may be given a new file by REINDEX, which knows nothing of what was learnt
// for the old one.
struct IndexFile {
    Oid index;
    RelFileNumber number;
};

inline IndexFile file_of(Relation index)
{
    return IndexFile{RelationGetRelid(index), relation_file_number(index)};
}

inline bool same_file(const IndexFile &a, const IndexFile &b)
{
    return a.index == b.index && a.number == b.number;
}

constexpr int kRowWords = (MaxHeapTuplesPerPage + 63) / 64;

// Rows of one heap block; bit i - 1 stands for line pointer i, the root of a HOT chain.
struct CandidateBlock {
    IndexFile file;
    BlockNumber block;
    uint32 unused;
    uint64 rows[kRowWords];
};

// A mask by its TOAST pointer: va_toastrelid and va_valueid.
struct CandidateMask {
    Oid toast;
    Oid value;
};

enum class Encounter : uint8_t {
    first, // by this session, as far as it remembers
    now,   // a moment ago, by the same statement
    again, // by an earlier statement
};

// Notes that a pending row is about to be read. `local`: no other session sees the index.
Encounter note_candidate_row(const IndexFile &file, const ItemPointerData *root, bool local);

// The caller builds the entry of a row that was noted before: it counts as taken.
void take_candidate_row(const IndexFile &file, const ItemPointerData *root);

// Notes that a mask is about to be read. Each is noted once.
void note_candidate_mask(const CandidateMask &value);
void forget_candidate_masks(Oid toast);

// The statement has ended: what it noted is from now on "again".
void end_candidates();

// When nothing more can be remembered: forgets the rows that were taken, or all when that does not
// help. REQUIRES: end_candidates() was called.
void make_room_for_candidates();

// How many rows and masks have not been taken yet.
uint32 waiting_candidates();

// What has not been taken yet, in ascending order, palloc'd. It counts as taken from now on.
struct Candidates {
    CandidateBlock *blocks;
    uint32 block_count;
    CandidateMask *values;
    uint32 value_count;
};
Candidates take_candidates();

// What another process has noted for this session.
void add_candidates(const Candidates &candidates);

// The taker could not do anything about them: they may be taken again.
void give_back_candidates(const Candidates &candidates);

} // namespace mq
