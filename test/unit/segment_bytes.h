// A segment in memory, read as the access method reads one from pages: core/segment plans, this
// reads what was planned, core/segment computes. For unit tests, fuzzers and benchmarks.
#pragma once

#include "core/segment/segment.h"

namespace mq::test
{

struct SegmentBytes {
    Bytes bytes;
    int reads_left = 1 << 30; // the read after these fails
    size_t reads = 0, bytes_read = 0;
    bool outside = false; // a read was planned outside of the segment
    SegmentReads planned{};

    bool read(uint64_t offset, size_t length, uint8_t *out)
    {
        if (reads_left-- == 0)
            return false;
        if (!bytes.contains(offset, length)) {
            outside = true;
            return false;
        }
        memcpy(out, bytes.data + offset, length);
        reads++;
        bytes_read += length;
        return true;
    }

    bool read_planned(uint8_t *memory)
    {
        bool ok = true;
        for (int i = 0; ok && i < planned.n; i++)
            ok = read(planned.list[i].offset, planned.list[i].length, memory + planned.list[i].at);
        planned.n = 0;
        return ok;
    }

    bool bound_rows(const Segment &s, const EdgeSelection &edges, const Roi &roi,
                    const uint8_t *wanted, SegmentCache *cache, uint32_t *lo, uint32_t *hi)
    {
        plan_segment_bounds(s, edges, roi, wanted, cache, &planned);
        if (!read_planned(cache->memory))
            return false;
        segment_bounds(s, edges, roi, wanted, *cache, lo, hi);
        return true;
    }

    bool bound_rows_coarsely(const Segment &s, const EdgeSelection &edges, const Roi &roi,
                             uint32_t *lo, uint32_t *hi)
    {
        uint8_t counts[kCoarseBytes];
        plan_coarse_bounds(s, edges, roi, &planned);
        if (!read_planned(counts))
            return false;
        segment_coarse_bounds(s, edges, roi, counts, lo, hi);
        return true;
    }

    bool bound_row(const Segment &s, uint32_t row, const EdgeSelection &edges, const Roi &roi,
                   SegmentCache *cache, CountBounds *out)
    {
        RowPlanes planes;
        plan_row_bounds(s, row, edges, roi, cache, &planned, &planes);
        if (!read_planned(cache->memory))
            return false;
        *out = segment_row_bounds(s, edges, roi, planes);
        return true;
    }

    bool extract_edge(const Segment &s, uint32_t row, int32_t edge, SegmentCache *cache,
                      uint8_t *out)
    {
        RowPlane plane;
        plan_row_edge(s, row, edge, cache, &planned, &plane);
        if (!read_planned(cache->memory))
            return false;
        put_row_edge(s, edge, plane, out);
        return true;
    }

    bool extract_tail(const Segment &s, uint32_t row, uint8_t *out)
    {
        return s.tail_size == 0 ||
               read(s.tail_start + uint64_t{row} * s.tail_size, s.tail_size, tail_of(s, out));
    }

    bool extract_entry(const Segment &s, uint32_t row, SegmentCache *cache, uint8_t *out)
    {
        begin_row_entry(s, out);
        for (int32_t edge = 1; edge < s.shape.bins; edge++)
            if (!extract_edge(s, row, edge, cache, out))
                return false;
        return extract_tail(s, row, out);
    }

    bool extract_edges(const Segment &s, uint32_t row, const EdgeSelection &edges,
                       SegmentCache *cache, uint8_t *out, ChiEntry *entry)
    {
        int32_t wanted[4];
        const int n = inner_edges(s, edges, wanted);
        *entry = begin_row_entry(s, out);
        for (int i = 0; i < n; i++)
            if (!extract_edge(s, row, wanted[i], cache, out))
                return false;
        return extract_tail(s, row, out);
    }
};

} // namespace mq::test
