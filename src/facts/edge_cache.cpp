#include "facts/edge_cache.h"

namespace mq
{

EdgeCache make_edge_cache(int sites, MemoryContext context)
{
    return EdgeCache{(SelectedEdges *)MemoryContextAllocZero(
                         context, sizeof(SelectedEdges) * kMasksOfSite * size_t(Max(sites, 1))),
                     sites, context};
}

void forget_edges(EdgeCache *cache)
{
    for (int i = 0; i < kMasksOfSite * cache->sites; i++)
        cache->selected[i].valid = false;
}

SelectedEdges *select_for(EdgeCache *cache, int site, int mask, const ChiBins *bins,
                          const ChiEntry &shape, double lv, double uv)
{
    SelectedEdges *s = &cache->selected[site * kMasksOfSite + mask];
    if (s->valid && s->bins == bins && s->format == shape.format && s->domain == shape.domain &&
        s->lv == lv && s->uv == uv)
        return s;
    s->bins = bins;
    s->format = shape.format;
    s->domain = shape.domain;
    s->lv = lv;
    s->uv = uv;
    s->edges = select_edges(shape.format, shape.domain, *bins, lv, uv);
    s->has_facts = s->has_sums = false;
    s->valid = true;
    return s;
}

const TileFacts &selected_facts(EdgeCache *cache, SelectedEdges *s)
{
    if (!s->has_facts) {
        if (s->facts == nullptr)
            s->facts = (TileFacts *)MemoryContextAlloc(cache->context, sizeof(TileFacts));
        *s->facts = tile_facts(s->format, s->domain, *s->bins, s->edges, s->lv, s->uv);
        s->has_facts = true;
    }
    return *s->facts;
}

const SumEdges &selected_sums(EdgeCache *cache, SelectedEdges *s)
{
    if (!s->has_sums) {
        if (s->sums == nullptr)
            s->sums = (SumEdges *)MemoryContextAlloc(cache->context, sizeof(SumEdges));
        select_sum_edges(s->format, s->domain, *s->bins, s->lv, s->uv, s->sums);
        s->has_sums = true;
    }
    return *s->sums;
}

} // namespace mq
