#include "store/page/page.h"

#include "pg/compat.h"
#include "pg/locks.h"
#include "pg/optional.h"

extern "C" {
#include "storage/freespace.h"
}

namespace mq
{

void index_corrupted(Relation index, const char *detail, ...)
{
    char text[256];
    va_list args;

    va_start(args, detail);
    vsnprintf(text, sizeof text, detail, args);
    va_end(args);
    ereport(ERROR, (errcode(ERRCODE_INDEX_CORRUPTED),
                    errmsg("index \"%s\" is corrupted", RelationGetRelationName(index)),
                    errdetail_internal("%s", text), errhint("Please REINDEX it.")));
    pg_unreachable();
}

static ChiPageSpecial *page_special(Page page)
{
    return (ChiPageSpecial *)((char *)page + BLCKSZ - MAXALIGN(sizeof(ChiPageSpecial)));
}

static size_t content_size(ChiPageKind kind)
{
    switch (kind) {
    case ChiPageKind::meta:
        return sizeof(ChiMetaPage);
    case ChiPageKind::root:
    case ChiPageKind::directory:
        return sizeof(ChiMapPage);
    case ChiPageKind::tids:
        return sizeof(ChiTidPage);
    case ChiPageKind::entries:
    case ChiPageKind::segment:
        break;
    }
    return 0;
}

void init_page(Page page, ChiPageKind kind)
{
    PageInit(page, BLCKSZ, sizeof(ChiPageSpecial));
    ChiPageSpecial *special = page_special(page);
    special->kind = kind;
    special->version = kChiPageVersion;
    special->page_id = kChiPageId;
    ((PageHeader)page)->pd_lower = kPageHeader + content_size(kind);
}

bool page_is_sound(Page page, ChiPageKind *kind)
{
    PageHeader header = (PageHeader)page;
    const ChiPageSpecial *special = page_special(page);

    // pd_lower and pd_upper are looked at before anything trusts them: PageAddItem would PANIC over
    // a bad one.
    if (header->pd_special != BLCKSZ - MAXALIGN(sizeof(ChiPageSpecial)) ||
        header->pd_lower < SizeOfPageHeaderData || header->pd_lower > header->pd_upper ||
        header->pd_upper > header->pd_special)
        return false;
    if (special->page_id != kChiPageId || special->version != kChiPageVersion)
        return false;
    uint8_t k = uint8_t(special->kind);
    if (k < uint8_t(ChiPageKind::meta) || k > uint8_t(ChiPageKind::segment))
        return false;
    if (special->kind != ChiPageKind::entries && special->kind != ChiPageKind::segment &&
        header->pd_lower != kPageHeader + content_size(special->kind))
        return false;
    *kind = special->kind;
    return true;
}

ChiPageKind sound_page_kind(Relation index, BlockNumber block, Page page)
{
    ChiPageKind kind;

    if (PageIsNew(page))
        index_corrupted(index, "Block %u holds only zeros.", block);
    if (!page_is_sound(page, &kind))
        index_corrupted(index, "Block %u is not a page of this index.", block);
    return kind;
}

Page checked_page(Relation index, Buffer buffer, ChiPageKind kind)
{
    Page page = BufferGetPage(buffer);
    ChiPageKind found = sound_page_kind(index, BufferGetBlockNumber(buffer), page);

    if (found != kind)
        index_corrupted(index, "Block %u is a page of kind %d, not %d.",
                        BufferGetBlockNumber(buffer), int(found), int(kind));
    return page;
}

const ChiChunk *checked_chunk(Relation index, Page page, OffsetNumber offset)
{
    if (offset < FirstOffsetNumber || offset > PageGetMaxOffsetNumber(page))
        return nullptr;
    ItemId item = PageGetItemId(page, offset);
    if (!ItemIdIsUsed(item))
        return nullptr;

    size_t begin = ItemIdGetOffset(item), length = ItemIdGetLength(item);
    PageHeader header = (PageHeader)page;
    if (!ItemIdIsNormal(item) || begin < header->pd_upper || begin != MAXALIGN(begin) ||
        begin + length > header->pd_special || length < sizeof(ChiChunk))
        index_corrupted(index, "Line pointer %u of an entries page is damaged.", offset);

    const ChiChunk *chunk = (const ChiChunk *)PageGetItem(page, item);
    if (!is_line_pointer(ItemPointerGetOffsetNumberNoCheck(&chunk->tid)))
        index_corrupted(index, "Item %u of an entries page belongs to line pointer %u.", offset,
                        ItemPointerGetOffsetNumberNoCheck(&chunk->tid));
    if (chunk->size != length - sizeof(ChiChunk) || chunk->size == 0 ||
        chunk->total > kMaxEntryBytes || chunk->offset > chunk->total ||
        chunk->size > chunk->total - chunk->offset)
        index_corrupted(
            index, "The lengths of a chunk of the entry of tuple (%u,%u) contradict each other.",
            ItemPointerGetBlockNumberNoCheck(&chunk->tid),
            ItemPointerGetOffsetNumberNoCheck(&chunk->tid));
    return chunk;
}

Buffer extend_index(Relation index, ForkNumber fork)
{
    for (;;) {
        Buffer buffer = extend_relation_locked(index, fork);

        // On servers that extend and lock in two steps, a backend that was misled by a stale free
        // space map may have taken the page in between. It owns the page then.
        if (PageIsNew(BufferGetPage(buffer)))
            return buffer;
        UnlockReleaseBuffer(buffer);
    }
}

void note_room(Relation index, BlockNumber block, size_t room)
{
    static OptionalWork work = {"note the free space of a chi index"};
    Assert(!holds_buffer_lock());
    try_optional(&work, [&] { RecordPageWithFreeSpace(index, block, room); });
}

void begin_change(PageChange *change, Relation index, bool building)
{
    change->xlog = building ? nullptr : GenericXLogStart(index);
    change->buffers = 0;
}

Page change_page(PageChange *change, Buffer buffer, bool fresh)
{
    Assert(change->buffers < MAX_GENERIC_XLOG_PAGES);
    change->buffer[change->buffers++] = buffer;
    if (!change->xlog)
        return BufferGetPage(buffer);
    return GenericXLogRegisterBuffer(change->xlog, buffer, fresh ? GENERIC_XLOG_FULL_IMAGE : 0);
}

void finish_change(PageChange *change)
{
    if (change->xlog)
        GenericXLogFinish(change->xlog);
    else
        for (int i = 0; i < change->buffers; i++)
            MarkBufferDirty(change->buffer[i]);
}

} // namespace mq
