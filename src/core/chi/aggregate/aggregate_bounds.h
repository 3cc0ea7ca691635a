// Bounds of cp over an aggregate of masks, from the entries of its members: no aggregated mask has
// an entry of its own. README.md beside this file ("Bounds of a mask aggregate") states and proves
// what they claim.
//
// Members are told one after the other, a few times over, and none is kept:
//   survey_member() each, find_levels(), start_aggregate(), start_counts();
//   add_counts() each, counted_bounds();            the first stage
//   add_extremes() each, judge_tiles(), add_rest() each, extreme_bounds();    the second
#pragma once

#include "core/chi/aggregate/level_sets.h"
#include "core/chi/bounds/overlap.h"

namespace mq
{

// What is selected for members of one format, domain and index, for both levels of a group.
struct MemberSets {
    EdgeSelection edges[2];
    bool has_facts; // then also:
    TileFacts facts[2];
    double least[256],
        most[256]; // mean, sum: what a pixel of a tile with this byte is at least, at most
};

// Over a set of pixels, the counts of all members' sets: sums and extremes of their bounds.
struct CountSums {
    uint64_t missing;                 // pixels that the inner sets may lack, added up
    uint64_t reaching;                // pixels that the outer sets may hold, added up
    uint32_t most_inner, least_outer; // the largest lower bound, the smallest upper one
};

// A small tile: how many members' inner sets hold all of its pixels, how many outer ones hold any,
// and between which values the weighted sum of the members' pixels lies.
struct TileSums {
    uint32_t sure[2], possible[2];
    double least, most;
    bool open[2]; // by level: neither all of its pixels surely lie in it, nor surely none
};

// What the tiles leave of the part of a cell that lies inside the roi, by level. With `share` the
// first is about the intersection: open are tiles that it may hold some pixels of; the second about
// the union: open are those of which it is not known how they are divided.
struct CellRest {
    uint32_t surely_in, open; // pixels in the level (in the intersection), pixels of open tiles
    uint32_t differ;          // pixels in some members' sets and not in others
    CountSums sums;           // over the open ones
};

struct GroupBounds {
    AggregateCall call;
    GroupMembers members;
    AggregateLevels levels;
    bool share;    // the intersection's share of the union is asked for: see share_bounds()
    CellGrid grid; // of the first member; others may have other cells: then
    bool one_grid; // is false, and only counts over the whole roi are of use
    ExtremeGrid extremes;
    bool one_tiling; // all members have tiles of extremes, of one size
    PixelRect rect;  // the roi inside the masks
    CellRange range; // of the touched cells
    size_t n_cells;
    CountSums *cells[2]; // of `from` and `to`; null for a level that needs none
    CountSums whole[2];
    // Second stage:
    TileSums *tiles; // those that the roi touches
    CellRange tile_range;
    CellRest *rests[2]; // by cell, for levels that need one
};

// `first` is one of the members; share: see share_bounds(). REQUIRES: find_levels() gave the levels
// of these members.
void start_aggregate(const AggregateCall &call, const GroupMembers &members,
                     const AggregateLevels &levels, bool share, const ChiEntry &first,
                     GroupBounds *out);

// Starts the first stage, for which the caller gives counts_size() bytes, aligned as for a double,
// which live as long as the group.
size_t counts_size(const GroupBounds &group);
void start_counts(GroupBounds *group, void *memory);

// They depend on the member's format, domain, bins, comparison and threshold, and on the group's
// levels.
void select_sets(const GroupBounds &group, const AggregateMember &member, bool with_facts,
                 MemberSets *out);

void add_counts(GroupBounds *group, const AggregateMember &member, const MemberSets &sets);

// The count of pixels of the aggregate lies in [lo, hi]. False when entries contradict each other.
// REQUIRES: add_counts() of every member.
bool counted_bounds(const GroupBounds &group, CountBounds *out);

// Starts the second stage, for which the caller gives extremes_size() bytes in the same way; 0 when
// it can tell no more than the first. REQUIRES: add_counts() of every member.
size_t extremes_size(const GroupBounds &group);
void start_extremes(GroupBounds *group, void *memory);
// REQUIRES: these sets have facts.
void add_extremes(GroupBounds *group, const AggregateMember &member, const MemberSets &sets);
// Between the last add_extremes() and the first add_rest().
void judge_tiles(GroupBounds *group);
void add_rest(GroupBounds *group, const AggregateMember &member, const MemberSets &sets);
// Never looser than counted_bounds(). REQUIRES: add_rest() of every member.
bool extreme_bounds(const GroupBounds &group, CountBounds *out);

// What the intersection has of the union, cp(intersect) / cp(union) with all else equal, lies in
// [out->lo, out->hi], and the union has at least *least pixels. Closer than what follows from
// bounds of either. False when entries contradict each other. REQUIRES: the group was started with
// `share`, which asks for kind = intersect, levels.from neither everything nor nothing and
// levels.to nothing; all of either stage was done.
bool share_bounds(const GroupBounds &group, bool with_extremes, RatioBounds *out, uint64_t *least);

} // namespace mq
