// Aggregates of a group's numbers: whatever the rows turn out to be, and in whatever order
// PostgreSQL adds them up, the value it computes is in the interval.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "core/interval/group_sums.h"
#include "core/interval/interval.h"
#include "random_mask.h"

using namespace mq;

namespace
{

using Rng = test::Random;

double below(Rng &rng, double limit)
{
    return std::uniform_real_distribution<>(0, limit)(rng);
}
bool chance(Rng &rng, int percent)
{
    return int(rng() % 100) < percent;
}

// What is known of a row, and what it is.
struct Row {
    uint8_t in; // outcomes of FILTER
    Num n;
    bool counts; // FILTER is true and the number is not NULL
    double value;
};

enum class Kind { counts, fractions, huge };

Row random_row(Rng &rng, Kind kind, bool may_be_negative)
{
    Row r;
    const double scale = kind == Kind::huge ? std::pow(10, below(rng, 30)) : 1000;
    double v = below(rng, scale);
    if (kind == Kind::counts)
        v = std::floor(v);
    if (may_be_negative && chance(rng, 50))
        v = -v;
    if (chance(rng, 10))
        v = 0;
    double lo = v, hi = v;
    if (chance(rng, 60)) {
        lo -= kind == Kind::counts ? std::floor(below(rng, 50)) : below(rng, scale / 20);
        hi += kind == Kind::counts ? std::floor(below(rng, 50)) : below(rng, scale / 20);
        if (!may_be_negative)
            lo = std::fmax(lo, 0);
    }
    const bool may_be_null = chance(rng, 10), is_null = may_be_null && chance(rng, 50);
    r.n = make_num(lo, hi, uint8_t(kMayValue | (may_be_null ? kMayNull : 0)), kind == Kind::counts);
    if (is_null && chance(rng, 50))
        r.n = any_num(kMayNull);
    const bool filtered = chance(rng, 20);
    r.in = filtered ? kFalse : kTrue;
    if (chance(rng, 20))
        r.in |= filtered ? kTrue : kNull;
    r.counts = !filtered && !is_null;
    r.value = v;
    return r;
}

void expect_holds(const Num &n, bool is_null, double value, const char *what)
{
    if (is_null) {
        EXPECT_TRUE(n.may & kMayNull) << what;
        return;
    }
    ASSERT_TRUE(n.may & kMayValue) << what;
    if (is_any(n))
        return;
    EXPECT_LE(n.lo, value) << what;
    EXPECT_GE(n.hi, value) << what;
    if (value != 0) {
        EXPECT_LE(n.tiny, std::fabs(value)) << what;
    }
    if (n.whole) {
        EXPECT_EQ(std::trunc(value), value) << what;
    }
}

// Of the numbers that count, in their order, as float8's aggregates compute them.
void check_values(const GroupSums &s, const std::vector<double> &values)
{
    double sum = 0, least = 0, most = 0;
    for (size_t i = 0; i < values.size(); i++) {
        sum = i == 0 ? values[i] : sum + values[i];
        least = i == 0 ? values[i] : std::fmin(least, values[i]);
        most = i == 0 ? values[i] : std::fmax(most, values[i]);
    }
    const bool none = values.empty();
    auto known = [&](GroupOperation op) { return group_value(s, op, GroupArithmetic::f8); };
    expect_holds(known(GroupOperation::count), false, double(values.size()), "count");
    expect_holds(known(GroupOperation::sum), none, sum, "sum");
    expect_holds(known(GroupOperation::avg), none, sum / double(values.size()), "avg");
    expect_holds(known(GroupOperation::min), none, least, "min");
    expect_holds(known(GroupOperation::max), none, most, "max");
    if (none)
        return;
    // As exact arithmetic does: a long double is close enough to 10^-13.
    long double exact = 0;
    for (double v : values)
        exact += v;
    expect_holds(group_value(s, GroupOperation::sum, GroupArithmetic::exact), false, double(exact),
                 "exact sum");
    expect_holds(group_value(s, GroupOperation::avg, GroupArithmetic::exact), false,
                 double(exact / (long double)(values.size())), "exact avg");
}

} // namespace

TEST(GroupSums, HoldsEveryOrder)
{
    Rng rng(test::seed());
    for (int i = 0; i < 4000; i++) {
        const Kind kind = static_cast<Kind>(rng() % 3);
        const bool negative = chance(rng, 40);
        const int rows = chance(rng, 20) ? 1 : int(rng() % 60);
        GroupSums s;
        start_group_sums(&s);
        std::vector<double> values;
        for (int j = 0; j < rows; j++) {
            Row r = random_row(rng, kind, negative);
            add_group_row(&s, r.in, r.n);
            if (r.counts)
                values.push_back(r.value);
        }
        for (int order = 0; order < 4; order++) {
            check_values(s, values);
            std::shuffle(values.begin(), values.end(), rng);
        }
        if (HasFailure())
            FAIL() << "group " << i;
    }
}

TEST(GroupSums, IsExactForKnownCounts)
{
    GroupSums s;
    start_group_sums(&s);
    for (double v : {3.0, 5.0, 8.0})
        add_group_row(&s, kTrue, make_num(v, v, kMayValue, true));
    const GroupArithmetic f8 = GroupArithmetic::f8;
    EXPECT_EQ(group_value(s, GroupOperation::sum, f8).lo, 16);
    EXPECT_EQ(group_value(s, GroupOperation::sum, f8).hi, 16);
    EXPECT_EQ(group_value(s, GroupOperation::avg, f8).lo, 16.0 / 3);
    EXPECT_EQ(group_value(s, GroupOperation::avg, f8).hi, 16.0 / 3);
    EXPECT_EQ(group_value(s, GroupOperation::min, f8).hi, 3);
    EXPECT_EQ(group_value(s, GroupOperation::max, f8).lo, 8);
    EXPECT_EQ(group_value(s, GroupOperation::count, f8).may, kMayValue);
}

TEST(GroupSums, TellsOfNullsAndErrors)
{
    GroupSums s;
    start_group_sums(&s);
    EXPECT_EQ(group_value(s, GroupOperation::sum, GroupArithmetic::f8).may, kMayNull);
    EXPECT_EQ(group_value(s, GroupOperation::count, GroupArithmetic::f8).hi, 0);
    // A row that may count makes NULL possible as long as none must.
    add_group_row(&s, kTrue | kFalse, make_num(4, 7));
    Num least = group_value(s, GroupOperation::min, GroupArithmetic::f8);
    EXPECT_EQ(least.may, kMayValue | kMayNull);
    EXPECT_EQ(least.lo, 4);
    EXPECT_EQ(least.hi, 7);
    add_group_row(&s, kTrue, make_num(5, 6));
    least = group_value(s, GroupOperation::min, GroupArithmetic::f8);
    EXPECT_EQ(least.may, kMayValue);
    EXPECT_EQ(least.hi, 6);
    // An argument that may fail counts unless FILTER keeps it out.
    add_group_row(&s, kFalse, any_num());
    EXPECT_EQ(group_value(s, GroupOperation::count, GroupArithmetic::f8).may, kMayValue);
    add_group_row(&s, kTrue | kNull, any_num());
    EXPECT_TRUE(group_value(s, GroupOperation::count, GroupArithmetic::f8).may & kMayError);
    EXPECT_TRUE(is_any(group_value(s, GroupOperation::sum, GroupArithmetic::f8)));
}
