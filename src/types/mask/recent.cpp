#include "types/mask/recent.h"

namespace mq
{

namespace
{

// COPY of text forms a batch of rows before it feeds their indexes, up to 64 kB of them, so there
// may be a few; COPY of binary up to 1,000, and for COPY the entries are made at once
// (copy_sink.h).
constexpr int kSlots = 8;
// Larger masks are not worth the memory.
constexpr size_t kMaxPixelBytes = size_t{1} << 20;
// Masks remembered in vain before remembering is turned off again.
constexpr int kPatience = 64;

struct Room {
    void *bytes;
    size_t capacity;
};
struct Slot {
    size_t size;   // of the encoded bytes; 0: empty
    FlatMask flat; // its pixels lie in `pixels`
    Room encoded, pixels;
};

MemoryContext context = nullptr;
Slot *slots = nullptr; // kSlots of them
int next_slot = 0;
int patience = 0; // 0: no index is interested

// Makes room for so many bytes; what was there is lost. An error leaves no room.
void reserve(Room *room, size_t need)
{
    if (room->capacity >= need)
        return;
    if (room->bytes)
        pfree(room->bytes);
    *room = Room{nullptr, 0};
    room->bytes = MemoryContextAlloc(context, need);
    room->capacity = need;
}

void forget_all()
{
    MemoryContextReset(context);
    slots = nullptr;
}

} // namespace

void remember_mask(Bytes encoded, const FlatMask &flat)
{
    if (patience == 0 || flat.size() > kMaxPixelBytes)
        return;
    if (--patience == 0) {
        forget_all();
        return;
    }
    if (!slots)
        slots = (Slot *)MemoryContextAllocZero(context, kSlots * sizeof(Slot));
    Slot *s = &slots[next_slot++ % kSlots];
    s->size = 0; // while the slot is half filled
    reserve(&s->encoded, encoded.size);
    reserve(&s->pixels, flat.size());
    memcpy(s->encoded.bytes, encoded.data, encoded.size);
    memcpy(s->pixels.bytes, flat.pixels, flat.size());
    s->flat = flat;
    s->flat.pixels = s->pixels.bytes;
    s->size = encoded.size;
}

bool recall_mask(Bytes encoded, FlatMask *flat)
{
    if (!context)
        context =
            AllocSetContextCreate(TopMemoryContext, "masks encoded last", ALLOCSET_DEFAULT_SIZES);
    if (patience == 0)
        patience = kPatience;
    for (int i = 0; slots && i < kSlots; i++) {
        Slot *s = &slots[i];
        if (s->size == encoded.size && memcmp(s->encoded.bytes, encoded.data, encoded.size) == 0) {
            patience = kPatience;
            *flat = s->flat;
            return true;
        }
    }
    return false;
}

} // namespace mq
