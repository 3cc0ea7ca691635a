// Which masks a top-k query loads, by the bounds and the order in which it takes them: shared by
// the programs that count (topk.cpp, groups.cpp).
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace mq::bench
{

constexpr size_t kRows = 25; // of a query's LIMIT

// Whose bounds.
enum Rung { paper, cells, tiles, kRungs };

// What one query knows of one mask, or of one group of masks. Values are negated for a descending
// query: smaller comes first.
struct Known {
    int64_t best[kRungs], worst[kRungs], exact;
    int32_t masks; // 0: not among the query's

    // From bounds [lo, hi] of a value. Ends the program when it lies outside.
    void set(Rung rung, int64_t lo, int64_t hi, int64_t value, bool descending);
};

struct Tally {
    size_t masks = 0, sequential[kRungs] = {}, best_first[kRungs] = {};

    void add(const Tally &other);
};

// Masks loaded with the bounds of each rung: in sequence, by the paper's algorithm (section 3.5),
// which takes one mask after the other and loads it when its bound beats the k-th value so far; and
// best bound first, by CHI Top-K's order (src/nodes/topk/topk.md). exact_is_free: the latter loads
// nothing where best and worst are the same. Ends the program when a result differs from a sort's.
Tally count_loads(const std::vector<Known> &all, bool exact_is_free);

// Both orders, beside the paper's with its own bounds; the columns are those of kLoadsHead.
extern const char *const kLoadsHead;
void print_loads(const std::string &name, const Tally &tally);

// Plain numbers from a seed that is the same on every machine; std's distributions are not.
struct Random {
    std::mt19937_64 engine{20240712};
    int32_t between(int32_t lo, int32_t hi)
    {
        return lo + int32_t(engine() % uint64_t(hi - lo + 1));
    }
};

// Ends the program with the error's message unless ok.
void require(bool ok, const Error &err);

} // namespace mq::bench
