// What cp of an aggregate of masks counts, said of the aggregated masks themselves: the pixels
// where the result reaches a value are those that lie in enough of the members' own level sets.
// README.md beside this file ("Bounds of a mask aggregate") states and proves it.
#pragma once

#include "core/chi/bounds/bounds.h"
#include "core/mask/ops/ops.h"

namespace mq
{

// The aggregates of the extension, and any other whose result lies pixel by pixel between the least
// and the greatest of its members, over their domain, in the pixel format that they share or in
// f32.
enum class MaskAggregate : uint8_t { intersect, unite, mean, sum, monotone };

// cp(aggregate, roi, lv, uv), or cp of the thresholded aggregate. REQUIRES: lv <= uv, neither NaN,
// nor result_threshold.
struct AggregateCall {
    MaskAggregate kind;
    bool members_compared; // what is aggregated are the bits of `mask > t` or the like
    bool result_compared;  // and what is counted those of `aggregate > t`
    Comparison result_comparison;
    double result_threshold;
    Roi roi;
    double lv, uv;
};

// A member: what its entry is about, and how its mask enters the aggregate.
struct AggregateMember {
    const ChiEntry *entry;
    const ChiBins *bins;
    Comparison comparison; // with members_compared,
    double threshold;      // not NaN
    double weight;         // of a sum, else 1
};

// All members of one group, counted by survey_member().
struct GroupMembers {
    uint64_t count = 0;
    Shape shape;
    Domain domain;      // of what is aggregated: [0, 1] for bits
    PixelFormat format; // of the first
    bool one_format = true, all_floats = true;
    double weight = 0, least_weight = 0, most_weight = 0;
};

// False when nothing will be known of the group: the member differs from the others in shape or
// domain (an error of the aggregate), or its weight is negative or not finite.
bool survey_member(const AggregateCall &call, const AggregateMember &member, GroupMembers *group);

// The pixels of the result with an ordinal of at least this. They are known by the number of
// members in whose sets they lie: of `sure_of` inner ones or more, surely; of fewer than
// `possible_of` outer ones, surely not.
struct Level {
    bool everything, nothing; // else:
    int forms;                // formats that the result may have,
    PixelFormat format[2];
    uint32_t ordinal[2]; // and the level in each, 0 (everything) to ordinal_end (nothing)
    uint64_t sure_of, possible_of;
    // mean, sum: how far the computed value may be from the exact one; less for members that all
    // reach one value.
    double slack, common_slack;
};

// cp counts the pixels of `from` that are not in `to`, which lies inside it.
struct AggregateLevels {
    Level from, to;
};

// False when nothing is known: the aggregate may raise an error, or has too many members for its
// rounding errors to be bounded. REQUIRES: the group has a member.
bool find_levels(const AggregateCall &call, const GroupMembers &group, AggregateLevels *out);

// Whether a pixel of a mean, or of a weighted sum, surely lies in the level, and surely does not,
// from its value before that was rounded and with that slack.
bool surely_in(const Level &level, const Domain &domain, double value, double slack);
bool surely_out(const Level &level, const Domain &domain, double value, double slack);
// Whether values are added up at all.
inline bool adds_up(MaskAggregate kind)
{
    return kind == MaskAggregate::mean || kind == MaskAggregate::sum;
}

// A member's sets for a level, in ordinals of its own format.
CountedOrdinals member_ordinals(const AggregateCall &call, const GroupMembers &group,
                                const Level &level, const AggregateMember &member);

} // namespace mq
