#include "chi/build/binning.h"

#include "chi/options.h"
#include "chi/build/summary.h"
#include "core/mask/codec.h"
#include "pg/guard.h"

extern "C" {
#include "access/tableam.h"
}

namespace mq
{

constexpr BlockNumber kSampleBlocks = 64;
constexpr uint32_t kDomainMasks = 128; // masks of which only the header is read
constexpr uint32_t kPixelMasks = 256;  // masks whose pixels are sampled
constexpr uint32_t kPixelsPerMask = 512;
// Of a small table an incremental build should not be felt, and all rows of a sampled block are
// visited: 64 of them were half of such a build of 5,000 rows.
constexpr BlockNumber kQuickBlocks = 8;
constexpr uint32_t kQuickMasks = 32;

// What the scan of the sampled blocks gathers.
struct Sample {
    bool any; // a mask was seen
    Domain domain;
    double *values; // of sampled pixels; null when only the domain is wanted
    size_t count;
    uint32_t masks_per_block, masks_left; // that may be taken: from each block, from this block
    MemoryContext scratch;
};

static double flat_value(PixelFormat format, const Domain &domain, const void *flat, size_t i)
{
    uint32_t raw = 0;
    switch (flat_pixel_size(format)) {
    case 1:
        raw = ((const uint8_t *)flat)[i];
        break;
    case 2:
        raw = ((const uint16_t *)flat)[i];
        break;
    default:
        raw = ((const uint32_t *)flat)[i];
    }
    return raw_to_value(format, domain, raw);
}

static void sample_pixels(Sample *sample, Datum value)
{
    Bytes mask = mask_bytes(PG_DETOAST_DATUM_PACKED(value));
    MaskHeader header;
    call_core([&](Error &err) { return read_header(mask, &header, err); });

    size_t pixels = header.shape().pixels();
    void *flat =
        MemoryContextAllocHuge(CurrentMemoryContext, pixels * flat_pixel_size(header.format));
    call_core([&](Error &err) { return decode_mask(mask, flat, err); });

    // Multiples of the golden ratio fall evenly over the mask without hitting the same columns
    // again and again.
    constexpr double kGolden = 0.6180339887498949;
    for (uint32_t k = 0; k < kPixelsPerMask; k++) {
        double fraction = (k + 0.5) * kGolden;
        size_t i = std::min(pixels - 1, size_t((fraction - std::floor(fraction)) * double(pixels)));
        sample->values[sample->count++] = flat_value(header.format, header.domain, flat, i);
    }
}

static void sample_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive,
                       void *state)
{
    Sample *sample = (Sample *)state;
    if (isnull[0] || sample->masks_left == 0)
        return;

    sample->masks_left--;
    MemoryContext caller = MemoryContextSwitchTo(sample->scratch);
    MaskHeader header;
    Bytes prefix =
        mask_bytes((struct varlena *)PG_DETOAST_DATUM_SLICE(values[0], 0, kMaskHeaderSize));
    call_core([&](Error &err) { return read_header(prefix, &header, err); });

    sample->domain.lo =
        sample->any ? std::min(sample->domain.lo, header.domain.lo) : header.domain.lo;
    sample->domain.hi =
        sample->any ? std::max(sample->domain.hi, header.domain.hi) : header.domain.hi;
    sample->any = true;
    if (sample->values)
        sample_pixels(sample, values[0]);
    MemoryContextSwitchTo(caller);
    MemoryContextReset(sample->scratch);
}

// Evenly spaced blocks rather than random ones: the same table gives the same index.
static void sample_table(Relation heap, Relation index, IndexInfo *index_info, bool want_pixels,
                         Sample *sample)
{
    *sample = {};
    sample->scratch =
        AllocSetContextCreate(CurrentMemoryContext, "chi sample", ALLOCSET_DEFAULT_SIZES);

    BlockNumber blocks = heap ? RelationGetNumberOfBlocks(heap) : 0;
    const bool quick = !want_pixels && index_options(index).build == int(ChiBuild::incremental);
    BlockNumber wanted = std::min(blocks, quick ? kQuickBlocks : kSampleBlocks);
    uint32_t masks = want_pixels ? kPixelMasks : quick ? kQuickMasks : kDomainMasks;
    if (wanted > 0)
        sample->masks_per_block = (masks + wanted - 1) / wanted;
    if (want_pixels && wanted > 0) {
        sample->values =
            (double *)palloc(sizeof(double) * kPixelsPerMask * sample->masks_per_block * wanted);
    }
    for (BlockNumber i = 0; i < wanted; i++) {
        CHECK_FOR_INTERRUPTS();
        sample->masks_left = sample->masks_per_block;
        table_index_build_range_scan(
            heap, index, index_info, false, false, false,
            BlockNumber((uint64_t{i} * 2 + 1) * blocks / (uint64_t{wanted} * 2)), 1, sample_row,
            sample, nullptr);
    }
    MemoryContextDelete(sample->scratch);
}

// Edges that give every bin about the same number of sampled values. A value that fills a bin alone
// takes one edge, and the rest is shared out among the bins that are left.
static bool equi_depth_bins(double *values, size_t count, int32_t bins, ChiBins *out)
{
    std::sort(values, values + count);
    int32_t edges = 0;
    size_t begin = 0;
    for (int32_t left = bins; left > 1; left--) {
        size_t end = begin + std::max<size_t>(1, (count - begin) / left);
        while (end < count && values[end] == values[end - 1])
            end++;
        if (end >= count)
            break;
        out->inner[edges++] = values[end];
        begin = end;
    }
    out->bins = edges + 1;
    return edges > 0;
}

ChiIndexInfo choose_info(Relation heap, Relation index, IndexInfo *index_info)
{
    ChiOptions options = index_options(index);
    ChiIndexInfo info;
    info.grid = options_grid(options);
    info.equi_depth = options.binning == int(ChiBinning::equi_depth);

    Sample sample;
    bool range_open = !options.value_range_given();
    sample_table(range_open || info.equi_depth ? heap : nullptr, index, index_info, info.equi_depth,
                 &sample);

    Domain range{options.value_lo, options.value_hi};
    if (range_open)
        range = sample.any ? sample.domain : Domain{};

    equi_width_bins(range.lo, range.hi, options.bins, &info.bins);
    if (sample.values) {
        double *end = std::remove_if(sample.values, sample.values + sample.count,
                                     [&](double v) { return v < range.lo || v > range.hi; });
        ChiBins bins = info.bins;
        if (equi_depth_bins(sample.values, end - sample.values, options.bins, &bins))
            info.bins = bins;
        pfree(sample.values);
    }
    return info;
}

} // namespace mq
