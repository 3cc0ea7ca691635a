// What is remembered may be out of date: a worker, another session or VACUUM has built or removed
// the entry since. It is never wrong to take a row for pending, and the next statement starts anew.
#include "learn/observed.h"

#include "chi/chi.h"
#include "learn/candidates/rows.h"

extern "C" {
#include "common/hashfn.h"
#include "utils/memutils.h"
}

namespace mq
{

namespace
{

struct ObservedBlock {
    IndexFile file;
    BlockNumber block;
    uint32 statement; // 0: unused
    uint64 rows[kRowWords];
};

// Direct-mapped, 16 kB: a block that comes back after many others is looked at again.
constexpr uint32 kObservedBlocks = 256;
ObservedBlock *observed = nullptr;
uint32 statement = 1; // counts statements
bool any = false, off = false;

ObservedBlock *place_of(const IndexFile &file, BlockNumber block)
{
    return &observed[(block ^ hash_uint32(file.index)) % kObservedBlocks];
}

bool is_about(const ObservedBlock &b, const IndexFile &file, BlockNumber block)
{
    return b.statement == statement && b.block == block && b.file.index == file.index &&
           b.file.number == file.number;
}

} // namespace

void observe_pending(Relation index, const IndexFile &file, BlockNumber block)
{
    if (off)
        return;
    if (!observed)
        observed = (ObservedBlock *)MemoryContextAllocZero(TopMemoryContext,
                                                           sizeof(ObservedBlock) * kObservedBlocks);
    ObservedBlock *b = place_of(file, block);
    if (is_about(*b, file, block))
        return;
    b->statement = 0; // while it is half filled
    b->file = file;
    b->block = block;
    chi_pending_rows(index, block, b->rows, kRowWords);
    b->statement = statement;
    any = true;
}

bool has_observed_pending(const IndexFile &file, const ItemPointerData *root)
{
    if (!any)
        return false;
    BlockNumber block = ItemPointerGetBlockNumberNoCheck(root);
    uint32 bit = ItemPointerGetOffsetNumberNoCheck(root) - 1u;
    const ObservedBlock *b = place_of(file, block);
    return is_about(*b, file, block) && bit < kRowWords * 64 && b->rows[bit / 64] >> bit % 64 & 1;
}

void stop_observing()
{
    any = false;
    off = true;
}

void forget_observed()
{
    statement = Max(statement + 1, 1);
    any = off = false;
}

} // namespace mq
