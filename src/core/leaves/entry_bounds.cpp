#include "core/leaves/entry_bounds.h"

namespace mq
{

namespace
{

EntryBounds *self(void *context)
{
    return static_cast<EntryBounds *>(context);
}

// The site's edges for this entry and range.
const SiteEdges &site_edges(EntryBounds *b, int site, int mask, const SourceEntry &s, double lv,
                            double uv, bool sum)
{
    SiteEdges &e = b->sites[site * kMasksOfSite + mask];
    const ChiEntry &entry = *s.shape;
    if (e.valid && e.bins == s.bins && e.format == entry.format && e.domain == entry.domain &&
        e.lv == lv && e.uv == uv)
        return e;
    e.bins = s.bins;
    e.format = entry.format;
    e.domain = entry.domain;
    e.lv = lv;
    e.uv = uv;
    if (!sum) {
        e.edges = select_edges(entry.format, entry.domain, *s.bins, lv, uv);
    } else {
        if (e.sum_edges == nullptr)
            e.sum_edges = static_cast<SumEdges *>(b->allocate(b->context, sizeof(SumEdges)));
        select_sum_edges(entry.format, entry.domain, *s.bins, lv, uv, e.sum_edges);
    }
    e.valid = true;
    return e;
}

// Notes the value of a call whose bounds meet.
bool noted(EntryBounds *b, int site, double lo, double hi)
{
    if (b->values && lo == hi) {
        b->values[site] = lo;
        b->exact++;
    }
    return true;
}

const EdgeSelection &count_edges(EntryBounds *b, const CpCall &call, const SourceEntry &s)
{
    return site_edges(b, call.site, 0, s, call.lv, call.uv, false).edges;
}

const SumEdges &sum_edges(EntryBounds *b, const CpCall &call, const SourceEntry &s)
{
    return *site_edges(b, call.site, 0, s, call.lv, call.uv, true).sum_edges;
}

bool count_bounds(void *context, const CpCall &call, CountBounds *out)
{
    EntryBounds *b = self(context);
    SourceEntry s;
    return b->find(b->context, call.source, &s) &&
           b->count(b->context, call, count_edges(b, call, s), out) &&
           noted(b, call.site, double(out->lo), double(out->hi));
}

bool count_bounds_without(void *context, const CpCall &call, const Roi &inner, CountBounds *out)
{
    EntryBounds *b = self(context);
    SourceEntry s;
    ChiEntry entry;
    return b->find(b->context, call.source, &s) && b->entry(b->context, call.source, &entry) &&
           chi_bounds_without(entry, count_edges(b, call, s), call.roi, inner, out);
}

bool sum_bounds(void *context, const CpCall &call, SumBounds *out)
{
    EntryBounds *b = self(context);
    SourceEntry s;
    ChiEntry entry;
    if (!b->find(b->context, call.source, &s) || !b->entry(b->context, call.source, &entry))
        return false;
    *out = chi_sum_bounds(entry, sum_edges(b, call, s), call.roi);
    return noted(b, call.site, out->lo, out->hi);
}

bool sum_bounds_without(void *context, const CpCall &call, const Roi &inner, SumBounds *out)
{
    EntryBounds *b = self(context);
    SourceEntry s;
    ChiEntry entry;
    return b->find(b->context, call.source, &s) && b->entry(b->context, call.source, &entry) &&
           chi_sum_bounds_without(entry, sum_edges(b, call, s), call.roi, inner, out);
}

bool overlap_bounds(void *context, const OverlapCall &call, RatioBounds *out)
{
    EntryBounds *b = self(context);
    ChiEntry entries[2];
    const EdgeSelection *edges[2];
    for (int i = 0; i < 2; i++) {
        SourceEntry s;
        if (!b->find(b->context, call.sources[i], &s) ||
            !b->entry(b->context, call.sources[i], &entries[i]))
            return false;
        edges[i] = &site_edges(b, call.site, i, s, call.threshold, __builtin_inf(), false).edges;
    }
    return chi_overlap_bounds(call.kind, entries[0], *edges[0], entries[1], *edges[1], out) &&
           noted(b, call.site, out->lo, out->hi);
}

bool is_null(void *context, int source)
{
    EntryBounds *b = self(context);
    return b->is_null && b->is_null(b->context, source);
}

} // namespace

BoundSource entry_bound_source(EntryBounds *bounds)
{
    return BoundSource{count_bounds,       bounds, sum_bounds, overlap_bounds, count_bounds_without,
                       sum_bounds_without, is_null};
}

} // namespace mq
