#include <algorithm>

#include "chi/chi.h"
#include "chi/open.h"
#include "learn/candidates/rows.h"
#include "learn/jobs/jobs.h"
#include "learn/learn.h"
#include "pg/compat.h"

extern "C" {
#include "catalog/pg_class.h"
#include "utils/guc.h"
#include "utils/syscache.h"
}

namespace mq
{

namespace
{

uint64 cost()
{
    return learning_by_worker() ? waiting_candidate_rows() : 0;
}

void take(WorkList *list)
{
    const CandidateRows rows = take_candidate_rows();
    for (uint32 begin = 0, end; begin < rows.count; begin = end) {
        for (end = begin + 1;
             end < rows.count && same_file(rows.blocks[end].file, rows.blocks[begin].file);)
            end++;
        const size_t size = sizeof(CandidateBlock) * (end - begin);
        memcpy(add_work(list, rows.blocks[begin].file.index, size), rows.blocks + begin, size);
    }
}

CandidateRows rows_of(const WorkItem &item, const void *payload)
{
    return CandidateRows{(CandidateBlock *)payload, uint32(item.size / sizeof(CandidateBlock))};
}

void give_back(const WorkItem &item, const void *payload)
{
    give_back_candidate_rows(rows_of(item, payload));
}

// The index may have been dropped, or given another file.
bool still_wanted(const WorkItem &item, const void *payload)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(item.relation));
    if (!HeapTupleIsValid(tuple))
        return false;
    const RelFileNumber number = ((Form_pg_class)GETSTRUCT(tuple))->relfilenode;
    ReleaseSysCache(tuple);
    const CandidateRows rows = rows_of(item, payload);
    return rows.count > 0 && rows.blocks[0].file.number == number;
}

// The row to go on with.
struct Place {
    uint32 block;
    int bit;
};

// Up to n rows from there on; how many they are.
int next_rows(const CandidateRows &rows, Place *place, ItemPointerData *roots, int n)
{
    int found = 0;
    for (; place->block < rows.count; place->block++, place->bit = 0) {
        const CandidateBlock &b = rows.blocks[place->block];
        for (; place->bit < MaxHeapTuplesPerPage; place->bit++)
            if (b.rows[place->bit / 64] >> place->bit % 64 & 1) {
                if (found == n)
                    return found;
                ItemPointerSet(&roots[found], b.block, OffsetNumber(place->bit + 1));
                found++;
            }
    }
    return found;
}

bool run(WorkSlice *slice)
{
    const CandidateRows rows = rows_of(*slice->item, slice->payload);
    if (!slice->state)
        slice->state = MemoryContextAllocZero(slice->context, sizeof(Place));
    Place *place = (Place *)slice->state;
    ItemPointerData *roots = (ItemPointerData *)palloc(sizeof(ItemPointerData) * slice->units);
    const int n = next_rows(rows, place, roots, int(slice->units));
    slice->done = uint32(n);
    return n > 0 && build_rows(rows.blocks[0].file, roots, n) && place->block < rows.count;
}

} // namespace

const JobKind rows_job = {
    "building chi entries of masks that queries have read", // shown
    2,
    false,
    cost,
    take,
    give_back,
    begin_learning_job,
    still_wanted,
    run,
};

void begin_learning_job()
{
    // Others have work to do as well.
    SetConfigOption("maskquery.threads", "1", PGC_USERSET, PGC_S_SESSION);
    // Functions in index expressions may read masks, from which nothing is to be learnt.
    SetConfigOption("maskquery.enable_learning", "off", PGC_USERSET, PGC_S_SESSION);
}

bool build_rows(const IndexFile &file, const ItemPointerData *roots, int n)
{
    OpenedIndex opened;
    if (!try_open_chi_index(file.index, &opened))
        return false;
    const bool there = relation_file_number(opened.index) == file.number;
    if (there) {
        OwnerScope scope = enter_owner(opened);
        chi_summarize_tids(opened.heap, opened.index, roots, n);
        leave_owner(scope);
    }
    close_chi_index(opened);
    return there;
}

} // namespace mq
