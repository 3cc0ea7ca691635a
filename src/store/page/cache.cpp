#include "store/page/cache.h"

#include "store/page/recent.h"

extern "C" {
#include "utils/timestamp.h"
}

namespace mq
{

void init_meta_page(Page page, const ChiIndexInfo &info, bool pending)
{
    init_page(page, ChiPageKind::meta);
    ChiMetaPage *meta = (ChiMetaPage *)PageGetContents(page);
    meta->magic = kChiMagic;
    meta->version = kChiVersion;
    meta->cell_width = info.grid.cell_width;
    meta->cell_height = info.grid.cell_height;
    meta->grid_x = info.grid.grid_x;
    meta->grid_y = info.grid.grid_y;
    meta->bins = info.bins.bins;
    meta->binning = info.equi_depth ? ChiBinning::equi_depth : ChiBinning::equi_width;
    meta->any_pending = pending;
    meta->extremes =
        info.grid.extremes == kAutoExtremes ? kMetaAutoExtremes : uint16_t(info.grid.extremes);
    meta->value_lo = info.bins.lo;
    meta->value_hi = info.bins.hi;
    memcpy(meta->inner, info.bins.inner, (info.bins.bins - 1) * sizeof(double));
    meta->rounded = info.bins.rounded;

    // Not 0, since a file may be emptied and filled again in place: whoever remembers a segment of
    // before must not take one of after for it.
    meta->next_segment = meta->cleaned_segment = uint64_t(GetCurrentTimestamp());
}

static bool pair_in_range(int32_t a, int32_t b, int32_t lo, int32_t hi)
{
    return a >= lo && a <= hi && b >= lo && b <= hi;
}

static void check_meta(Relation index, const ChiMetaPage *meta)
{
    if (meta->magic != kChiMagic)
        index_corrupted(index, "Block 0 is not the metapage of a chi index.");
    if (meta->version != kChiVersion)
        ereport(
            ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
             errmsg(
                 "index \"%s\" has format version %u, which this version of maskquery cannot read",
                 RelationGetRelationName(index), meta->version),
             errdetail("It reads version %u.", kChiVersion), errhint("Please REINDEX it.")));

    bool by_cell = pair_in_range(meta->cell_width, meta->cell_height, 1, kMaxSide) &&
                   meta->grid_x == 0 && meta->grid_y == 0;
    bool by_grid = pair_in_range(meta->grid_x, meta->grid_y, 1, kMaxGrid) &&
                   meta->cell_width == 0 && meta->cell_height == 0;
    if (!by_cell && !by_grid)
        index_corrupted(index, "The metapage has an impossible grid.");
    if (meta->bins < kMinBins || meta->bins > kMaxBins || meta->binning > ChiBinning::equi_depth)
        index_corrupted(index, "The metapage has impossible bins.");
    if (meta->rounded > 1)
        index_corrupted(index, "The metapage has an impossible rounding.");
    if (meta->extremes > kMaxSide && meta->extremes != kMetaAutoExtremes)
        index_corrupted(index, "The metapage has impossible tiles of extremes.");
    if (!std::isfinite(meta->value_lo) || !std::isfinite(meta->value_hi) ||
        !(meta->value_lo < meta->value_hi))
        index_corrupted(index, "The metapage has an impossible range of values.");
    for (int i = 0; i < meta->bins - 1; i++)
        if (!std::isfinite(meta->inner[i]) || (i > 0 && !(meta->inner[i - 1] < meta->inner[i])))
            index_corrupted(index, "The bin edges of the metapage do not ascend.");
}

void read_meta_page(Relation index, ChiCache *out)
{
    *out = {};
    out->blocks = RelationGetNumberOfBlocks(index);
    if (out->blocks == 0)
        index_corrupted(index, "The index has no metapage.");

    Buffer buffer = ReadBuffer(index, 0);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    const ChiMetaPage *meta = meta_page(checked_page(index, buffer, ChiPageKind::meta));
    check_meta(index, meta);

    out->info.grid.cell_width = meta->cell_width;
    out->info.grid.cell_height = meta->cell_height;
    out->info.grid.grid_x = meta->grid_x;
    out->info.grid.grid_y = meta->grid_y;
    out->info.grid.extremes = meta->extremes == kMetaAutoExtremes ? kAutoExtremes : meta->extremes;
    out->info.bins.bins = meta->bins;
    memcpy(out->info.bins.inner, meta->inner, (meta->bins - 1) * sizeof(double));
    out->info.bins.lo = meta->value_lo;
    out->info.bins.hi = meta->value_hi;
    out->info.bins.rounded = meta->rounded != 0;
    out->info.equi_depth = meta->binning == ChiBinning::equi_depth;
    memcpy(out->root, meta->root, sizeof out->root);
    UnlockReleaseBuffer(buffer);
}

bool may_have_pending(Relation index)
{
    Buffer buffer = read_locked(index, 0, BUFFER_LOCK_SHARE);
    bool pending = meta_page(checked_page(index, buffer, ChiPageKind::meta))->any_pending != 0;
    UnlockReleaseBuffer(buffer);
    return pending;
}

void forget_pending(Relation index)
{
    PageChange change;
    Buffer buffer = read_locked(index, 0, BUFFER_LOCK_EXCLUSIVE);
    checked_page(index, buffer, ChiPageKind::meta);
    begin_change(&change, index, false);
    ((ChiMetaPage *)PageGetContents(change_page(&change, buffer, false)))->any_pending = 0;
    finish_change(&change);
    UnlockReleaseBuffer(buffer);
}

uint64_t take_segment_id(Relation index, bool building)
{
    PageChange change;
    Buffer buffer = read_locked(index, 0, BUFFER_LOCK_EXCLUSIVE);
    checked_page(index, buffer, ChiPageKind::meta);
    begin_change(&change, index, building);
    uint64_t id =
        ((ChiMetaPage *)PageGetContents(change_page(&change, buffer, false)))->next_segment++;
    finish_change(&change);
    UnlockReleaseBuffer(buffer);
    return id;
}

SegmentMarks segment_marks(Relation index)
{
    Buffer buffer = read_locked(index, 0, BUFFER_LOCK_SHARE);
    const ChiMetaPage *meta = meta_page(checked_page(index, buffer, ChiPageKind::meta));
    SegmentMarks marks = {meta->next_segment, meta->cleaned_segment};
    UnlockReleaseBuffer(buffer);
    return marks;
}

void note_cleaned(Relation index, uint64_t cleaned)
{
    PageChange change;
    Buffer buffer = read_locked(index, 0, BUFFER_LOCK_EXCLUSIVE);
    checked_page(index, buffer, ChiPageKind::meta);
    begin_change(&change, index, false);
    ((ChiMetaPage *)PageGetContents(change_page(&change, buffer, false)))->cleaned_segment =
        cleaned;
    finish_change(&change);
    UnlockReleaseBuffer(buffer);
}

ChiCache *chi_cache(Relation index)
{
    if (likely(index->rd_amcache))
        return (ChiCache *)index->rd_amcache;

    ChiCache meta;
    read_meta_page(index, &meta);
    ChiCache *cache = (ChiCache *)MemoryContextAlloc(index->rd_indexcxt, sizeof(ChiCache));
    *cache = meta;
    index->rd_amcache = cache;
    return cache;
}

void forget_cache(Relation index)
{
    if (index->rd_amcache)
        pfree(index->rd_amcache);
    index->rd_amcache = nullptr;
}

const ChiIndexInfo *chi_index_info(Relation index)
{
    return &chi_cache(index)->info;
}

bool block_exists(Relation index, BlockNumber block)
{
    ChiCache *cache = chi_cache(index);

    // The relation never shrinks, so its size is asked again (a system call) only for a block not
    // known to exist.
    if (unlikely(block >= cache->blocks))
        cache->blocks = RelationGetNumberOfBlocks(index);
    return block < cache->blocks;
}

Buffer read_locked(Relation index, BlockNumber block, int lock)
{
    if (!block_exists(index, block))
        index_corrupted(index, "A page points to block %u, beyond the end of the index.", block);
    Buffer buffer = read_recent(index, block);
    LockBuffer(buffer, lock);
    return buffer;
}

} // namespace mq
