#include "load_order.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace mq::bench
{

void require(bool ok, const Error &err)
{
    if (!ok) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
}

void Known::set(Rung rung, int64_t lo, int64_t hi, int64_t value, bool descending)
{
    exact = descending ? -value : value;
    best[rung] = descending ? -hi : lo;
    worst[rung] = descending ? -lo : hi;
    if (exact < best[rung] || exact > worst[rung]) {
        fprintf(stderr, "a value lies outside its bounds\n");
        exit(1);
    }
}

namespace
{

// The first values, sorted, of the maps that an algorithm has found, and how many it loaded.
struct Outcome {
    std::vector<int64_t> values;
    size_t loaded = 0;
};

Outcome run_in_sequence(const std::vector<Known> &rows, Rung rung)
{
    Outcome o;
    for (const Known &k : rows) {
        if (o.values.size() == kRows && k.best[rung] >= o.values.back())
            continue;
        o.loaded += size_t(k.masks);
        o.values.insert(std::upper_bound(o.values.begin(), o.values.end(), k.exact), k.exact);
        if (o.values.size() > kRows)
            o.values.pop_back();
    }
    return o;
}

Outcome run_best_first(const std::vector<Known> &rows, Rung rung, bool exact_is_free)
{
    std::vector<const Known *> order;
    for (const Known &k : rows)
        order.push_back(&k);
    std::stable_sort(order.begin(), order.end(), [&](const Known *a, const Known *b) {
        return std::make_pair(a->best[rung], a->worst[rung]) <
               std::make_pair(b->best[rung], b->worst[rung]);
    });
    Outcome o;
    for (const Known *k : order) {
        if (o.values.size() == kRows && o.values.back() <= k->best[rung])
            break;
        if (!exact_is_free || k->best[rung] < k->worst[rung])
            o.loaded += size_t(k->masks);
        o.values.insert(std::upper_bound(o.values.begin(), o.values.end(), k->exact), k->exact);
        if (o.values.size() > kRows)
            o.values.pop_back();
    }
    return o;
}

} // namespace

void Tally::add(const Tally &other)
{
    masks += other.masks;
    for (int i = 0; i < kRungs; i++) {
        sequential[i] += other.sequential[i];
        best_first[i] += other.best_first[i];
    }
}

Tally count_loads(const std::vector<Known> &all, bool exact_is_free)
{
    Tally t;
    std::vector<Known> rows;
    std::vector<int64_t> exact;
    for (const Known &k : all) {
        if (k.masks == 0)
            continue;
        rows.push_back(k);
        exact.push_back(k.exact);
        t.masks += size_t(k.masks);
    }
    std::sort(exact.begin(), exact.end());
    exact.resize(std::min(exact.size(), kRows));
    for (int i = 0; i < kRungs; i++) {
        const Outcome s = run_in_sequence(rows, Rung(i)),
                      b = run_best_first(rows, Rung(i), exact_is_free);
        if (s.values != exact || b.values != exact) {
            fprintf(stderr, "an algorithm gives another result than a sort\n");
            exit(1);
        }
        t.sequential[i] = s.loaded;
        t.best_first[i] = b.loaded;
    }
    return t;
}

const char *const kLoadsHead =
    "masks | the paper's: in sequence, its bounds | in sequence, bounds with extremes | best bound "
    "first, the paper's bounds | best first, per-cell bounds | best first, with extremes |";

void print_loads(const std::string &name, const Tally &t)
{
    printf("| %s | %zu | %zu |", name.c_str(), t.masks, t.sequential[paper]);
    for (size_t n :
         {t.sequential[tiles], t.best_first[paper], t.best_first[cells], t.best_first[tiles]})
        printf(" %zu (%.2f) |", n, double(n) / double(std::max<size_t>(t.sequential[paper], 1)));
    printf("\n");
}

} // namespace mq::bench
