// Segments from bytes: what open_segment() accepts is read without a fault and without a read
// outside of it; the bounds of all rows and those of single rows agree; an entry that comes out
// goes in again.
#include <algorithm>
#include <vector>

#include "../unit/segment_bytes.h"
#include "fuzz.h"

using namespace mq;
using namespace mq::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    // The first bytes choose grid, bins and what is asked.
    constexpr size_t kChoices = 16;
    if (size < kChoices)
        return 0;
    Bytes bytes{data + kChoices, size - kChoices};
    ChiGrid grid;
    if (data[0] % 2)
        grid = ChiGrid{1 + data[1], 1 + data[2], 0, 0};
    else
        grid = ChiGrid{0, 0, 1 + data[1] % 40, 1 + data[2] % 40};
    grid.extremes = data[3] % 3 == 0 ? kAutoExtremes : data[3] % 40;
    ChiBins bins;
    equi_width_bins(0, 1, kMinBins + data[4] % 40, &bins);

    Segment segment;
    Error err;
    Bytes head{bytes.data, std::min(bytes.size, segment_head_size(bins))};
    if (!open_segment(head, bytes.size, grid, bins, &segment, err)) {
        require_error(err);
        return 0;
    }
    const size_t needed = segment_cache_size(segment);
    if (needed > size_t{1} << 24 || segment.entry_size > size_t{1} << 20)
        return 0;
    std::vector<uint8_t> memory(needed), entry(segment.entry_size);
    SegmentCache cache;
    cache.use(memory.data(), memory.size());
    test::SegmentBytes source{bytes};
    EdgeSelection edges;
    edges.upper_from = data[5] % (bins.bins + 1);
    edges.upper_to = edges.upper_from + data[6] % (bins.bins + 1 - edges.upper_from);
    edges.lower_from = std::min(edges.upper_from + data[7] % 2, edges.upper_to);
    edges.lower_to = std::max(edges.upper_to - data[7] / 2 % 2, edges.lower_from);
    Roi roi{data[8] - 5, data[9] - 5, data[8] + data[10], data[9] + data[11]};

    std::vector<uint32_t> lo(kSegmentRows), hi(kSegmentRows);
    require(source.bound_rows_coarsely(segment, edges, roi, lo.data(), hi.data()),
            "coarse counts: read outside of the segment");
    require(source.bound_rows(segment, edges, roi, nullptr, &cache, lo.data(), hi.data()),
            "all rows: read outside of the segment");
    for (uint32_t row = data[12] % segment.rows; row < segment.rows; row += 1 + data[13]) {
        CountBounds b;
        require(source.bound_row(segment, row, edges, roi, &cache, &b),
                "one row: read outside of the segment");
        require(b.hi == hi[row], "upper bounds differ");
        // Counts above a cell's area overflow the sums of the lower bounds.
        if (b.lo <= b.hi)
            require(b.lo == lo[row], "lower bounds differ");
        require(source.extract_entry(segment, row, &cache, entry.data()), "cannot extract");
        ChiEntry opened;
        require(chi_open_entry(Bytes{entry.data(), entry.size()}, grid, bins, &opened, err),
                "extracted entry is damaged", err.message);
        CountBounds again = chi_bounds(opened, edges, roi);
        require(b.lo == again.lo && b.hi == again.hi, "bounds of the entry differ");
    }

    // One row, sealed again.
    Bytes again{entry.data(), entry.size()};
    memcpy(entry.data(), segment.header, sizeof segment.header);
    size_t bound = 0, sealed = 0;
    require(segment_size_bound(again, 1, grid, bins, &bound, err), "no bound", err.message);
    std::vector<uint8_t> out(bound);
    require(build_segment(&again, 1, grid, bins, out.data(), bound, &sealed, err), "cannot seal",
            err.message);
    require(
        open_segment(Bytes{out.data(), segment_head_size(bins)}, sealed, grid, bins, &segment, err),
        "cannot open", err.message);
    return 0;
}
