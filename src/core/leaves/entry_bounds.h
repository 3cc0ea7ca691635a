// The bounds of a program's calls, taken from the CHI entries of its sources.
#pragma once

#include "core/program/program.h"

namespace mq
{

// What the entry of a source's current row is about.
struct SourceEntry {
    const ChiEntry *shape; // format, domain and grid; the counts may be elsewhere
    const ChiBins *bins;   // of its index
};

// Thresholds rarely change from row to row, so what is selected for them is kept, for each mask of
// a call.
struct SiteEdges {
    bool valid;
    const ChiBins *bins;
    PixelFormat format;
    Domain domain;
    double lv, uv;
    EdgeSelection edges;
    SumEdges *sum_edges; // of a pixel_sum, in place of edges; null until needed
};

// Two a site: an overlap has two masks.
constexpr int kMasksOfSite = 2;

struct EntryBounds {
    // Finds the entry of a source's current row. False when nothing is known of it.
    bool (*find)(void *context, int source, SourceEntry *out);
    // What chi_bounds gives for an entry that was found, or closer; and that entry with its counts,
    // until the next row. False when it has gone since.
    bool (*count)(void *context, const CpCall &call, const EdgeSelection &edges, CountBounds *out);
    bool (*entry)(void *context, int source, ChiEntry *out);
    // Memory that lasts as long as this.
    void *(*allocate)(void *context, size_t size);
    void *context;
    // kMasksOfSite for each site of the program, zeroed; to be zeroed again (but for sum_edges)
    // when an index comes to have other bins in the same place.
    SiteEdges *sites;
    // May be null; else, a site: the call's value, where the current row's bounds leave just one.
    // The caller sets `exact` to 0 before a row; it counts them.
    double *values = nullptr;
    int exact = 0;
    // May be null: no mask is known to be NULL. Else whether the current row's is.
    bool (*is_null)(void *context, int source) = nullptr;
};

// The callbacks over `bounds`, which must stay where it is.
BoundSource entry_bound_source(EntryBounds *bounds);

} // namespace mq
