#include "core/chi/aggregate/level_sets.h"

#include <cmath>

#include "core/chi/bounds/scale.h"

namespace mq
{

namespace
{

// Up to so many members the rounding errors of sums stay below kSlack of the largest value.
constexpr uint64_t kMaxSummed = uint64_t{1} << 20;
constexpr double kSlack = 0x1p-31;
// Sums below this do not overflow on the way, and those above that lose nothing to underflow.
constexpr double kMaxSum = 1e300, kMinSum = 1e-280;

constexpr Domain kBits{0, 1};

double reach(const Domain &d)
{
    return std::fmax(std::fabs(d.lo), std::fabs(d.hi));
}

// The first number from 0 to `last` that satisfies a predicate that stays true; last + 1 when none
// does.
template <typename F> uint64_t first_that(uint64_t last, F satisfies)
{
    uint64_t lo = 0, hi = last + 1;
    while (lo < hi) {
        uint64_t middle = lo + (hi - lo) / 2;
        if (satisfies(middle))
            hi = middle;
        else
            lo = middle + 1;
    }
    return lo;
}

// The first ordinal of a member whose value satisfies a predicate that stays true as values grow;
// the end of all ordinals when none does.
template <typename F> uint32_t first_ordinal(PixelFormat format, const Domain &domain, F satisfies)
{
    Scale scale(format, domain);
    uint64_t n = first_that(scale.top - scale.bottom, [&](uint64_t above) {
        uint32_t raw = ordinal_to_raw(format, scale.bottom + static_cast<uint32_t>(above));
        return satisfies(raw_to_value(format, domain, raw));
    });
    return n == 0 ? 0 : scale.limit(scale.bottom + static_cast<uint32_t>(n));
}

// What the aggregate's ordinals are compared with, in one format that it may have: two limits for
// the levels `from` and `to`.
OrdinalRange counted_in(const AggregateCall &call, PixelFormat format, const Domain &domain)
{
    Scale scale(format, domain);
    const OrdinalRange none{scale.end, scale.end};
    if (!call.result_compared) {
        OrdinalRange r = scale.range(format, domain, call.lv, call.uv);
        return r.lo < r.hi ? r : none;
    }
    const bool above = call.result_comparison == Comparison::gt ||
                       call.result_comparison == Comparison::le,
               negated = call.result_comparison == Comparison::lt ||
                         call.result_comparison == Comparison::le;
    uint32_t limit = scale.limit(above ? above_ordinal(format, domain, call.result_threshold)
                                       : lower_ordinal(format, domain, call.result_threshold));
    // Which of the bits 0 and 1 are counted, and by that which side of the limit.
    OrdinalRange bits =
        Scale(PixelFormat::bit, kBits).range(PixelFormat::bit, kBits, call.lv, call.uv);
    auto counts = [&](uint32_t bit) { return bits.lo <= bit && bit < bits.hi; };
    const bool reached = counts(negated ? 0 : 1), missed = counts(negated ? 1 : 0);
    return OrdinalRange{missed    ? 0
                        : reached ? limit
                                  : scale.end,
                        reached || !missed ? scale.end : limit};
}

// How many members' bits it takes.
void count_members(const AggregateCall &call, const GroupMembers &g, Level *level)
{
    const uint64_t n = g.count;
    level->sure_of = call.kind == MaskAggregate::unite ? 1 : n;
    level->possible_of = call.kind == MaskAggregate::intersect ? n : 1;
    if (!call.members_compared || !adds_up(call.kind))
        return;
    if (call.kind == MaskAggregate::mean) {
        // Ones are added up without error, and divided as the aggregate does.
        level->sure_of = level->possible_of = first_that(
            n, [&](uint64_t k) { return surely_in(*level, kBits, double(k) / double(n), 0); });
        return;
    }
    const double slack = level->slack;
    auto weigh = [&](uint64_t k, bool least) {
        double with = double(k) * (least ? g.least_weight : g.most_weight);
        double without = g.weight - double(n - k) * (least ? g.most_weight : g.least_weight);
        return least ? std::fmax(with, without) : std::fmin(with, without);
    };
    level->sure_of =
        first_that(n, [&](uint64_t k) { return surely_in(*level, kBits, weigh(k, true), slack); });
    level->possible_of = first_that(
        n, [&](uint64_t k) { return !surely_out(*level, kBits, weigh(k, false), slack); });
}

Level make_level(const AggregateCall &call, const GroupMembers &group, const Level &forms)
{
    Level l = forms;
    l.everything = l.nothing = true;
    for (int i = 0; i < l.forms; i++) {
        l.everything = l.everything && l.ordinal[i] == 0;
        l.nothing = l.nothing && l.ordinal[i] >= ordinal_end(l.format[i]);
    }
    if (!l.everything && !l.nothing)
        count_members(call, group, &l);
    return l;
}

// { pixels whose bit is 1 }
OrdinalRange ones(const AggregateMember &m)
{
    const ChiEntry &e = *m.entry;
    const bool above = m.comparison == Comparison::gt || m.comparison == Comparison::le,
               negated = m.comparison == Comparison::lt || m.comparison == Comparison::le;
    uint32_t first = above ? above_ordinal(e.format, e.domain, m.threshold)
                           : lower_ordinal(e.format, e.domain, m.threshold);
    return negated ? OrdinalRange{0, first} : OrdinalRange{first, ordinal_end(e.format)};
}

} // namespace

bool survey_member(const AggregateCall &call, const AggregateMember &member, GroupMembers *group)
{
    const ChiEntry &e = *member.entry;
    const PixelFormat format = call.members_compared ? PixelFormat::bit : e.format;
    const Domain domain = call.members_compared ? kBits : e.domain;
    const Shape shape{e.grid.width, e.grid.height};
    const double weight = member.weight;
    if (!std::isfinite(weight) || weight < 0)
        return false;
    if (group->count == 0) {
        group->shape = shape;
        group->domain = domain;
        group->format = format;
        group->least_weight = group->most_weight = weight;
    } else if (!(group->shape == shape) || !(group->domain == domain)) {
        return false;
    }
    group->count++;
    group->one_format = group->one_format && format == group->format;
    group->all_floats = group->all_floats && is_float_format(format);
    group->weight += weight;
    group->least_weight = std::fmin(group->least_weight, weight);
    group->most_weight = std::fmax(group->most_weight, weight);
    return true;
}

bool find_levels(const AggregateCall &call, const GroupMembers &group, AggregateLevels *out)
{
    Level from{}, to{};
    if (adds_up(call.kind)) {
        const double weight = call.kind == MaskAggregate::mean ? 1 : group.weight;
        const double largest = reach(group.domain) * std::fmax(weight, double(group.count));
        if (group.count > kMaxSummed || !(reach(group.domain) * weight > kMinSum) ||
            !(largest < kMaxSum))
            return false;
        // Means of f32 and f16 pixels are never beyond the least or the greatest of them.
        const bool exact = call.kind == MaskAggregate::mean && group.all_floats;
        from.slack = kSlack * weight * reach(group.domain);
        from.common_slack = exact ? 0 : from.slack;
    }
    const bool keeps_format = !adds_up(call.kind) && group.one_format;
    if (keeps_format)
        from.format[from.forms++] = group.format;
    if (!keeps_format ||
        (call.kind == MaskAggregate::monotone && group.format != PixelFormat::f32)) {
        Error err;
        if (!check_domain(PixelFormat::f32, group.domain, err))
            return false;
        from.format[from.forms++] = PixelFormat::f32;
    }
    to = from;
    for (int i = 0; i < from.forms; i++) {
        OrdinalRange r = counted_in(call, from.format[i], group.domain);
        from.ordinal[i] = r.lo;
        to.ordinal[i] = r.hi;
    }
    out->from = make_level(call, group, from);
    out->to = make_level(call, group, to);
    return true;
}

bool surely_in(const Level &level, const Domain &domain, double value, double slack)
{
    return lower_ordinal(PixelFormat::f32, domain, value - slack) >= level.ordinal[0];
}

bool surely_out(const Level &level, const Domain &domain, double value, double slack)
{
    return lower_ordinal(PixelFormat::f32, domain, value + slack) < level.ordinal[0];
}

CountedOrdinals member_ordinals(const AggregateCall &call, const GroupMembers &group,
                                const Level &level, const AggregateMember &member)
{
    const ChiEntry &e = *member.entry;
    const uint32_t end = ordinal_end(e.format);
    OrdinalRange inner{0, end}, outer{end, 0};
    for (int i = 0; i < level.forms; i++) {
        const uint32_t least = level.ordinal[i];
        OrdinalRange in{0, end}, out{0, end};
        if (least >= ordinal_end(level.format[i])) {
            in = out = OrdinalRange{end, 0};
        } else if (least > 0 && call.members_compared) {
            in = out = ones(member);
        } else if (least > 0 && adds_up(call.kind)) {
            const double scale = call.kind == MaskAggregate::mean ? 1 : group.weight;
            in.lo = first_ordinal(e.format, e.domain, [&](double v) {
                return surely_in(level, group.domain, scale * v, level.common_slack);
            });
            out.lo = first_ordinal(e.format, e.domain, [&](double v) {
                return !surely_out(level, group.domain, scale * v, level.common_slack);
            });
        } else if (least > 0 && level.format[i] == e.format) {
            in.lo = out.lo = least;
        } else if (least > 0) {
            in.lo = out.lo = first_ordinal(e.format, e.domain, [&](double v) {
                double kept = std::fmin(std::fmax(v, e.domain.lo), e.domain.hi);
                return lower_ordinal(PixelFormat::f32, e.domain, kept) >= least;
            });
        }
        inner = OrdinalRange{std::max(inner.lo, in.lo), std::min(inner.hi, in.hi)};
        if (out.lo < out.hi)
            outer = OrdinalRange{std::min(outer.lo, out.lo), std::max(outer.hi, out.hi)};
    }
    return CountedOrdinals{inner, outer};
}

} // namespace mq
