#include "work/kind.h"

extern "C" {
#include "common/hashfn.h"
}

namespace mq
{

constexpr uint32 kMaxKinds = 8;
static const JobKind *kinds[kMaxKinds];
static uint32 kind_count = 0;

void register_job_kind(const JobKind *kind)
{
    if (kind_count == kMaxKinds)
        elog(ERROR, "too many kinds of work");
    kinds[kind_count++] = kind;
}

uint32 job_kinds()
{
    return kind_count;
}

const JobKind &job_kind(uint32 number)
{
    Assert(number < kind_count);
    return *kinds[number];
}

uint64 job_kinds_signature()
{
    uint64 hash = UINT64CONST(0x6d61736b71727903);
    for (uint32 i = 0; i < kind_count; i++)
        hash = hash_combine64(hash, hash_bytes_extended((const unsigned char *)kinds[i]->name,
                                                        int(strlen(kinds[i]->name)), i));
    return hash;
}

void *add_work(WorkList *list, Oid relation, size_t size)
{
    const JobKind &kind = job_kind(list->kind);
    if (list->count == list->room) {
        list->room = Max(list->room * 2, 8);
        Size bytes = mul_size(list->room, sizeof(WorkItem));
        list->items = (WorkItem *)(list->items ? repalloc(list->items, bytes) : palloc(bytes));
    }
    const size_t begin = list->size, end = add_size(begin, MAXALIGN(size));
    if (end > list->capacity) {
        list->capacity = Max(end, list->capacity * 2);
        list->payloads = (char *)(list->payloads ? repalloc(list->payloads, list->capacity)
                                                 : palloc(list->capacity));
    }
    list->size = end;
    list->items[list->count++] =
        WorkItem{list->kind, kind.priority, kind.when_idle, relation, 0, begin, size};
    return list->payloads + begin;
}

} // namespace mq
