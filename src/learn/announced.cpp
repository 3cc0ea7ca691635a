#include "learn/announced.h"

#include "pg/toast.h"

extern "C" {
#include "utils/memutils.h"
}

namespace mq
{

// How many may be open at once: the masks of one row, of a few joined tables.
constexpr int kAnnounced = 8;

static Announced *announced = nullptr; // kAnnounced of them
static int next_announced = 0;
static TouchedValue judged[kAnnounced];
static int next_judged = 0;

Announced *find_announced(const struct varlena *stored)
{
    if (!announced)
        return nullptr;
    struct varatt_external pointer;
    bool external = get_toast_pointer(stored, &pointer);
    for (int i = 0; i < kAnnounced; i++) {
        Announced &a = announced[i];
        if (!a.open || a.external != external)
            continue;
        if (external ? memcmp(&a.pointer, &pointer, sizeof pointer) == 0
                     : a.inline_size == VARSIZE_ANY(stored) &&
                           memcmp(a.inline_bytes, stored, a.inline_size) == 0)
            return &a;
    }
    return nullptr;
}

void announce(const IndexFile &file, const ItemPointerData *root, const struct varlena *stored)
{
    Announced *known = find_announced(stored);
    if (!announced)
        announced =
            (Announced *)MemoryContextAllocZero(TopMemoryContext, kAnnounced * sizeof(Announced));
    Announced *a = known ? known : &announced[next_announced++ % kAnnounced];
    a->open = false;
    a->file = file;
    a->root = *root;
    a->external = get_toast_pointer(stored, &a->pointer);
    if (!a->external) {
        if (VARATT_IS_EXTERNAL(stored) || VARSIZE_ANY(stored) > sizeof a->inline_bytes)
            return; // computed, or expanded: not a mask in a tuple
        a->inline_size = VARSIZE_ANY(stored);
        memcpy(a->inline_bytes, stored, a->inline_size);
    }
    a->open = true;
}

void note_judged(const struct varlena *stored)
{
    struct varatt_external pointer;
    if (get_toast_pointer(stored, &pointer) && !was_judged(pointer))
        judged[next_judged++ % kAnnounced] = {pointer.va_toastrelid, pointer.va_valueid};
}

bool was_judged(const struct varatt_external &pointer)
{
    for (const TouchedValue &v : judged)
        if (v.value == pointer.va_valueid && v.toast == pointer.va_toastrelid)
            return true;
    return false;
}

void forget_judged()
{
    memset(judged, 0, sizeof judged);
}

} // namespace mq
