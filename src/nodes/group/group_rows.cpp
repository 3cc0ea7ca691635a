#include "nodes/group/group_rows.h"

extern "C" {
#include "access/htup_details.h"
#include "commands/tablespace.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/memutils.h"
}

namespace mq
{

GroupRows *make_group_rows()
{
    GroupRows *rows = (GroupRows *)palloc0(sizeof(GroupRows));
    rows->context =
        AllocSetContextCreate(CurrentMemoryContext, "CHI Group rows", ALLOCSET_DEFAULT_SIZES);
    return rows;
}

void end_group_rows(GroupRows *rows)
{
    if (rows->file)
        BufFileClose(rows->file);
    MemoryContextReset(rows->context);
    *rows = GroupRows{rows->context};
}

void cut_group_rows(GroupRows *rows, int64 position)
{
    rows->end = position;
    if (position == 0 && rows->file) {
        BufFileClose(rows->file);
        rows->file = nullptr;
    }
}

namespace
{

// BufFile takes a position as a file of a gigabyte and an offset; from the first file on it finds
// any.
void go_to(GroupRows *rows, int64 position)
{
    if (rows->file_at != position && BufFileSeek(rows->file, 0, position, SEEK_SET) != 0)
        ereport(ERROR, (errcode_for_file_access(),
                        errmsg("could not seek in temporary file of CHI Group")));
    rows->file_at = position;
}

void write_bytes(GroupRows *rows, const void *bytes, Size size)
{
    go_to(rows, rows->end);
    rows->file_at = -1; // until it is written
    BufFileWrite(rows->file, const_cast<void *>(bytes), size);
    rows->end += size;
    rows->file_at = rows->end;
}

void read_bytes(GroupRows *rows, int64 position, void *bytes, Size size)
{
    go_to(rows, position);
    rows->file_at = -1;
    if (BufFileRead(rows->file, bytes, size) != size)
        ereport(ERROR, (errcode_for_file_access(),
                        errmsg("could not read from temporary file of CHI Group")));
    rows->file_at = position + size;
}

// From now on tuples are in a file.
void move_to_file(GroupRows *rows)
{
    const int64 size = rows->end;
    PrepareTempTablespaces();
    rows->file = BufFileCreateTemp(false);
    rows->file_at = rows->end = 0;
    if (size > 0)
        write_bytes(rows, rows->memory, size);
    if (rows->memory)
        pfree(rows->memory);
    rows->memory = nullptr;
    rows->allocated = 0;
}

void make_room(GroupRows *rows, Size size)
{
    if (rows->allocated >= size)
        return;
    Size wanted = Max(Max(rows->allocated * 2, size), Size(8192));
    rows->memory = (char *)(rows->memory ? repalloc_huge(rows->memory, wanted)
                                         : MemoryContextAllocHuge(rows->context, wanted));
    rows->allocated = wanted;
}

} // namespace

void add_group_tuple(GroupRows *rows, TupleTableSlot *row)
{
    bool is_copy;
    MemoryContext old = MemoryContextSwitchTo(rows->context);
    MinimalTuple tuple = ExecFetchSlotMinimalTuple(row, &is_copy);
    const Size size = MAXALIGN(tuple->t_len);
    if (rows->file == nullptr && rows->end + size > Size(work_mem) * 1024)
        move_to_file(rows);
    if (rows->file) {
        const char padding[MAXIMUM_ALIGNOF] = {};
        write_bytes(rows, tuple, tuple->t_len);
        if (size > tuple->t_len)
            write_bytes(rows, padding, size - tuple->t_len);
    } else {
        make_room(rows, rows->end + size);
        memcpy(rows->memory + rows->end, tuple, tuple->t_len);
        memset(rows->memory + rows->end + tuple->t_len, 0, size - tuple->t_len);
        rows->end += size;
    }
    if (is_copy)
        pfree(tuple);
    MemoryContextSwitchTo(old);
}

void read_group_tuple(GroupRows *rows, int64 *position, TupleTableSlot *slot)
{
    Assert(*position < rows->end);
    MinimalTuple tuple;
    ExecClearTuple(slot);
    if (rows->file) {
        uint32 size;
        read_bytes(rows, *position, &size, sizeof size);
        if (rows->tuple_size < size) {
            if (rows->tuple)
                pfree(rows->tuple);
            rows->tuple = nullptr;
            rows->tuple_size = 0;
            rows->tuple = (char *)MemoryContextAlloc(rows->context, Size(size) * 2);
            rows->tuple_size = Size(size) * 2;
        }
        tuple = (MinimalTuple)rows->tuple;
        tuple->t_len = size;
        read_bytes(rows, *position + sizeof size, rows->tuple + sizeof size, size - sizeof size);
    } else {
        tuple = (MinimalTuple)(rows->memory + *position);
    }
    *position += MAXALIGN(tuple->t_len);
    ExecStoreMinimalTuple(tuple, slot, false);
}

} // namespace mq
