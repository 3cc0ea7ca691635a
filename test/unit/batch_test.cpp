// Evaluation of many rows at once: for each row what evaluation of that row alone gives, to the
// bit.
#include <gtest/gtest.h>

#include <cmath>

#include "core/program/batch.h"
#include "random_program.h"

namespace mq
{

using namespace mq::test;

namespace
{

// What is known of one leaf for each row.
struct Column {
    std::vector<uint32_t> lo, hi;
    std::vector<uint8_t> known, outcomes;
    int fetched = 0;
};

Column random_column(Random &random, const HiddenLeaf &leaf, uint32_t n)
{
    Column c;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t from = leaf.bounds.lo, to = leaf.bounds.hi;
        if (one_in(random, 2)) {
            from = below(random, one_in(random, 2) ? 20 : 60000);
            to = from + (one_in(random, 3) ? 0 : below(random, 1000));
        }
        c.known.push_back(uint8_t(one_in(random, 20) ? 0 : 1 + below(random, 255)));
        // What is not known can be anything.
        c.lo.push_back(c.known[i] ? uint32_t(from) : uint32_t(random()));
        c.hi.push_back(c.known[i] ? uint32_t(to) : uint32_t(random()));
        c.outcomes.push_back(uint8_t(1 + below(random, kAnyOutcome)));
    }
    return c;
}

// A program with what it is evaluated on.
struct Case {
    OpenProgram open;
    std::vector<ProgramInput> inputs;
    std::vector<LeafCall> calls;
    std::vector<double> memory; // of exactly the size that is asked for
    uint32_t n;
    std::vector<Column> known;
    std::vector<LeafColumn> columns;

    Case(Random &random, const Scene &scene) : open(scene), inputs(seen_inputs(scene))
    {
        EXPECT_TRUE(open.is_open) << open.err.message;
        calls = open.calls(inputs.data());
        memory.resize(batch_memory_size(open.program) / sizeof(double));
        n = uint32_t(one_in(random, 50) ? kBatchRows : below(random, 40));
        for (const LeafCall &call : calls)
            known.push_back(random_column(random, scene.sites[known.size()], n)), (void)call;
        columns.resize(calls.size());
    }

    bool fetch(int site)
    {
        Column &c = known[site];
        c.fetched++;
        columns[site].lo = c.lo.data();
        columns[site].hi = c.hi.data();
        columns[site].known = c.known.data();
        columns[site].outcomes = c.outcomes.data();
        return true;
    }
    std::vector<uint8_t> outcomes()
    {
        std::vector<uint8_t> out(kBatchRows);
        evaluate_with_columns(
            open.program, calls.data(), columns.data(),
            [&] {
                return evaluate_batch(open.program, inputs.data(), calls.data(), columns.data(), n,
                                      memory.data(), out.data());
            },
            [&](int site) { return fetch(site); });
        return out;
    }
    void numbers(double *lo, double *hi, uint8_t *may)
    {
        evaluate_with_columns(
            open.program, calls.data(), columns.data(),
            [&] {
                return evaluate_number_batch(open.program, inputs.data(), calls.data(),
                                             columns.data(), n, memory.data(), lo, hi, may);
            },
            [&](int site) { return fetch(site); });
    }

    // What is known of the leaves for one row, of those that batches follow.
    std::vector<LeafValue> values_of(uint32_t row) const
    {
        std::vector<LeafValue> values;
        for (const LeafCall &call : calls) {
            const Column &c = known[values.size()];
            if (!needs_column(call))
                values.push_back(call.without_masks());
            else if (call.leaf->kind->type == LeafType::truth)
                values.push_back(truth_leaf(c.outcomes[row]));
            else if (c.known[row])
                values.push_back(number_leaf(count_number(CountBounds{c.lo[row], c.hi[row]})));
            else
                values.push_back(call.without_masks());
        }
        return values;
    }
    uint8_t outcomes_of(uint32_t row) const
    {
        return evaluate(open.program, inputs.data(), values_of(row).data());
    }
    Num number_of(uint32_t row) const
    {
        return evaluate_number(open.program, inputs.data(), values_of(row).data());
    }
};

const Expr *first_number(const Expr &e)
{
    if (is_number(e.op))
        return &e;
    return e.kids.empty() ? nullptr : first_number(e.kids[0]);
}

bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (a == 0 && b == 0);
}

} // namespace

TEST(Batch, GivesEachRowItsOutcomes)
{
    Random random(seed());
    long decided = 0, rows = 0, not_fetched = 0, truths = 0;
    for (int i = 0; i < 8000; i++) {
        Scene scene = random_scene(random);
        Case c(random, scene);
        std::vector<uint8_t> outcomes = c.outcomes();
        for (uint32_t row = 0; row < c.n; row++) {
            uint8_t expected = c.outcomes_of(row);
            ASSERT_EQ(int(expected), int(outcomes[row])) << "round " << i << " row " << row;
            decided += is_refuted(expected) || is_proven(expected);
        }
        rows += c.n;
        for (size_t site = 0; site < c.calls.size(); site++) {
            ASSERT_LE(c.known[site].fetched, 1);
            not_fetched += c.n > 0 && needs_column(c.calls[site]) && c.known[site].fetched == 0;
            truths += c.known[site].fetched && is_truth(scene.sites[site].kind);
        }
    }
    EXPECT_GT(decided, rows / 10);
    EXPECT_GT(not_fetched, 40);
    EXPECT_GT(truths, 400);
}

TEST(Batch, GivesEachRowItsNumber)
{
    Random random(seed());
    int numbers = 0;
    for (int i = 0; i < 12000; i++) {
        Scene scene = random_scene(random);
        const Expr *number = first_number(scene.clause);
        if (!number)
            continue;
        scene.clause = Expr(*number);
        Case c(random, scene);
        std::vector<double> lo(kBatchRows), hi(kBatchRows);
        std::vector<uint8_t> may(kBatchRows);
        c.numbers(lo.data(), hi.data(), may.data());
        for (uint32_t row = 0; row < c.n; row++) {
            Num expected = c.number_of(row);
            ASSERT_EQ(int(expected.may), int(may[row])) << "round " << i << " row " << row;
            ASSERT_TRUE(same_bits(expected.lo, lo[row]) && same_bits(expected.hi, hi[row]))
                << "round " << i << " row " << row << ": " << expected.lo << " " << lo[row];
        }
        numbers++;
    }
    EXPECT_GT(numbers, 2000);
}

// cp compared with a number, where counts are compared without being made float8 first.
TEST(Batch, ComparesCountsWithAnyNumber)
{
    Random random(seed());
    const double special[] = {0,    -0.0, 0.5,  -0.5, -1,        1,         59999.5,   1e9,
                              -1e9, 1e18, 5e-9, 3e9,  268435455, 268435456, 268435457, -3e9};
    for (int i = 0; i < 6000; i++) {
        Scene scene{};
        scene.sources.push_back(HiddenSource{true, false});
        scene.sites.push_back(HiddenLeaf{0, -1, -1, -1, kFullRoi, 0.5, 1, CountBounds{3, 9}, 3});
        Expr cp{}, limit{};
        cp.op = ProgramOp::leaf_num;
        limit.op = ProgramOp::const_num;
        limit.constant = one_in(random, 3) ? special[below(random, std::size(special))]
                         : one_in(random, 2)
                             ? double(int64_t(below(random, 30)) - 5) / (one_in(random, 2) ? 1 : 4)
                             : uniform(random, 0, 60000);
        scene.clause.op = ProgramOp::compare;
        scene.clause.code = uint8_t(below(random, 6));
        scene.clause.kids = {cp, limit};
        if (one_in(random, 4))
            scene.clause.kids = {limit, cp};
        Case c(random, scene);
        std::vector<uint8_t> outcomes = c.outcomes();
        for (uint32_t row = 0; row < c.n; row++)
            ASSERT_EQ(int(c.outcomes_of(row)), int(outcomes[row]))
                << c.known[0].lo[row] << " .. " << c.known[0].hi[row] << ", op "
                << int(scene.clause.code) << " " << limit.constant;
    }
}

// However many leaves are needed, few evaluations find out which; and a leaf behind an AND that no
// row passes is not fetched.
TEST(Batch, FetchesColumnsInFewTurns)
{
    Random random(seed());
    for (int sites : {1, 2, 3, 100, 300}) {
        for (bool open : {true, false}) {
            Scene scene{};
            scene.sources.push_back(HiddenSource{true, false});
            scene.clause.op = ProgramOp::all_of;
            for (int i = 0; i < sites; i++) {
                scene.sites.push_back(
                    HiddenLeaf{0, -1, -1, -1, kFullRoi, 0.5, 1, CountBounds{3, 9}, 3});
                Expr leaf{}, limit{}, comparison{};
                leaf.op = ProgramOp::leaf_num;
                leaf.index = i;
                limit.op = ProgramOp::const_num;
                limit.constant = open ? -1 : 1e9;
                comparison.op = ProgramOp::compare;
                comparison.code = uint8_t(CompareOp::gt);
                comparison.kids = {leaf, limit};
                scene.clause.kids.push_back(comparison);
            }
            Case c(random, scene);
            c.n = 5;
            for (Column &column : c.known)
                column = Column{{1, 2, 3, 4, 5}, {9, 9, 9, 9, 9}, {1, 1, 1, 1, 1}, {}};
            int turns = 0, fetched = 0;
            std::vector<uint8_t> outcomes(kBatchRows);
            evaluate_with_columns(
                c.open.program, c.calls.data(), c.columns.data(),
                [&] {
                    turns++;
                    return evaluate_batch(c.open.program, nullptr, c.calls.data(), c.columns.data(),
                                          c.n, c.memory.data(), outcomes.data());
                },
                [&](int site) { return fetched++, c.fetch(site); });
            EXPECT_EQ(open ? sites : 1, fetched);
            EXPECT_LE(turns, open ? 10 : 2) << sites;
            EXPECT_EQ(int(open ? kTrue : kFalse), int(outcomes[0]));
        }
    }
}

} // namespace mq
