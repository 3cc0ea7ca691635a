#include "core/chi/entry_layout.h"
#include "core/segment/layout.h"

namespace mq
{

static bool corrupted(Error &err, const char *what)
{
    err.set(ErrorCode::index_corrupted, "segment of chi entries is corrupted: %s", what);
    return err.with_hint("Rebuild the index with REINDEX.");
}

size_t segment_head_size(const ChiBins &bins)
{
    size_t used = kWidthsStart + size_t(bins.bins - 1);
    return (used + kWordSize - 1) / kWordSize * kWordSize;
}

bool open_segment(Bytes head, uint64_t size, const ChiGrid &grid, const ChiBins &bins, Segment *out,
                  Error &err)
{
    const size_t head_size = segment_head_size(bins);
    if (head.size < head_size || size < head_size || size > kMaxSegmentSize)
        return corrupted(err, "impossible size");
    const uint8_t *p = head.data;
    if (p[0] != kSegmentVersion || p[1] != 0)
        return corrupted(err, "unknown version");
    out->rows = load_le<uint16_t>(p + 2);
    out->size = size;
    if (out->rows == 0 || out->rows > kSegmentRows)
        return corrupted(err, "impossible number of rows");
    memcpy(out->header, p + 8, kChiEntryHeaderSize);
    if (!chi_open_header(out->header, grid, bins, &out->shape, err))
        return false;
    out->tail_size = uint32_t(out->shape.extremes.tiles());
    if (load_le<uint32_t>(p + 4) != out->tail_size)
        return corrupted(err, "its tails do not fit its masks");
    out->entry_size = kChiEntryHeaderSize + out->shape.counts_size + out->tail_size + kEntryPadding;

    // At most 2^28 cells of 29 bits for 2^8 edges and rows: nothing overflows in 64 bits.
    out->coarse_start = head_size;
    out->coarse_shift = coarse_shift(out->shape.grid);
    uint64_t at = head_size + coarse_size(out->rows, out->shape.bins);
    for (int32_t e = 1; e < out->shape.bins; e++) {
        out->width[e] = p[kWidthsStart + size_t(e - 1)];
        if (out->width[e] > out->shape.bits)
            return corrupted(err, "its counts do not fit its cells");
        out->start[e] = at;
        at += edge_size(*out, e);
    }
    out->tail_start = at;
    if (at + uint64_t{out->rows} * out->tail_size != size)
        return corrupted(err, "its size differs from its contents");
    return true;
}

} // namespace mq
