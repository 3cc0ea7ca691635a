// Candidates for an index entry: rows that a guard found pending, and whose masks the session has
// read. Kept in memory only; what builds an entry asks the index whether it is still wanted.
//
// Rows are bits, one a line pointer, in blocks of one heap page, so that a scan of a large table is
// remembered in little.
#pragma once

#include "learn/index_file.h"

extern "C" {
#include "access/htup_details.h"
#include "storage/itemptr.h"
}

namespace mq
{

constexpr int kRowWords = (MaxHeapTuplesPerPage + 63) / 64;

// Rows of one heap block; bit i - 1 stands for line pointer i, the root of a HOT chain.
struct CandidateBlock {
    IndexFile file;
    BlockNumber block;
    uint32 unused;
    uint64 rows[kRowWords];
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

// The statement has ended: what it noted is from now on "again".
void end_candidate_rows();

// When nothing more can be remembered: forgets the rows that were taken, or all when that does not
// help. REQUIRES: end_candidate_rows() was called.
void make_room_for_candidate_rows();

// How many rows have not been taken yet, those of local indexes left out.
uint32 waiting_candidate_rows();

// They, in ascending order, palloc'd. They count as taken from now on.
struct CandidateRows {
    CandidateBlock *blocks;
    uint32 count;
};
CandidateRows take_candidate_rows();

// What another process has noted for this session.
void add_candidate_rows(const CandidateRows &rows);

// The taker could not do anything about them: they may be taken again.
void give_back_candidate_rows(const CandidateRows &rows);

} // namespace mq
