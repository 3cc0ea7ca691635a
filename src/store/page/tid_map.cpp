// Lock order: metapage, root page, directory page, tid page. Only the creation of a page holds two
// of them, the parent and the page that is being made, which nobody else can reach yet.
#include "store/page/tid_map.h"

#include "store/page/cache.h"
#include "pg/compat.h"

namespace mq
{

// A map page in a locked buffer, checked to be the expected one.
static ChiMapPage *checked_map_page(Relation index, Buffer buffer, ChiPageKind kind,
                                    uint32_t position)
{
    ChiMapPage *map = map_page(checked_page(index, buffer, kind));
    if (map->header.position != position)
        index_corrupted(index, "Block %u is map page %u of its level, not %u.",
                        BufferGetBlockNumber(buffer), map->header.position, position);
    return map;
}

ChiTidPage *checked_tid_page(Relation index, Buffer buffer, uint32_t position)
{
    return (ChiTidPage *)checked_map_page(index, buffer, ChiPageKind::tids, position);
}

void copy_tid_page(Relation index, BlockNumber block, uint32_t position, Snapshot snapshot,
                   ChiTidPage *copy)
{
    Buffer buffer = read_locked(index, block, BUFFER_LOCK_SHARE);
    test_old_snapshot(snapshot, index, BufferGetPage(buffer));
    const ChiTidPage *page = checked_tid_page(index, buffer, position);
    copy->header = page->header;
    for (uint32_t b = 0; b < kHeapBlocksPerTidPage; b++)
        memcpy(&copy->slot[b * kSlotsOfBlock], &page->slot[b * kSlotsOfBlock],
               used_slots(*page, b) * sizeof(ItemPointerData));
    UnlockReleaseBuffer(buffer);
}

static BlockNumber read_child(Relation index, BlockNumber block, ChiPageKind kind,
                              uint32_t position, uint32_t child)
{
    Buffer buffer = read_locked(index, block, BUFFER_LOCK_SHARE);
    BlockNumber found = checked_map_page(index, buffer, kind, position)->child[child];
    UnlockReleaseBuffer(buffer);
    return found;
}

// Brings the directory page at a position into the cache. False when there is none yet.
static bool find_directory(Relation index, ChiCache *cache, uint32_t directory)
{
    if (cache->directory_block != 0 && cache->directory_position == directory)
        return true;
    uint32_t root = directory / kMapFanout;
    if (cache->root[root] == 0) {
        // The cached metapage may be older than the root page.
        Buffer meta = read_locked(index, 0, BUFFER_LOCK_SHARE);
        cache->root[root] = meta_page(checked_page(index, meta, ChiPageKind::meta))->root[root];
        UnlockReleaseBuffer(meta);
        if (cache->root[root] == 0)
            return false;
    }
    BlockNumber block =
        read_child(index, cache->root[root], ChiPageKind::root, root, directory % kMapFanout);
    if (block == 0)
        return false;
    cache->directory_block = block;
    cache->directory_position = directory;
    return true;
}

// What a damaged pointer leads to must be known before a writer locks it: it holds the lock of an
// entries page then, and the pointer may name that page, or one whose holder waits for it.
static void check_tid_page(Relation index, BlockNumber block, uint32_t position)
{
    Buffer buffer = read_locked(index, block, BUFFER_LOCK_SHARE);
    checked_tid_page(index, buffer, position);
    UnlockReleaseBuffer(buffer);
}

bool find_tid_page(Relation index, uint32_t position, BlockNumber *tid_page_block)
{
    ChiCache *cache = chi_cache(index);
    uint32_t directory = position / kMapFanout;

    if (cache->tids_block == 0 || cache->tids_position != position) {
        if (!find_directory(index, cache, directory))
            return false;
        BlockNumber block = read_child(index, cache->directory_block, ChiPageKind::directory,
                                       directory, position % kMapFanout);
        if (block == 0)
            return false;
        check_tid_page(index, block, position);
        cache->tids_block = block;
        cache->tids_position = position;
    }
    *tid_page_block = cache->tids_block;
    return true;
}

void copy_tid_blocks(Relation index, uint32_t directory, BlockNumber *blocks)
{
    ChiCache *cache = chi_cache(index);
    if (!find_directory(index, cache, directory)) {
        memset(blocks, 0, sizeof(BlockNumber) * kMapFanout);
        return;
    }
    Buffer buffer = read_locked(index, cache->directory_block, BUFFER_LOCK_SHARE);
    memcpy(blocks, checked_map_page(index, buffer, ChiPageKind::directory, directory)->child,
           sizeof(BlockNumber) * kMapFanout);
    UnlockReleaseBuffer(buffer);
}

// Where a parent keeps the number of a child: a root pointer of the metapage, or an element of a
// map page.
static BlockNumber *child_pointer(Page parent, ChiPageKind parent_kind, uint32_t child)
{
    if (parent_kind == ChiPageKind::meta)
        return &((ChiMetaPage *)PageGetContents(parent))->root[child];
    return &map_page(parent)->child[child];
}

// The child of a locked parent; makes it when it is missing. New page and pointer to it are one WAL
// record, so every formatted map page has a parent. Releases the parent.
static BlockNumber ensure_child(Relation index, Buffer parent, ChiPageKind parent_kind,
                                uint32_t child, ChiPageKind kind, uint32_t position, bool building)
{
    BlockNumber block = *child_pointer(BufferGetPage(parent), parent_kind, child);
    if (block == 0) {
        PageChange change;
        Buffer buffer = extend_index(index, MAIN_FORKNUM);
        block = BufferGetBlockNumber(buffer);

        begin_change(&change, index, building);
        Page page = change_page(&change, buffer, true);
        init_page(page, kind);
        map_page(page)->header.position = position;
        *child_pointer(change_page(&change, parent, false), parent_kind, child) = block;
        finish_change(&change);
        UnlockReleaseBuffer(buffer);
    }
    UnlockReleaseBuffer(parent);
    return block;
}

BlockNumber ensure_tid_page(Relation index, uint32_t position, bool building)
{
    BlockNumber block;
    if (likely(find_tid_page(index, position, &block)))
        return block;

    uint32_t directory = position / kMapFanout;
    uint32_t root = directory / kMapFanout;

    Buffer parent = read_locked(index, 0, BUFFER_LOCK_EXCLUSIVE);
    checked_page(index, parent, ChiPageKind::meta);
    block = ensure_child(index, parent, ChiPageKind::meta, root, ChiPageKind::root, root, building);

    parent = read_locked(index, block, BUFFER_LOCK_EXCLUSIVE);
    checked_map_page(index, parent, ChiPageKind::root, root);
    block = ensure_child(index, parent, ChiPageKind::root, directory % kMapFanout,
                         ChiPageKind::directory, directory, building);

    parent = read_locked(index, block, BUFFER_LOCK_EXCLUSIVE);
    checked_map_page(index, parent, ChiPageKind::directory, directory);
    block = ensure_child(index, parent, ChiPageKind::directory, position % kMapFanout,
                         ChiPageKind::tids, position, building);
    check_tid_page(index, block, position);
    return block;
}

// False when the visitor wants no more.
static bool walk_children(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position,
                          const MapVisitor &visitor)
{
    if (kind == ChiPageKind::tids && position >= kMapPositions)
        index_corrupted(index, "Block %u is map page %u, for rows that no table can have.", block,
                        position);
    const bool more = visitor.visit(index, block, kind, position, visitor.arg);
    if (kind == ChiPageKind::tids || !more)
        return more;

    ChiMapPage *copy = (ChiMapPage *)palloc(sizeof(ChiMapPage));
    Buffer buffer = read_locked(index, block, BUFFER_LOCK_SHARE);
    memcpy(copy, checked_map_page(index, buffer, kind, position), sizeof *copy);
    UnlockReleaseBuffer(buffer);

    ChiPageKind child = kind == ChiPageKind::root ? ChiPageKind::directory : ChiPageKind::tids;
    bool go_on = true;
    for (uint32_t i = 0; go_on && i < kMapFanout; i++)
        if (copy->child[i] != 0)
            go_on = walk_children(index, copy->child[i], child, position * kMapFanout + i, visitor);
    pfree(copy);
    return go_on;
}

void walk_map(Relation index, const MapVisitor &visitor)
{
    BlockNumber root[kMapRoots];
    Buffer meta = read_locked(index, 0, BUFFER_LOCK_SHARE);
    memcpy(root, meta_page(checked_page(index, meta, ChiPageKind::meta))->root, sizeof root);
    UnlockReleaseBuffer(meta);

    for (uint32_t i = 0; i < kMapRoots; i++)
        if (root[i] != 0 && !walk_children(index, root[i], ChiPageKind::root, i, visitor))
            return;
}

} // namespace mq
