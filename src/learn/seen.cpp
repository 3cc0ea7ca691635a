// What is remembered may be out of date: a worker, another session or VACUUM has built or removed
// the entry since. It is never wrong to take a row for pending, and the next statement starts anew.
#include "learn/seen.h"

#include "chi/chi.h"

extern "C" {
#include "common/hashfn.h"
#include "utils/memutils.h"
}

namespace mq
{

namespace
{

struct SeenBlock {
    IndexFile file;
    BlockNumber block;
    uint32 statement; // 0: unused
    uint64 rows[kRowWords];
};

// Direct-mapped, 16 kB: a block that comes back after many others is looked at again.
constexpr uint32 kSeenBlocks = 256;
SeenBlock *seen = nullptr;
uint32 statement = 1; // counts statements
bool any = false, off = false;

SeenBlock *place_of(const IndexFile &file, BlockNumber block)
{
    return &seen[(block ^ hash_uint32(file.index)) % kSeenBlocks];
}

bool is_about(const SeenBlock &b, const IndexFile &file, BlockNumber block)
{
    return b.statement == statement && b.block == block && b.file.index == file.index &&
           b.file.number == file.number;
}

} // namespace

void see_pending(Relation index, const IndexFile &file, BlockNumber block)
{
    if (off)
        return;
    if (!seen)
        seen =
            (SeenBlock *)MemoryContextAllocZero(TopMemoryContext, sizeof(SeenBlock) * kSeenBlocks);
    SeenBlock *b = place_of(file, block);
    if (is_about(*b, file, block))
        return;
    b->statement = 0; // while it is half filled
    b->file = file;
    b->block = block;
    chi_pending_rows(index, block, b->rows, kRowWords);
    b->statement = statement;
    any = true;
}

bool has_seen_pending(const IndexFile &file, const ItemPointerData *root)
{
    if (!any)
        return false;
    BlockNumber block = ItemPointerGetBlockNumberNoCheck(root);
    uint32 bit = ItemPointerGetOffsetNumberNoCheck(root) - 1u;
    const SeenBlock *b = place_of(file, block);
    return is_about(*b, file, block) && bit < kRowWords * 64 && b->rows[bit / 64] >> bit % 64 & 1;
}

void see_no_more()
{
    any = false;
    off = true;
}

void forget_seen()
{
    statement = Max(statement + 1, 1);
    any = off = false;
}

} // namespace mq
