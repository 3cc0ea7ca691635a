#include "store/page/recent.h"

#include "pg/compat.h"

extern "C" {
#include "pgstat.h"
#include "utils/memutils.h"
}

namespace mq
{

// Direct-mapped, 512 kB: the pages that a walk over a few million masks visits. Which page a buffer
// is about is not kept here, since whoever pins it asks.
constexpr uint32_t kRecent = 1 << 17;
static Buffer *recent = nullptr;
static uint32_t visits = 0;

static Buffer *place_of(Relation index, BlockNumber block)
{
    if (unlikely(recent == nullptr))
        recent = (Buffer *)MemoryContextAllocZero(TopMemoryContext, sizeof(Buffer) * kRecent);
    return &recent[(block + uint32_t{relation_file_number(index)} * 2654435761u) % kRecent];
}

Buffer read_recent(Relation index, BlockNumber block)
{
    if (RelationUsesLocalBuffers(index))
        return ReadBuffer(index, block);
    // A first pin by ReadRecentBuffer may not count as a use where the server looks for a buffer to
    // give to another page, so every eighth visit goes the usual way.
    constexpr uint32_t kUsualWay = 8;
    Buffer *place = place_of(index, block);
    if (*place != InvalidBuffer && ++visits % kUsualWay != 0 &&
        read_recent_buffer(index, block, *place)) {
        pgstat_count_buffer_read(index);
        pgstat_count_buffer_hit(index);
        return *place;
    }
    return *place = ReadBuffer(index, block);
}

void prefetch_recent(Relation index, BlockNumber block, size_t offset, size_t size)
{
    constexpr size_t kLine = 64, kMostLines = 16; // the CPU goes on by itself
    if (RelationUsesLocalBuffers(index))
        return;
    const Buffer buffer = *place_of(index, block);
    if (buffer == InvalidBuffer)
        return;
    const char *page = (const char *)BufferGetPage(buffer);
    __builtin_prefetch(page);
    __builtin_prefetch(page + BLCKSZ - 1);
    const size_t end = std::min(offset + size, offset + kMostLines * kLine);
    for (size_t at = offset / kLine * kLine; at < end; at += kLine)
        __builtin_prefetch(page + at);
}

} // namespace mq
