// Two walks through the TID map. The first counts the rows of each segment by the slots that lead
// to them, so that only segments with few are looked at. The second gathers what is to be sealed.
//
// No line pointer is used again while this runs (only VACUUM makes one reusable, and this is the
// one), so slots and entries may be read without the seal lock.
#include "chi/vacuum/vacuum_seal.h"

#include "store/page/cache.h"
#include "store/entry/entries.h"
#include "store/segment/seal.h"
#include "store/segment/segment_access.h"
#include "store/page/tid_map.h"
#include "chi/vacuum/vacuum_segments.h"
#include "pg/compat.h"
#include "pg/optional.h"

extern "C" {
#include "utils/hsearch.h"
}

namespace mq
{

struct SegmentUse {
    BlockNumber first;
    uint32_t rows; // that slots lead to
    bool rewrite;
};

// Small segments of one header.
struct ShapeUse {
    uint8_t header[kChiEntryHeaderSize];
    uint32_t small;
};

struct SealWalk {
    Relation index;
    HTAB *segments; // SegmentUse by first block
    int64_t chunks; // row-shaped entries
    uint32_t thin;  // segments to be rewritten
    Sealer sealer;
    ChiRow row;
};

static HTAB *make_hash(size_t key, size_t entry)
{
    HASHCTL info = {};
    info.keysize = key;
    info.entrysize = entry;
    info.hcxt = CurrentMemoryContext;
    return hash_create("chi segments", 256, &info, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static bool count_page(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position,
                       void *arg)
{
    SealWalk *walk = (SealWalk *)arg;
    if (kind != ChiPageKind::tids)
        return true;
    vacuum_delay();
    ChiTidPage copy;
    copy_tid_page(index, block, position, nullptr, &copy);
    SegmentUse *use = nullptr;
    for_each_slot(copy, [&](const ItemPointerData &slot, const ItemPointerData &) {
        walk->chunks += slot_is_chunk(&slot);
        if (!slot_is_segment_row(&slot))
            return;
        BlockNumber first = ItemPointerGetBlockNumberNoCheck(&slot);
        if (!use || use->first != first) {
            bool found;
            use = (SegmentUse *)hash_search(walk->segments, &first, HASH_ENTER, &found);
            if (!found)
                use->rows = use->rewrite = 0;
        }
        use->rows++;
    });
    return true;
}

// The segments that were counted, in an array: dynahash's own iteration must not be left by an
// error.
static SegmentUse **list_segments(const SealWalk *walk, long *n)
{
    HASH_SEQ_STATUS scan;
    SegmentUse **list =
        (SegmentUse **)palloc(sizeof(SegmentUse *) * (hash_get_num_entries(walk->segments) + 1));
    *n = 0;
    hash_seq_init(&scan, walk->segments);
    while (SegmentUse *use = (SegmentUse *)hash_seq_search(&scan))
        list[(*n)++] = use;
    return list;
}

// What the choice of a segment depends on besides its own rows. Null when the segment is large
// enough in any case, or gone. *small: it has less than half of the rows that its entries allow.
static ShapeUse *small_segment(SealWalk *walk, HTAB *shapes, const SegmentUse *use, ChiSegment *s,
                               bool *small)
{
    bool found;
    if (use->rows >= kSegmentRows / 2 || use->rewrite)
        return nullptr;
    vacuum_delay();
    if (!open_chi_segment(walk->index, use->first, s))
        return nullptr;
    *small = use->rows < segment_rows_for(s->segment.entry_size) / 2;
    ShapeUse *shape = (ShapeUse *)hash_search(shapes, s->segment.header, HASH_ENTER, &found);
    if (!found)
        shape->small = 0;
    return shape;
}

// Chooses the segments to be rewritten: those that have lost more than half of their rows; and
// small ones, when there is something to put with them: another small one of the same shape, or
// row-shaped entries (of the same shape, as most are).
static void choose_thin(SealWalk *walk)
{
    HTAB *shapes = make_hash(kChiEntryHeaderSize, sizeof(ShapeUse));
    ChiSegment *s = make_chi_segment(CurrentMemoryContext);
    long n;
    bool small;
    SegmentUse **list = list_segments(walk, &n);

    for (long i = 0; i < n; i++) {
        if (ShapeUse *shape = small_segment(walk, shapes, list[i], s, &small)) {
            list[i]->rewrite = list[i]->rows * 2 < s->head.rows;
            shape->small += small;
            walk->thin += list[i]->rewrite;
        }
    }
    for (long i = 0; i < n; i++) {
        if (ShapeUse *shape = small_segment(walk, shapes, list[i], s, &small)) {
            list[i]->rewrite = small && (shape->small > 1 || walk->chunks > 0);
            walk->thin += list[i]->rewrite;
        }
    }
    hash_destroy(shapes);
}

static bool gather_page(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position,
                        void *arg)
{
    SealWalk *walk = (SealWalk *)arg;
    if (kind != ChiPageKind::tids)
        return true;
    vacuum_delay();
    ChiTidPage copy;
    copy_tid_page(index, block, position, nullptr, &copy);
    for_each_slot(copy, [&](const ItemPointerData &slot, const ItemPointerData &tid) {
        BlockNumber first = ItemPointerGetBlockNumberNoCheck(&slot);
        if (slot_is_segment_row(&slot)) {
            SegmentUse *use = (SegmentUse *)hash_search(walk->segments, &first, HASH_FIND, nullptr);
            if (!use || !use->rewrite)
                return;
        } else if (!slot_is_chunk(&slot))
            return;

        ItemPointerData now;
        Bytes entry;
        // An inserter may seal the row meanwhile: then its slot has changed, and it is left alone.
        if (chi_lookup(index, &tid, &walk->row) == ChiState::built &&
            chi_row_entry(index, &walk->row, &entry) && read_slot(index, &tid, nullptr, &now) &&
            same_slot(&slot, &now))
            add_to_seal(&walk->sealer, &tid, &slot, entry.data, entry.size);
    });
    return true;
}

// Frees the segments whose rows have all been moved.
static BlockNumber free_rewritten(SealWalk *walk, BufferAccessStrategy strategy)
{
    SegmentPass *pass = begin_segment_pass(walk->index, strategy, wait_for_seals(walk->index),
                                           RelationGetNumberOfBlocks(walk->index));
    long n;
    SegmentUse **list = list_segments(walk, &n);
    for (long i = 0; i < n; i++)
        if (list[i]->rewrite)
            pass_segment_page(pass, list[i]->first);
    return finish_segment_pass(pass);
}

static BlockNumber seal_rows(SealWalk *walk, BufferAccessStrategy strategy)
{
    Relation index = walk->index;
    walk->row.context = CurrentMemoryContext;
    walk->segments = make_hash(sizeof(BlockNumber), sizeof(SegmentUse));
    walk_map(index, MapVisitor{count_page, walk});
    choose_thin(walk);
    if (walk->chunks > 0 || walk->thin > 0) {
        walk->sealer = make_sealer(index, false);
        walk_map(index, MapVisitor{gather_page, walk});
        finish_sealer(&walk->sealer);
    }
    return walk->thin > 0 ? free_rewritten(walk, strategy) : 0;
}

BlockNumber vacuum_seal(Relation index, BufferAccessStrategy strategy)
{
    static OptionalWork work = {"seal entries of a chi index"};
    SealWalk *walk = (SealWalk *)palloc0(sizeof(SealWalk));
    BlockNumber freed = 0;
    walk->index = walk->sealer.index = index;
    if (!try_optional(&work, [&] { freed = seal_rows(walk, strategy); }))
        abandon_sealer(&walk->sealer);
    pfree(walk);
    return freed;
}

} // namespace mq
