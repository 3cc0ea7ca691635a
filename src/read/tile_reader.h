// Reads parts of a mask value: the header and tile directory first, then only the bytes of the
// tiles that a function asks for. Tiles that one query has decoded are kept for the other functions
// of the query that look at the same value.
#pragma once

#include "core/mask/codec.h"
#include "pg/pg.h"

namespace mq
{

struct LoadedMask;

class MaskReader
{
  public:
    // Opens a mask value, stored or computed, and counts it as loaded (src/stats/stats.h) unless
    // this query has it already. Uses flinfo->fn_extra; flinfo may be null, then nothing is kept.
    // The reader lives in the caller's memory context and ends with the call. REQUIRES: a function
    // has at most two readers open. Errors: ERRCODE_DATA_CORRUPTED, also of all that follow.
    static MaskReader open(Datum mask, FmgrInfo *flinfo);

    // The same for a caller that may do with the directory, and counts nothing. A caller that goes
    // on to read pixels calls count_loaded() first. REQUIRES: the mask is the value of a column.
    static MaskReader look(Datum mask, FmgrInfo *flinfo);
    void count_loaded() const;

    const MaskHeader &header() const;
    const TileDirectory &directory() const;

    // TOAST chunks that would have to be fetched for the payload of a tile; 0 when it is at hand.
    size_t chunks_missing(uint32_t tile) const;

    // cp(mask, roi, lv, uv): pixels inside the roi with lv <= v < uv (pixel.h says how they
    // compare). Decodes only tiles that the roi touches and whose extremes straddle the range.
    // REQUIRES: lv <= uv, neither NaN.
    uint64_t count(const Roi &roi, double lv, double uv) const;

    // The value of pixel (x, y), 0-based. REQUIRES: it lies inside the mask.
    double pixel(int32_t x, int32_t y) const;

    // Calls visit with the pixels of each of `n` tiles (row-major numbers, ascending), flat and
    // without gaps, clipped as header().tile_rect says. The pixels are valid during the call only.
    // What is missing of their payloads is fetched together, up to a megabyte at a time.
    using Visit = void (*)(uint32_t tile, const void *pixels, void *arg);
    void visit_tiles(const uint32_t *tiles, size_t n, Visit visit, void *arg) const;

  private:
    MaskReader(LoadedMask *mask, struct varlena *stored) : mask_(mask), stored_(stored) {}
    LoadedMask *mask_;
    struct varlena *stored_;
};

} // namespace mq
