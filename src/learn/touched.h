// What a session has read and the index may not know yet: rows that a guard found pending, and
// TOASTed masks that cp read without a guard's asking. Kept in memory only; whoever builds an entry
// asks the index whether it is still wanted.
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
struct TouchedBlock {
    IndexFile file;
    BlockNumber block;
    uint32 unused;
    uint64 rows[kRowWords];
};

// A mask by its TOAST pointer: va_toastrelid and va_valueid.
struct TouchedValue {
    Oid toast;
    Oid value;
};

enum class Touch : uint8_t {
    first, // by this session, as far as it remembers
    now,   // a moment ago, by the same statement
    again, // by an earlier statement
};

// Notes that a pending row is about to be read. `local`: nobody else can see the index.
Touch touch_row(const IndexFile &file, const ItemPointerData *root, bool local);

// The caller builds the entry of a row that was touched before: it counts as taken.
void take_row(const IndexFile &file, const ItemPointerData *root);

// Notes that a mask is about to be read. Each is noted once.
void touch_value(const TouchedValue &value);
void forget_values(Oid toast);

// The statement has ended: what it touched is from now on "again".
void end_touches();

// When nothing more can be remembered: forgets the rows that were taken, or all when that does not
// help. REQUIRES: end_touches() was called.
void make_room_for_touches();

// How many rows and values nobody has taken yet.
uint32 untaken_touches();

// What nobody has taken yet, in ascending order, palloc'd. It counts as taken from now on.
struct Touches {
    TouchedBlock *blocks;
    uint32 block_count;
    TouchedValue *values;
    uint32 value_count;
};
Touches take_touches();

// What another process has touched for this session.
void add_touches(const Touches &touches);

// The taker could not do anything about them: somebody else may.
void give_back_touches(const Touches &touches);

} // namespace mq
