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

// What the index knows of each cp site for each row.
struct Knowledge {
    std::vector<std::vector<uint32_t>> lo, hi; // by site, by row
    std::vector<std::vector<uint8_t>> known;
    uint32_t row; // that evaluate() is at
    std::vector<int> asked;
};

Knowledge random_knowledge(Random &random, const Scene &scene, uint32_t n)
{
    Knowledge k{};
    for (const HiddenCp &c : scene.sites) {
        std::vector<uint32_t> lo, hi;
        std::vector<uint8_t> known;
        for (uint32_t i = 0; i < n; i++) {
            uint64_t from = c.bounds.lo, to = c.bounds.hi;
            if (one_in(random, 2)) {
                from = below(random, one_in(random, 2) ? 20 : 60000);
                to = from + (one_in(random, 3) ? 0 : below(random, 1000));
            }
            lo.push_back(uint32_t(from));
            hi.push_back(uint32_t(to));
            known.push_back(uint8_t(one_in(random, 20) ? 0 : 1 + below(random, 255)));
        }
        k.lo.push_back(lo);
        k.hi.push_back(hi);
        k.known.push_back(known);
    }
    k.asked.resize(scene.sites.size());
    return k;
}

bool row_bounds(void *context, const CpCall &call, CountBounds *out)
{
    const Knowledge *k = static_cast<Knowledge *>(context);
    const size_t site = size_t(call.site);
    *out = CountBounds{k->lo[site][k->row], k->hi[site][k->row]};
    return k->known[site][k->row] != 0;
}

void all_bounds(void *context, const CpCall &call, uint32_t n, uint32_t *lo, uint32_t *hi,
                uint8_t *known)
{
    Knowledge *k = static_cast<Knowledge *>(context);
    const size_t site = size_t(call.site);
    k->asked[site]++;
    std::copy_n(k->lo[site].begin(), n, lo);
    std::copy_n(k->hi[site].begin(), n, hi);
    std::copy_n(k->known[site].begin(), n, known);
    // What is not known can be anything.
    for (uint32_t i = 0; i < n; i++)
        if (!known[i])
            lo[i] = hi[i] = uint32_t(i * 2654435761u);
}

// A program with what it is evaluated on.
struct Case {
    std::vector<uint8_t> bytes;
    Program program;
    std::vector<ProgramInput> inputs;
    std::vector<double> memory; // of exactly the size that is asked for
    Knowledge knowledge;
    uint32_t n;

    Case(Random &random, const Scene &scene) : bytes(program_bytes(scene))
    {
        Error err;
        EXPECT_TRUE(open_program(Bytes{bytes.data(), bytes.size()}, &program, err)) << err.message;
        for (const HiddenInput &in : scene.inputs)
            inputs.push_back(in.seen);
        memory.resize(batch_memory_size(program) / sizeof(double));
        n = uint32_t(one_in(random, 50) ? kBatchRows : below(random, 40));
        knowledge = random_knowledge(random, scene, n);
    }
    BatchSource batch_source() { return BatchSource{all_bounds, &knowledge}; }
    BoundSource row_source(uint32_t row)
    {
        knowledge.row = row;
        return BoundSource{row_bounds, &knowledge};
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
    long decided = 0, rows = 0, not_asked = 0;
    for (int i = 0; i < 8000; i++) {
        Scene scene = random_scene(random);
        Case c(random, scene);
        std::vector<uint8_t> outcomes(kBatchRows);
        evaluate_batch(c.program, c.inputs.data(), c.batch_source(), c.n, c.memory.data(),
                       outcomes.data());
        for (uint32_t row = 0; row < c.n; row++) {
            uint8_t expected = evaluate(c.program, c.inputs.data(), c.row_source(row));
            ASSERT_EQ(int(expected), int(outcomes[row])) << "round " << i << " row " << row;
            decided += is_refuted(expected) || is_proven(expected);
        }
        rows += c.n;
        for (int asked : c.knowledge.asked) {
            ASSERT_LE(asked, 1);
            not_asked += c.n > 0 && asked == 0;
        }
    }
    EXPECT_GT(decided, rows / 10);
    EXPECT_GT(not_asked, 40);
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
        std::vector<uint8_t> bytes = program_bytes(scene);
        Program program;
        Error err;
        ASSERT_TRUE(open_program(Bytes{bytes.data(), bytes.size()}, &program, err)) << err.message;
        Case c(random, scene);
        std::vector<double> lo(kBatchRows), hi(kBatchRows);
        std::vector<uint8_t> may(kBatchRows);
        evaluate_number_batch(c.program, c.inputs.data(), c.batch_source(), c.n, c.memory.data(),
                              lo.data(), hi.data(), may.data());
        for (uint32_t row = 0; row < c.n; row++) {
            Num expected = evaluate_number(c.program, c.inputs.data(), c.row_source(row));
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
        scene.sites.push_back(HiddenCp{0, -1, -1, -1, kFullRoi, 0.5, 1, CountBounds{3, 9}, 3});
        Expr cp{}, limit{};
        cp.op = ProgramOp::cp;
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
        std::vector<uint8_t> outcomes(kBatchRows);
        evaluate_batch(c.program, c.inputs.data(), c.batch_source(), c.n, c.memory.data(),
                       outcomes.data());
        for (uint32_t row = 0; row < c.n; row++)
            ASSERT_EQ(int(evaluate(c.program, c.inputs.data(), c.row_source(row))),
                      int(outcomes[row]))
                << c.knowledge.lo[0][row] << " .. " << c.knowledge.hi[0][row] << ", op "
                << int(scene.clause.code) << " " << limit.constant;
    }
}

} // namespace mq
