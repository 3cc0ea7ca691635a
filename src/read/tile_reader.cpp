// Reading a mask by slices.
//
// A value that TOAST stores uncompressed (the type's storage is EXTERNAL) can be fetched in parts.
// The first slice is one TOAST chunk: it brings the header and, for a mask of usual size, the whole
// directory. Then come the chunks that hold payloads of the tiles asked for, all of them at once. A
// chunk once fetched is kept with the mask, since the next tile may begin in it. All other values
// (in the tuple, compressed, computed) are in memory as a whole sooner or later, and are taken so
// at once.
#include "read/tile_reader.h"

#include "core/mask/measure/count.h"
#include "read/observer.h"
#include "read/tile_cache.h"
#include "read/toast/toast_chunks.h"
#include "pg/guard.h"
#include "pg/optional.h"
#include "stats/stats.h"

namespace mq
{

const ReadObserver *read_observer = nullptr;

constexpr size_t kChunk = kToastChunk;
// Values up to this size are fetched at once: two fetches would cost more.
constexpr size_t kSmallValue = 4 * kChunk;
// Bytes that are fetched at once at most, except for a single tile that is larger.
constexpr size_t kMaxFetch = size_t{1} << 20;

static Bytes value_bytes(const struct varlena *v)
{
    return Bytes{reinterpret_cast<const uint8_t *>(VARDATA_ANY(v)), size_t(VARSIZE_ANY_EXHDR(v))};
}

// End of the chunk that holds the byte before `offset`, or of the value.
static size_t chunk_end(size_t offset, size_t value_size)
{
    return std::min((offset + kChunk - 1) / kChunk * kChunk, value_size);
}

// Fetches bytes [begin, end) of an on-disk value in the current memory context. Whole chunks are
// read for it, so whole chunks are asked for.
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
    if (directory_end <= mask->value_size)
        directory_end = chunk_end(directory_end, mask->value_size);
    if (directory_end <= size || directory_end > mask->value_size)
        return; // the latter is for TileDirectory::open to report
    uint8_t *whole = static_cast<uint8_t *>(palloc(directory_end));
    memcpy(whole, mask->prefix.data, size);
    memcpy(whole + size, value_bytes(fetch(mask->pointer, size, directory_end)).data,
           directory_end - size);
    mask->prefix = Bytes{whole, directory_end};
}

// The same of the whole value, for a caller who can do without; false when a part cannot be had.
static bool try_fetch_all(LoadedMask *mask)
{
    static OptionalWork work = {"read the rest of a mask for an index that waits for it"};
    MemoryContext context = CurrentMemoryContext;
    return try_optional(&work, [&] {
        MemoryContextSwitchTo(context);
        fetch_prefix(mask, true);
    });
}

// Fills an empty LoadedMask in the current memory context. A mask that an incremental index waits
// for is taken as a whole.
static void load(LoadedMask *mask, struct varlena *stored)
{
    bool wanted = read_observer && read_observer->wants(stored);
    if (mask->external && !toast_is_compressed(mask->pointer)) {
        wanted = wanted && try_fetch_all(mask);
        if (!wanted)
            fetch_prefix(mask, false);
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
        read_observer->offer(stored, mask->prefix);
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

MaskReader MaskReader::look(Datum datum, FmgrInfo *flinfo)
{
    struct varlena *stored = reinterpret_cast<struct varlena *>(DatumGetPointer(datum));
    TileCache *cache = find_tile_cache(flinfo);
    bool cacheable = cache && cache_accepts(stored, held_size(stored));
    if (cacheable)
        if (LoadedMask *mask = cache_lookup(cache, stored))
            return MaskReader(mask, stored);

    if (cacheable) {
        LoadedMask *mask = cache_reserve(cache, stored);
        MemoryContext old = MemoryContextSwitchTo(mask->context);
        load(mask, mask->external ? stored : mask->copy);
        mask->tiles = static_cast<void **>(palloc0(mask->header.tiles() * sizeof(void *)));
        if (mask->prefix.size < mask->value_size)
            mask->chunks = static_cast<const uint8_t **>(
                palloc0((mask->value_size / kChunk + 1) * sizeof(uint8_t *)));
        MemoryContextSwitchTo(old);
        cache_publish(mask);
        return MaskReader(mask, stored);
    }
    LoadedMask *mask = static_cast<LoadedMask *>(palloc0(sizeof(LoadedMask)));
    mask->external = get_toast_pointer(stored, &mask->pointer);
    load(mask, stored);
    return MaskReader(mask, stored);
}

void MaskReader::count_loaded() const
{
    if (mask_->reported)
        return;
    mask_->reported = true;
    if (mask_->external) {
        stats_mask_loaded(mask_->pointer.va_toastrelid);
        if (read_observer)
            read_observer->loaded(mask_->pointer);
    } else {
        stats_mask_loaded(InvalidOid);
        stats_pixel_bytes(toast_datum_size(PointerGetDatum(stored_)));
    }
}

MaskReader MaskReader::open(Datum datum, FmgrInfo *flinfo)
{
    MaskReader reader = look(datum, flinfo);
    // A value in memory that another function made was not loaded from a table.
    if (reader.mask_->external || !argument_is_computed(flinfo))
        reader.count_loaded();
    return reader;
}

const MaskHeader &MaskReader::header() const
{
    return mask_->header;
}

const TileDirectory &MaskReader::directory() const
{
    return mask_->directory;
}

// A chunk that is at hand, else null.
static const uint8_t *chunk_at_hand(const LoadedMask *mask, size_t chunk)
{
    if (chunk * kChunk < mask->prefix.size)
        return mask->prefix.data + chunk * kChunk;
    return mask->chunks ? mask->chunks[chunk] : nullptr;
}

// Bytes of a tile's payload in the value; a constant tile has none.
struct TilePayload {
    size_t begin, end;
};
static TilePayload tile_payload(const LoadedMask *mask, uint32_t tile)
{
    size_t begin = mask->header.payload_offset + mask->directory.payload_begin(tile);
    return TilePayload{begin, begin + mask->directory.payload_length(tile)};
}

size_t MaskReader::chunks_missing(uint32_t tile) const
{
    if (mask_->tiles && mask_->tiles[tile])
        return 0;
    TilePayload range = tile_payload(mask_, tile);
    if (range.begin == range.end || range.end <= mask_->prefix.size)
        return 0;
    size_t missing = 0;
    for (size_t chunk = range.begin / kChunk; chunk * kChunk < range.end; chunk++)
        missing += chunk_at_hand(mask_, chunk) == nullptr;
    return missing;
}

namespace
{

// Chunks fetched last, in memory one behind the other; kept with the mask if there is room.
struct Fetched {
    uint32_t *chunks; // ascending
    size_t n;
    uint8_t *bytes;
    bool kept;
};

const uint8_t *find_chunk(const LoadedMask *mask, const Fetched &fetched, size_t chunk)
{
    if (const uint8_t *there = chunk_at_hand(mask, chunk))
        return there;
    if (fetched.kept)
        return nullptr;
    const uint32_t *begin = fetched.chunks, *end = begin + fetched.n;
    const uint32_t *at = std::lower_bound(begin, end, uint32_t(chunk));
    return at != end && *at == chunk ? fetched.bytes + (at - begin) * kChunk : nullptr;
}

// The payload, in place or put together in `scratch`; false when a part of it is not at hand.
bool find_payload(const LoadedMask *mask, const TilePayload &range, const Fetched &fetched,
                  uint8_t *scratch, Bytes *out)
{
    const size_t length = range.end - range.begin;
    *out = Bytes{scratch, length};
    if (mask->prefix.contains(range.begin, length)) {
        *out = mask->prefix.slice(range.begin, length);
        return true;
    }
    const uint8_t *first = nullptr;
    bool together = true;
    for (size_t offset = range.begin; offset < range.end;) {
        const uint8_t *chunk = find_chunk(mask, fetched, offset / kChunk);
        if (!chunk)
            return false;
        const size_t inside = offset % kChunk, part = std::min(kChunk - inside, range.end - offset);
        const uint8_t *here = chunk + inside;
        if (!first)
            first = here;
        // Chunks that lie apart are put together from the first one on.
        if (together && here != first + (offset - range.begin)) {
            memcpy(scratch, first, offset - range.begin);
            together = false;
        }
        if (!together)
            memcpy(scratch + (offset - range.begin), here, part);
        offset += part;
    }
    if (together)
        out->data = first;
    return true;
}

// Appends the chunks of a payload that are missing and not in the list yet. REQUIRES: payloads come
// in ascending order.
size_t add_missing(const LoadedMask *mask, const TilePayload &range, uint32_t *chunks, size_t n)
{
    for (size_t chunk = range.begin / kChunk; chunk * kChunk < range.end; chunk++)
        if ((n == 0 || chunks[n - 1] < chunk) && !chunk_at_hand(mask, chunk))
            chunks[n++] = uint32_t(chunk);
    return n;
}

// Fetches what is missing for tiles[0] and as many of the others as fit into one fetch.
void fetch_tiles(LoadedMask *mask, const uint32_t *tiles, size_t n, Fetched *fetched)
{
    constexpr size_t kMost = kMaxFetch / kChunk, kTileChunks = kMaxTileBytes / kChunk + 2;
    if (!fetched->chunks)
        fetched->chunks = static_cast<uint32_t *>(palloc((kMost + kTileChunks) * sizeof(uint32_t)));
    else if (fetched->bytes && !fetched->kept)
        pfree(fetched->bytes);
    size_t chunks = 0;
    for (size_t i = 0; i < n && chunks < kMost; i++) {
        const TilePayload range = tile_payload(mask, tiles[i]);
        if (range.end - range.begin > kMaxTileBytes)
            break; // an error when its turn comes
        if (!mask->tiles || !mask->tiles[tiles[i]])
            chunks = add_missing(mask, range, fetched->chunks, chunks);
    }
    fetched->n = chunks;
    fetched->kept = mask->chunks && cache_reserve_bytes(mask, chunks * kChunk);
    fetched->bytes = static_cast<uint8_t *>(
        MemoryContextAlloc(fetched->kept ? mask->context : CurrentMemoryContext, chunks * kChunk));
    fetch_chunks(mask->pointer, fetched->chunks, chunks, fetched->bytes);
    for (size_t i = 0; i < chunks; i++) {
        const size_t begin = size_t{fetched->chunks[i]} * kChunk;
        stats_pixel_bytes(std::min(kChunk, mask->value_size - begin));
        if (fetched->kept)
            mask->chunks[fetched->chunks[i]] = fetched->bytes + i * kChunk;
    }
}

} // namespace

void MaskReader::visit_tiles(const uint32_t *tiles, size_t n, Visit visit, void *arg) const
{
    const MaskHeader &header = mask_->header;
    size_t pixel_size = flat_pixel_size(header.format);
    uint8_t *pixels_scratch = nullptr, *payload_scratch = nullptr;
    Fetched fetched{};

    for (size_t i = 0; i < n; i++) {
        CHECK_FOR_INTERRUPTS();
        uint32_t tile = tiles[i];
        const void *pixels = mask_->tiles ? mask_->tiles[tile] : nullptr;
        if (!pixels) {
            if (!pixels_scratch) {
                pixels_scratch = static_cast<uint8_t *>(palloc(kMaxTileBytes));
                payload_scratch = static_cast<uint8_t *>(palloc(kMaxTileBytes));
            }
            TilePayload range = tile_payload(mask_, tile);
            if (range.end - range.begin > kMaxTileBytes)
                ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
                                errmsg("stored mask is corrupted: a tile has an impossible size")));
            Bytes payload;
            if (!find_payload(mask_, range, fetched, payload_scratch, &payload)) {
                fetch_tiles(mask_, tiles + i, n - i, &fetched);
                if (!find_payload(mask_, range, fetched, payload_scratch, &payload))
                    elog(ERROR, "a tile was not fetched");
            }
            call_core([&](Error &err) {
                return decode_tile(mask_->directory, tile, payload, pixels_scratch, err);
            });
            size_t size = size_t(header.tile_rect(tile).area()) * pixel_size;
            pixels = cache_keep_tile(mask_, tile, pixels_scratch, size);
            if (!pixels)
                pixels = pixels_scratch;
        }
        visit(tile, pixels, arg);
    }
    if (fetched.chunks) {
        if (!fetched.kept)
            pfree(fetched.bytes);
        pfree(fetched.chunks);
    }
    if (pixels_scratch) {
        pfree(pixels_scratch);
        pfree(payload_scratch);
    }
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
