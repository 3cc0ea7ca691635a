#include "core/queue/work_queue.h"

#include <algorithm>

namespace mq
{

bool items_are_sound(const WorkItem *items, size_t count, uint32_t kinds, uint64_t payload_bytes)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].kind >= kinds || items[i].payload > payload_bytes ||
            items[i].size > payload_bytes - items[i].payload)
            return false;
    return true;
}

static bool comes_before(const WorkItem &a, const WorkItem &b)
{
    if ((a.when_idle != 0) != (b.when_idle != 0))
        return b.when_idle != 0;
    return a.priority > b.priority;
}

// By insertion: items are few, since a kind puts what belongs together into one, and
// std::stable_sort allocates.
void sort_items(WorkItem *items, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && comes_before(items[j], items[j - 1]); j--)
            std::swap(items[j], items[j - 1]);
}

void adjust_pace(Pace *pace, uint32_t done, double ms)
{
    if (done == 0)
        return; // the time says nothing of a unit
    if (ms > 2 * kSliceMs)
        pace->units = std::max(1u, pace->units / 2);
    else if (ms < kSliceMs && done >= pace->units)
        pace->units = std::min(kMaxUnits, pace->units * 2);
}

} // namespace mq
