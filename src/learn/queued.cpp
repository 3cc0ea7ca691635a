#include "learn/queued.h"

#include "learn/candidates/masks.h"
#include "pg/toast.h"

extern "C" {
#include "utils/memutils.h"
}

namespace mq
{

// How many may be open at once: the masks of one row, of a few joined tables.
constexpr int kQueued = 8;

static QueuedMask *queued = nullptr; // kQueued of them
static int next_queued = 0;
static CandidateMask guarded[kQueued];
static int next_guarded = 0;

QueuedMask *find_queued(const struct varlena *stored)
{
    if (!queued)
        return nullptr;
    struct varatt_external pointer;
    bool external = get_toast_pointer(stored, &pointer);
    for (int i = 0; i < kQueued; i++) {
        QueuedMask &a = queued[i];
        if (!a.open || a.external != external)
            continue;
        if (external ? memcmp(&a.pointer, &pointer, sizeof pointer) == 0
                     : a.inline_size == VARSIZE_ANY(stored) &&
                           memcmp(a.inline_bytes, stored, a.inline_size) == 0)
            return &a;
    }
    return nullptr;
}

void queue_mask(const IndexFile &file, const ItemPointerData *root, const struct varlena *stored)
{
    QueuedMask *known = find_queued(stored);
    if (!queued)
        queued =
            (QueuedMask *)MemoryContextAllocZero(TopMemoryContext, kQueued * sizeof(QueuedMask));
    QueuedMask *a = known ? known : &queued[next_queued++ % kQueued];
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

void note_guarded(const struct varlena *stored)
{
    struct varatt_external pointer;
    if (get_toast_pointer(stored, &pointer) && !was_guarded(pointer))
        guarded[next_guarded++ % kQueued] = {pointer.va_toastrelid, pointer.va_valueid};
}

bool was_guarded(const struct varatt_external &pointer)
{
    for (const CandidateMask &v : guarded)
        if (v.value == pointer.va_valueid && v.toast == pointer.va_toastrelid)
            return true;
    return false;
}

void forget_guarded()
{
    memset(guarded, 0, sizeof guarded);
}

} // namespace mq
