// The interval of a mask leaf, from the entries of a group's members.
#include "nodes/group/leaves/group_mask.h"

extern "C" {
#include "miscadmin.h"
#include "utils/memutils.h"
}

namespace mq
{

namespace
{

void *allocate(MaskLeaf *m, size_t size)
{
    return MemoryContextAllocHuge(m->group_context, Max(size, size_t{1}));
}

bool same_level(const Level &a, const Level &b)
{
    bool same = a.everything == b.everything && a.nothing == b.nothing && a.forms == b.forms &&
                a.common_slack == b.common_slack;
    for (int i = 0; i < a.forms; i++)
        same = same && a.format[i] == b.format[i] && a.ordinal[i] == b.ordinal[i];
    return same;
}

// The member's sets, which rarely differ from those of the one before.
const MemberSets &sets_of(MaskLeaf *m, const AggregateMember &member)
{
    SetsCache *c = m->cache;
    const ChiEntry &e = *member.entry;
    const GroupBounds &g = m->bounds;
    const bool facts = m->stage == Stage::extremes;
    if (c->valid && c->format == e.format && c->domain == e.domain && c->bins == member.bins &&
        c->comparison == member.comparison && c->threshold == member.threshold &&
        c->weight == g.members.weight && same_level(c->levels.from, g.levels.from) &&
        same_level(c->levels.to, g.levels.to) && (!facts || c->sets.has_facts))
        return c->sets;
    select_sets(g, member, facts, &c->sets);
    c->valid = true;
    c->format = e.format;
    c->domain = e.domain;
    c->bins = member.bins;
    c->comparison = member.comparison;
    c->threshold = member.threshold;
    c->weight = g.members.weight;
    c->levels = g.levels;
    return c->sets;
}

// Starts adding up, once all members are known by kind. False: nothing will be known.
bool start_adding(MaskLeaf *m, const ChiEntry &first)
{
    AggregateLevels levels;
    if (!find_levels(m->call, m->members, &levels))
        return false;
    const bool share = m->share != MaskShare::none && !levels.from.everything &&
                       !levels.from.nothing && levels.to.nothing;
    start_aggregate(m->call, m->members, levels, share, first, &m->bounds);
    start_counts(&m->bounds, allocate(m, counts_size(m->bounds)));
    m->adding = true;
    return true;
}

// Calls f(member, its sets) for all.
template <typename F> void for_members(MaskLeaf *m, F f)
{
    for (StoredMember *s = m->stored; s; s = s->next) {
        CHECK_FOR_INTERRUPTS();
        f(&m->bounds, s->member, sets_of(m, s->member));
    }
}

// What is known of cp over the aggregate and, when the leaf is a share, of that and the union.
struct Found {
    CountBounds counts;
    RatioBounds share;
    uint64_t least; // pixels of the union
};

bool read_bounds(MaskLeaf *m, bool with_extremes, Found *out)
{
    return m->bounds.share ? share_bounds(m->bounds, with_extremes, &out->share, &out->least)
           : with_extremes ? extreme_bounds(m->bounds, &out->counts)
                           : counted_bounds(m->bounds, &out->counts);
}

bool find_bounds(MaskLeaf *m, Found *out)
{
    if (m->overflown)
        return m->adding && read_bounds(m, false, out);
    if (!start_adding(m, m->stored->entry))
        return false;
    for_members(m, add_counts);
    const size_t size = m->stage == Stage::counts ? 0 : extremes_size(m->bounds);
    if (size == 0)
        return read_bounds(m, false, out);
    start_extremes(&m->bounds, allocate(m, size));
    for_members(m, add_extremes);
    judge_tiles(&m->bounds);
    for_members(m, add_rest);
    return read_bounds(m, true, out);
}

// The share of an intersection in a union, when bounds of both have to do.
bool divide(MaskLeaf *m, Found *found)
{
    if (m->overflown)
        return false;
    const CountBounds part = found->counts;
    m->call.kind = MaskAggregate::unite;
    const bool known = find_bounds(m, found);
    m->call.kind = MaskAggregate::intersect;
    if (!known)
        return false;
    const CountBounds whole = found->counts;
    found->least = whole.lo;
    found->share.lo = part.lo > 0 ? double(part.lo) / double(whole.hi) : 0;
    found->share.hi = part.hi == 0 ? 0 : double(part.hi) / double(Max(whole.lo, 1));
    return true;
}

} // namespace

void count_member(MaskLeaf *m, const AggregateMember &member)
{
    if (!m->adding)
        m->known = start_adding(m, *member.entry);
    if (m->known)
        add_counts(&m->bounds, member, sets_of(m, member));
}

Num value_of_mask(GroupLeaf *leaf)
{
    MaskLeaf *m = (MaskLeaf *)leaf;
    // A mask that is not known may not fit the others, which is an error.
    if (!m->known)
        return any_num();
    if (m->is_null || m->members.count == 0)
        return any_num(kMayNull);
    Assert(m->is_error || (m->overflown ? m->adding : m->stored != nullptr));
    Found found;
    if (m->is_error || !find_bounds(m, &found))
        return any_num();
    if (m->share == MaskShare::none)
        return make_num(double(found.counts.lo), double(found.counts.hi), kMayValue, true);
    if (!m->bounds.share && !divide(m, &found))
        return any_num();
    return make_num(found.share.lo, found.share.hi,
                    found.least > 0                ? kMayValue
                    : m->share == MaskShare::error ? kMayValue | kMayError
                                                   : kMayValue | kMayNull);
}

} // namespace mq
