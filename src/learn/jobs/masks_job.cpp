#include <algorithm>

#include "chi/chi.h"
#include "chi/open.h"
#include "learn/candidates/masks.h"
#include "learn/jobs/jobs.h"
#include "learn/jobs/owner.h"
#include "learn/learn.h"
#include "pg/toast.h"

extern "C" {
#include "utils/syscache.h"
}

namespace mq
{

namespace
{

uint64 cost()
{
    return learning_by_worker() ? waiting_candidate_masks() : 0;
}

void take(WorkList *list)
{
    const CandidateMasks all = take_candidate_masks();
    for (uint32 begin = 0, end; begin < all.count; begin = end) {
        for (end = begin + 1; end < all.count && all.masks[end].toast == all.masks[begin].toast;)
            end++;
        const size_t size = sizeof(CandidateMask) * (end - begin);
        memcpy(add_work(list, all.masks[begin].toast, size), all.masks + begin, size);
    }
}

CandidateMasks masks_of(const WorkItem &item, const void *payload)
{
    return CandidateMasks{(CandidateMask *)payload, uint32(item.size / sizeof(CandidateMask))};
}

void give_back(const WorkItem &item, const void *payload)
{
    give_back_candidate_masks(masks_of(item, payload));
}

bool still_wanted(const WorkItem &item, const void *)
{
    return SearchSysCacheExists1(RELOID, ObjectIdGetDatum(item.relation));
}

// The indexes that wait for the masks are gone through one after the other: a part of an index is
// searched for the masks, what was found is built, and so on to its end.
struct Search {
    CandidateMasks wanted;
    IndexFile files[kMaxLearning];
    int count, at; // of the files
    PendingSearch pending;
    ItemPointerData *roots; // kMaxFound
    int found, built;
};

bool is_wanted(Datum mask, void *arg)
{
    const CandidateMasks &wanted = ((const Search *)arg)->wanted;
    struct varatt_external pointer;
    if (!get_toast_pointer((struct varlena *)DatumGetPointer(mask), &pointer) ||
        pointer.va_toastrelid != wanted.masks[0].toast)
        return false;
    const CandidateMask *begin = wanted.masks, *end = begin + wanted.count;
    const CandidateMask *at =
        std::lower_bound(begin, end, pointer.va_valueid,
                         [](const CandidateMask &m, Oid value) { return m.value < value; });
    return at != end && at->value == pointer.va_valueid;
}

Search *begin_search(const WorkSlice *slice)
{
    Search *s = (Search *)MemoryContextAllocZero(slice->context, sizeof(Search));
    s->wanted = masks_of(*slice->item, slice->payload);
    s->roots =
        (ItemPointerData *)MemoryContextAlloc(slice->context, sizeof(ItemPointerData) * kMaxFound);
    s->pending.wanted = is_wanted;
    s->pending.arg = s;
    s->count = find_learning_indexes(slice->item->relation, s->files);
    return s;
}

void next_file(Search *s)
{
    s->at++;
    s->pending.next = 0;
    s->pending.ended = false;
    s->found = s->built = 0;
}

// Searches a part of the index. False when it cannot be had.
bool search_part(Search *s)
{
    OpenedIndex opened;
    s->found = s->built = 0;
    if (!try_open_chi_index(s->files[s->at].index, &opened))
        return false;
    const bool there = relation_file_number(opened.index) == s->files[s->at].number;
    if (there)
        s->found = chi_find_pending(opened.heap, opened.index, &s->pending, s->roots);
    close_chi_index(opened);
    return there;
}

bool run(WorkSlice *slice)
{
    Search *s = (Search *)slice->state;
    if (!s)
        slice->state = s = begin_search(slice);
    else if (s->built < s->found) {
        const int n = std::min(int(slice->units), s->found - s->built);
        slice->done = uint32(n);
        if (build_rows(s->files[s->at], s->roots + s->built, n))
            s->built += n;
        else
            next_file(s);
    } else if (s->pending.ended || !search_part(s))
        next_file(s);
    return s->at < s->count;
}

} // namespace

const JobKind masks_job = {
    "building chi entries of masks that queries have read", // shown
    1,
    false,
    cost,
    take,
    give_back,
    begin_learning_job,
    still_wanted,
    run,
};

} // namespace mq
