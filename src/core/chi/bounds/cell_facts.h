// What the counts and the extremes of an entry say of one cell, for those that add cells up.
#pragma once

#include "core/chi/bounds/bounds.h"
#include "core/chi/entry_layout.h"

namespace mq
{

// Counts of single cells between two edges.
class PlanePair
{
  public:
    PlanePair(const ChiEntry &e, int32_t from, int32_t to)
        : entry(e), empty(from >= to), from_all(from == 0), to_none(to == e.bins),
          from_bit(empty || from_all ? 0 : plane_bit(e, from)),
          to_bit(empty || to_none ? 0 : plane_bit(e, to))
    {
    }

    uint32_t count(size_t cell, uint32_t area) const
    {
        if (empty)
            return 0;
        uint32_t above = from_all ? area : load_count(entry, from_bit + cell * entry.bits);
        uint32_t beyond = to_none ? 0 : load_count(entry, to_bit + cell * entry.bits);
        // Counts of a sound entry never grow with the edge; a damaged one must not wrap around.
        return above > beyond ? above - beyond : 0;
    }

  private:
    const ChiEntry &entry;
    bool empty, from_all, to_none;
    size_t from_bit, to_bit; // where the planes start
};

// Pixels of a cell, or of a part of it, whose place is known from the extremes of its tiles. All
// are sums over pixels, so those of disjoint parts add up.
struct CellFacts {
    uint32_t surely = 0, possibly = 0; // counted, of those inside the roi
    uint32_t not_counted = 0; // inside the upper bound's edges, but outside the roi or not counted
    uint32_t outside = 0;     // outside the roi, possibly inside the lower bound's edges
    uint32_t beyond = 0;      // inside the roi and counted, but outside the lower bound's edges
};

// Adds a tile, or a part of one, with these numbers of pixels inside and outside of the roi.
inline void add_tile(CellFacts *sum, uint8_t fact, uint32_t inside, uint32_t outside)
{
    const bool none = fact & kNoneCount, all = fact & kAllCount;
    sum->surely += all ? inside : 0;
    sum->possibly += none ? 0 : inside;
    if (fact & kAllInUpper)
        sum->not_counted += outside + (none ? inside : 0);
    if (!(fact & kNoneInLower))
        sum->outside += outside;
    else if (all)
        sum->beyond += inside;
}

// Of the pixels in `cell`, those in `in` being inside the roi. An entry without extremes tells
// nothing: all inside possibly count, all outside possibly lie inside the lower bound's edges.
// REQUIRES: in lies inside cell, cell inside the mask.
CellFacts gather_facts(const ChiEntry &entry, const TileFacts &facts, const PixelRect &cell,
                       const PixelRect &in);

// a - b, and 0 where that would be less.
inline uint32_t minus(uint32_t a, uint32_t b)
{
    return a > b ? a - b : 0;
}

} // namespace mq
