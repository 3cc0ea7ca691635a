#include "types/mask/recent.h"

namespace mq
{

namespace
{

// COPY of text forms a batch of rows before it feeds their indexes, up to 64 kB of them, so there
// may be a few; COPY of binary up to 1,000 (copy_sink.h).
constexpr int kSlots = 8;
// Larger masks are not worth the memory.
constexpr size_t kMaxPixelBytes = size_t{1} << 20;
// Masks remembered in vain before remembering is turned off again.
constexpr int kPatience = 64;

struct Slot {
    size_t size; // of the encoded bytes; 0: empty
    FlatMask flat;
    uint8_t *encoded; // capacity bytes
    size_t encoded_capacity, pixel_capacity;
};

MemoryContext context = nullptr;
Slot *slots = nullptr; // kSlots of them
int next_slot = 0;
int patience = 0; // 0: nobody is interested

void *grown(void *p, size_t *capacity, size_t need)
{
    if (*capacity >= need)
        return p;
    if (p)
        pfree(p);
    *capacity = 0;
    p = MemoryContextAlloc(context, need);
    *capacity = need;
    return p;
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
    s->encoded = (uint8_t *)grown(s->encoded, &s->encoded_capacity, encoded.size);
    void *pixels = grown(s->flat.pixels, &s->pixel_capacity, flat.size());
    s->flat = flat;
    s->flat.pixels = pixels;
    memcpy(s->encoded, encoded.data, encoded.size);
    memcpy(pixels, flat.pixels, flat.size());
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
        if (s->size == encoded.size && memcmp(s->encoded, encoded.data, encoded.size) == 0) {
            patience = kPatience;
            *flat = s->flat;
            return true;
        }
    }
    return false;
}

} // namespace mq
