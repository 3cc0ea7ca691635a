// Turns row-shaped entries into a segment.
#include "core/chi/entry_layout.h"
#include "core/segment/layout.h"

namespace mq
{

namespace
{

bool refuse(Error &err, const char *what)
{
    return err.set(ErrorCode::index_corrupted, "cannot seal chi entries: %s", what);
}

// The entries as counts. They were checked to be of one shape.
struct Rows {
    const Bytes *entries;
    uint32_t n;
    ChiEntry shape;

    ChiEntry row(uint32_t i) const
    {
        ChiEntry e = shape;
        e.data = entries[i].data + kChiEntryHeaderSize;
        return e;
    }
};

// Bits that the largest count of an edge takes. Also writes the edge's coarse counts.
uint32_t edge_width(const Rows &rows, int32_t edge, uint8_t *coarse)
{
    uint32_t all = 0;
    const size_t cells = rows.shape.grid.cells();
    const uint32_t shift = coarse_shift(rows.shape.grid);
    for (uint32_t i = 0; i < rows.n; i++) {
        ChiEntry e = rows.row(i);
        uint64_t sum = 0;
        size_t bit = plane_bit(e, edge);
        for (size_t c = 0; c < cells; c++, bit += e.bits) {
            const uint32_t count = load_count(e, bit);
            all |= count;
            sum += count;
        }
        coarse[i] = coarse_count(sum, shift);
    }
    return all == 0 ? 0 : 32 - uint32_t(__builtin_clz(all));
}

template <typename Lane>
void pack_block(const Rows &rows, int32_t edge, const Segment &s, uint32_t block, uint8_t *out)
{
    constexpr uint32_t bits_of_lane = sizeof(Lane) * 8;
    const uint32_t width = s.width[edge], n = block_rows(s, block);
    const size_t stride = word_stride(s), cells = s.shape.grid.cells();
    memset(out, 0, edge_block_size(s, edge, block));
    for (uint32_t r = 0; width > 0 && r < n; r++) {
        ChiEntry e = rows.row(block * kBlockRows + r);
        CountPlace at = count_place(r, width, bits_of_lane);
        uint8_t *word = out + at.word * stride + at.lane * sizeof(Lane);
        size_t bit = plane_bit(e, edge);
        for (size_t c = 0; c < cells; c++, bit += e.bits, word += kWordSize) {
            uint32_t v = load_count(e, bit);
            store_le<Lane>(word, Lane(load_le<Lane>(word) | Lane(v << at.shift)));
            if (at.straddles)
                store_le<Lane>(word + stride, Lane(load_le<Lane>(word + stride) |
                                                   Lane(v >> (bits_of_lane - at.shift))));
        }
    }
}

} // namespace

uint32_t segment_rows(size_t entry_size)
{
    const size_t fit = kMaxSegmentSize / 16 / entry_size;
    return fit < 16 ? 0 : uint32_t(std::min<size_t>(fit, kSegmentRows));
}

bool segment_size_bound(Bytes entry, uint32_t n, const ChiGrid &grid, const ChiBins &bins,
                        size_t *size, Error &err)
{
    Segment s;
    if (entry.size < kChiEntryHeaderSize)
        return refuse(err, "shorter than a header");
    if (!chi_open_header(entry.data, grid, bins, &s.shape, err))
        return false;
    s.rows = n;
    s.width[1] = uint8_t(s.shape.bits);
    *size = segment_head_size(bins) + coarse_size(n, bins.bins) +
            size_t(bins.bins - 1) * edge_size(s, 1) + n * entry.size;
    return true;
}

bool build_segment(const Bytes *entries, uint32_t n, const ChiGrid &grid, const ChiBins &bins,
                   uint8_t *out, size_t capacity, size_t *size, Error &err)
{
    Rows rows{entries, n, {}};
    if (!chi_open_entry(entries[0], grid, bins, &rows.shape, err))
        return false;
    for (uint32_t i = 1; i < n; i++)
        if (entries[i].size != entries[0].size ||
            memcmp(entries[i].data, entries[0].data, kChiEntryHeaderSize) != 0)
            return refuse(err, "they differ in shape");

    Segment s;
    s.shape = rows.shape;
    s.rows = n;
    s.tail_size = uint32_t(rows.shape.extremes.tiles());
    const size_t head_size = segment_head_size(bins);
    if (head_size + coarse_size(n, bins.bins) > capacity)
        return err.set(ErrorCode::internal, "no room for a segment of %u rows", n);
    memset(out, 0, head_size);
    out[0] = kSegmentVersion;
    store_le<uint16_t>(out + 2, uint16_t(n));
    store_le<uint32_t>(out + 4, s.tail_size);
    memcpy(out + 8, entries[0].data, kChiEntryHeaderSize);
    size_t at = head_size + coarse_size(n, bins.bins);
    for (int32_t e = 1; e < bins.bins; e++) {
        s.width[e] = uint8_t(edge_width(rows, e, out + head_size + coarse_size(n, e)));
        out[kWidthsStart + size_t(e - 1)] = s.width[e];
        if (edge_size(s, e) > capacity - at)
            return err.set(ErrorCode::internal, "no room for a segment of %u rows", n);
        for (uint32_t b = 0; b < blocks(n); b++) {
            if (lane_bits(s) == 16)
                pack_block<uint16_t>(rows, e, s, b, out + at);
            else
                pack_block<uint32_t>(rows, e, s, b, out + at);
            at += edge_block_size(s, e, b);
        }
    }
    if (size_t{n} * s.tail_size > capacity - at)
        return err.set(ErrorCode::internal, "no room for a segment of %u rows", n);
    for (uint32_t i = 0; i < n; i++, at += s.tail_size)
        memcpy(out + at, entry_tail(rows.row(i)).data, s.tail_size);
    *size = at;
    return true;
}

} // namespace mq
