// The rows that CHI Group keeps: in memory as far as work_mem goes, then in a temporary file.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "executor/tuptable.h"
#include "storage/buffile.h"
}

namespace mq
{

// Tuples one after the other. A position is the number of bytes before a tuple.
struct GroupRows {
    MemoryContext context;
    int64 end;      // position behind the last tuple
    char *memory;   // all tuples, while there is no file
    Size allocated; // bytes of `memory`
    BufFile *file;
    int64 file_at; // position of the file, -1 when not known
    // The tuple read last, when it comes from the file.
    char *tuple;
    Size tuple_size;
};

GroupRows *make_group_rows();
void add_group_tuple(GroupRows *rows, TupleTableSlot *row);
// Stores the tuple at *position in the slot, of minimal tuples, and moves *position behind it. It
// is valid until the next tuple is read or added.
void read_group_tuple(GroupRows *rows, int64 *position, TupleTableSlot *slot);
// Forgets the tuples from the position on.
void cut_group_rows(GroupRows *rows, int64 position);
void end_group_rows(GroupRows *rows);

} // namespace mq
