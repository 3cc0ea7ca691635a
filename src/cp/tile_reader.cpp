// Reading a mask by slices.
//
// A value that TOAST stores uncompressed (the type's storage is EXTERNAL) can be fetched in parts.
// The first slice is one TOAST chunk: it brings the header and, for a mask of usual size, the whole
// directory. The payloads of the tiles asked for follow in runs: neighbours in the value, and near
// neighbours, come with one fetch, because opening the TOAST table and its index costs more than a
// few chunks too many. All other values (in the tuple, compressed, computed) are in memory as a
// whole sooner or later, and are taken so at once.
#include "cp/tile_reader.h"

#include "core/mask/count.h"
#include "cp/tile_cache.h"
#include "learn/learn.h"
#include "pg/guard.h"
#include "pg/toast.h"
#include "stats/stats.h"

extern "C" {
#include "access/heaptoast.h"
}

namespace mq
{

constexpr size_t kChunk = TOAST_MAX_CHUNK_SIZE;
// Values up to this size are fetched at once: two fetches would cost more.
constexpr size_t kSmallValue = 4 * kChunk;
// Bytes between two wanted tiles that are fetched along rather than skipped.
constexpr size_t kMaxGap = 4 * kChunk;
// Bytes of one fetch, except for a single tile that is larger.
constexpr size_t kMaxRun = size_t{1} << 20;

static Bytes value_bytes(const struct varlena *v)
{
    return Bytes{reinterpret_cast<const uint8_t *>(VARDATA_ANY(v)), size_t(VARSIZE_ANY_EXHDR(v))};
}

// Fetches bytes [begin, end) of an on-disk value in the current memory context.
static struct varlena *fetch(const struct varatt_external &pointer, size_t begin, size_t end)
{
    union {
        struct varlena head;
        char bytes[TOAST_POINTER_SIZE];
    } stored;
    SET_VARTAG_EXTERNAL(&stored, VARTAG_ONDISK);
    memcpy(VARDATA_EXTERNAL(&stored), &pointer, sizeof pointer);
    struct varlena *slice = detoast_attr_slice(&stored.head, int32(begin), int32(end - begin));
    if (VARSIZE_ANY_EXHDR(slice) != end - begin)
        ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
                        errmsg("stored mask is shorter than its TOAST pointer says")));
    stats_pixel_bytes(end - begin);
    return slice;
}

// Fetches header and directory, or the whole value when that is cheaper or wanted.
static void fetch_prefix(LoadedMask *mask, bool all)
{
    mask->value_size = toast_value_size(mask->pointer);
    size_t size = all || mask->value_size <= kSmallValue ? mask->value_size : kChunk;
    mask->prefix = value_bytes(fetch(mask->pointer, 0, size));
    call_core([&](Error &err) { return read_header(mask->prefix, &mask->header, err); });
    size_t directory_end = mask->header.payload_offset;
    if (directory_end <= size || directory_end > mask->value_size)
        return; // the latter is for TileDirectory::open to report
    uint8_t *whole = static_cast<uint8_t *>(palloc(directory_end));
    memcpy(whole, mask->prefix.data, size);
    memcpy(whole + size, value_bytes(fetch(mask->pointer, size, directory_end)).data,
           directory_end - size);
    mask->prefix = Bytes{whole, directory_end};
}

// Fills an empty LoadedMask in the current memory context. A mask that an incremental index waits
// for is taken as a whole.
static void load(LoadedMask *mask, struct varlena *stored)
{
    bool wanted = learn_wants(stored);
    if (mask->external && !toast_is_compressed(mask->pointer)) {
        fetch_prefix(mask, wanted);
    } else {
        if (mask->external)
            stats_pixel_bytes(VARATT_EXTERNAL_GET_EXTSIZE(mask->pointer));
        mask->prefix = value_bytes(pg_detoast_datum_packed(stored));
        mask->value_size = mask->prefix.size;
        call_core([&](Error &err) { return read_header(mask->prefix, &mask->header, err); });
    }
    call_core([&](Error &err) {
        return TileDirectory::open(mask->header, mask->prefix, mask->value_size, &mask->directory,
                                   err);
    });
    if (wanted)
        learn_offer(stored, mask->prefix);
}

// Bytes that a cached mask would hold from the start: the whole value unless it can be fetched by
// slice.
static size_t held_size(const struct varlena *stored)
{
    struct varatt_external pointer;
    if (!get_toast_pointer(stored, &pointer))
        return toast_raw_datum_size(PointerGetDatum(stored));
    return toast_is_compressed(pointer) ? toast_value_size(pointer) : 0;
}

static void report_loaded(struct varlena *stored, FmgrInfo *flinfo)
{
    struct varatt_external pointer;
    if (get_toast_pointer(stored, &pointer)) {
        stats_mask_loaded(pointer.va_toastrelid);
        learn_loaded(pointer);
    } else if (!argument_is_computed(flinfo)) {
        stats_mask_loaded(InvalidOid);
        stats_pixel_bytes(toast_datum_size(PointerGetDatum(stored)));
    }
}

MaskReader MaskReader::open(Datum datum, FmgrInfo *flinfo)
{
    struct varlena *stored = reinterpret_cast<struct varlena *>(DatumGetPointer(datum));
    TileCache *cache = find_tile_cache(flinfo);
    bool cacheable = cache && cache_accepts(stored, held_size(stored));
    if (cacheable)
        if (LoadedMask *mask = cache_lookup(cache, stored))
            return MaskReader(mask);

    report_loaded(stored, flinfo);
    if (cacheable) {
        LoadedMask *mask = cache_reserve(cache, stored);
        MemoryContext old = MemoryContextSwitchTo(mask->context);
        load(mask, mask->external ? stored : mask->copy);
        mask->tiles = static_cast<void **>(palloc0(mask->header.tiles() * sizeof(void *)));
        MemoryContextSwitchTo(old);
        cache_publish(mask);
        return MaskReader(mask);
    }
    LoadedMask *mask = static_cast<LoadedMask *>(palloc0(sizeof(LoadedMask)));
    mask->external = get_toast_pointer(stored, &mask->pointer);
    load(mask, stored);
    return MaskReader(mask);
}

const MaskHeader &MaskReader::header() const
{
    return mask_->header;
}

// Whether one of the tiles first..last is kept.
static bool any_kept(const LoadedMask *mask, uint32_t first, uint32_t last)
{
    if (mask->tiles)
        for (uint32_t tile = first; tile <= last; tile++)
            if (mask->tiles[tile])
                return true;
    return false;
}

// End of the run of payloads that starts with tiles[0] and is worth one fetch; offsets in the
// value. Ends before tiles that are kept already: these are not fetched again.
static size_t run_end(const LoadedMask *mask, const uint32_t *tiles, size_t n)
{
    const TileDirectory &dir = mask->directory;
    size_t origin = mask->header.payload_offset;
    size_t begin = origin + dir.payload_begin(tiles[0]), end = origin + dir.payload_end(tiles[0]);
    for (size_t i = 1; i < n; i++) {
        if (any_kept(mask, tiles[i - 1] + 1, tiles[i]))
            break;
        size_t next_begin = origin + dir.payload_begin(tiles[i]),
               next_end = origin + dir.payload_end(tiles[i]);
        if (next_begin > end + kMaxGap || next_end - begin > kMaxRun)
            break;
        end = next_end;
    }
    return end;
}

void MaskReader::visit_tiles(const uint32_t *tiles, size_t n, Visit visit, void *arg) const
{
    const MaskHeader &header = mask_->header;
    const TileDirectory &dir = mask_->directory;
    size_t pixel_size = flat_pixel_size(header.format);
    void *scratch = nullptr;
    struct varlena *run = nullptr; // the bytes fetched last ...
    Bytes run_bytes;
    size_t run_begin = 0; // ... and where in the value they start

    for (size_t i = 0; i < n; i++) {
        CHECK_FOR_INTERRUPTS();
        uint32_t tile = tiles[i];
        const void *pixels = mask_->tiles ? mask_->tiles[tile] : nullptr;
        if (!pixels) {
            size_t begin = header.payload_offset + dir.payload_begin(tile);
            size_t length = dir.payload_end(tile) - dir.payload_begin(tile);
            Bytes payload;
            if (mask_->prefix.contains(begin, length)) {
                payload = mask_->prefix.slice(begin, length);
            } else {
                if (begin < run_begin || !run_bytes.contains(begin - run_begin, length)) {
                    if (run)
                        pfree(run);
                    run = fetch(mask_->pointer, begin, run_end(mask_, tiles + i, n - i));
                    run_bytes = value_bytes(run);
                    run_begin = begin;
                }
                payload = run_bytes.slice(begin - run_begin, length);
            }
            if (!scratch)
                scratch = palloc(kMaxTileBytes);
            call_core([&](Error &err) { return decode_tile(dir, tile, payload, scratch, err); });
            size_t size = size_t(header.tile_rect(tile).area()) * pixel_size;
            pixels = cache_keep_tile(mask_, tile, scratch, size);
            if (!pixels)
                pixels = scratch;
        }
        visit(tile, pixels, arg);
    }
    if (run)
        pfree(run);
    if (scratch)
        pfree(scratch);
}

namespace
{

struct CountState {
    const MaskHeader *header;
    PixelRect rect;
    OrdinalRange range;
    uint64_t count;
};

void add_tile(uint32_t tile, const void *pixels, void *arg)
{
    CountState *state = static_cast<CountState *>(arg);
    PixelFormat format = state->header->format;
    PixelRect whole = state->header->tile_rect(tile), part = intersect(whole, state->rect);
    size_t stride = whole.x1 - whole.x0;
    size_t skip = (part.y0 - whole.y0) * stride + (part.x0 - whole.x0);
    state->count +=
        count_pixels(format, static_cast<const uint8_t *>(pixels) + skip * flat_pixel_size(format),
                     stride, part.x1 - part.x0, part.y1 - part.y0, state->range);
}

struct PixelState {
    PixelFormat format;
    size_t index;
    uint32_t raw;
};

void take_pixel(uint32_t, const void *pixels, void *arg)
{
    PixelState *state = static_cast<PixelState *>(arg);
    size_t size = flat_pixel_size(state->format);
    state->raw = 0;
    memcpy(&state->raw, static_cast<const uint8_t *>(pixels) + state->index * size, size);
}

} // namespace

uint64_t MaskReader::count(const Roi &roi, double lv, double uv) const
{
    const MaskHeader &h = mask_->header;
    CountState state{&h, clip(roi, h.width, h.height), ordinal_range(h.format, h.domain, lv, uv),
                     0};
    if (state.rect.empty())
        return 0;
    int32_t tx0 = state.rect.x0 / h.tile_width, tx1 = (state.rect.x1 - 1) / h.tile_width;
    int32_t ty0 = state.rect.y0 / h.tile_height, ty1 = (state.rect.y1 - 1) / h.tile_height;
    size_t touched = size_t(tx1 - tx0 + 1) * size_t(ty1 - ty0 + 1), undecided = 0;
    uint32_t *tiles = static_cast<uint32_t *>(palloc(touched * sizeof(uint32_t)));
    for (int32_t ty = ty0; ty <= ty1; ty++)
        for (int32_t tx = tx0; tx <= tx1; tx++) {
            uint32_t tile = uint32_t(ty) * h.tiles_x + tx;
            switch (judge_tile(mask_->directory, tile, state.range)) {
            case TileVerdict::none:
                break;
            case TileVerdict::all:
                state.count += intersect(h.tile_rect(tile), state.rect).area();
                break;
            case TileVerdict::undecided:
                tiles[undecided++] = tile;
            }
        }
    visit_tiles(tiles, undecided, add_tile, &state);
    pfree(tiles);
    return state.count;
}

double MaskReader::pixel(int32_t x, int32_t y) const
{
    const MaskHeader &h = mask_->header;
    uint32_t tile = uint32_t(y / h.tile_height) * h.tiles_x + x / h.tile_width;
    PixelRect rect = h.tile_rect(tile);
    PixelState state{h.format, size_t(y - rect.y0) * (rect.x1 - rect.x0) + (x - rect.x0), 0};
    visit_tiles(&tile, 1, take_pixel, &state);
    return raw_to_value(h.format, h.domain, state.raw);
}

} // namespace mq
