// The edges of an index between which the bounds of a call are taken, and what else follows from
// its thresholds, kept from row to row: thresholds rarely change, nor does the format of the masks.
#pragma once

#include "core/chi/bounds/bounds.h"
#include "core/chi/bounds/sum_bounds.h"
#include "pg/pg.h"

namespace mq
{

// What is selected for one mask of a call, and for what.
struct SelectedEdges {
    bool valid;
    const ChiBins *bins; // compared as a pointer
    PixelFormat format;
    Domain domain;
    double lv, uv;
    EdgeSelection edges;
    // Of the same, once asked for; the memory stays when other edges are selected.
    bool has_facts, has_sums;
    TileFacts *facts;
    SumEdges *sums;
};

// An overlap has two masks.
constexpr int kMasksOfSite = 2;

struct EdgeCache {
    SelectedEdges *selected; // kMasksOfSite for each site of the program
    int sites;
    MemoryContext context;
};

// An empty one, whose memory comes from `context` and lasts as long.
EdgeCache make_edge_cache(int sites, MemoryContext context);

// To be called when an index comes to have other bins in the same place.
void forget_edges(EdgeCache *cache);

// The edges of the site's first mask, or of its second (mask = 1), for an entry of this shape in an
// index with these bins. They hold until the same mask of the site is asked for with another shape,
// index or range. REQUIRES: lv <= uv, neither NaN.
SelectedEdges *select_for(EdgeCache *cache, int site, int mask, const ChiBins *bins,
                          const ChiEntry &shape, double lv, double uv);

// What the bytes of tile extremes tell, and the edges of a sum, for the same.
const TileFacts &selected_facts(EdgeCache *cache, SelectedEdges *s);
const SumEdges &selected_sums(EdgeCache *cache, SelectedEdges *s);

} // namespace mq
