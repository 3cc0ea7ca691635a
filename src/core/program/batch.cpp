// Walks a program once for many rows. The rules are those of evaluate.cpp; where a loop of its own
// does not pay (columns.h), a rule is applied row by row.
#include "core/program/batch.h"
#include "core/base/assert.h"

#include "core/program/columns.h"

namespace mq
{

namespace
{

constexpr size_t kColumnBytes = 3 * sizeof(double) + 2;
// An operator keeps two columns of numbers and four of bytes at most while it evaluates its
// operands.
constexpr size_t kLevelBytes = kBatchRows * (2 * kColumnBytes + 4);

struct BatchEvaluator {
    CodeReader code;
    const ProgramInput *inputs;
    const LeafCall *calls;
    const LeafColumn *columns;
    uint8_t *memory;          // free from here on
    uint32_t n;               // rows; 0 while walking over what no row reaches
    int missing = kBatchDone; // the column that is; then n stays 0

    // Memory of one operator, freed when its block is left.
    struct Level {
        BatchEvaluator &e;
        uint8_t *start;

        explicit Level(BatchEvaluator &evaluator) : e(evaluator), start(evaluator.memory) {}
        uint8_t *bytes(size_t of_row = 1)
        {
            uint8_t *p = e.memory;
            e.memory += of_row * kBatchRows;
            return p;
        }
        NumColumn numbers()
        {
            auto doubles = [&] { return reinterpret_cast<double *>(bytes(sizeof(double))); };
            double *lo = doubles(), *hi = doubles(), *tiny = doubles();
            uint8_t *may = bytes();
            return NumColumn{lo, hi, tiny, may, bytes()};
        }
        void leave() { e.memory = start; }
    };

    // out[i] = f(a[i]) and out[i] = f(a[i], b[i]), row by row.
    template <typename F> void map(NumColumn a, F f)
    {
        for (uint32_t i = 0; i < n; i++)
            a.set(i, f(a.at(i)));
    }
    template <typename F> void map(NumColumn a, NumColumn b, F f)
    {
        for (uint32_t i = 0; i < n; i++)
            a.set(i, f(a.at(i), b.at(i)));
    }

    // Whether the column of a leaf is to be used, and is there. When it is missing no row is
    // followed any further.
    bool has_column(int site)
    {
        if (!needs_column(calls[site]))
            return false;
        if (n > 0 && !columns[site].given) {
            missing = site;
            n = 0;
        }
        return true;
    }
    void leaf_number(NumColumn out)
    {
        const int site = code.le<uint16_t>();
        const Num &unknown = calls[site].leaf->kind->unknown.number;
        if (has_column(site))
            numbers_of_counts(n, columns[site], unknown, out);
        else
            fill(n, calls[site].without_masks().number, out);
    }
    void leaf_outcomes(uint8_t *out)
    {
        const int site = code.le<uint16_t>();
        if (has_column(site))
            std::copy_n(columns[site].outcomes, n, out);
        else
            memset(out, calls[site].without_masks().outcomes, n);
    }

    void arith(NumColumn out)
    {
        auto op = static_cast<ArithOp>(code.u8());
        auto kind = static_cast<NumKind>(code.u8());
        Level level(*this);
        NumColumn b = level.numbers();
        number(out);
        number(b);
        if (kind == NumKind::f8)
            arith_columns(n, op, out, b);
        else
            map(out, b, [=](const Num &x, const Num &y) { return interval_arith(op, kind, x, y); });
        level.leave();
    }

    void min_max(NumColumn out)
    {
        bool greatest = code.u8();
        int arms = code.le<uint16_t>();
        Level level(*this);
        NumColumn arm = level.numbers();
        number(out);
        while (--arms > 0) {
            number(arm);
            map(out, arm,
                [=](const Num &x, const Num &y) { return interval_min_max(greatest, x, y); });
        }
        level.leave();
    }

    void coalesce(NumColumn out)
    {
        Level level(*this);
        NumColumn arm = level.numbers();
        uint8_t *reached = level.bytes();
        fill(n, any_num(0), out);
        memset(reached, 1, n);
        for (int arms = code.le<uint16_t>(); arms > 0; arms--) {
            number(arm);
            for (uint32_t i = 0; i < n; i++) {
                if (!reached[i])
                    continue;
                Num a = arm.at(i);
                reached[i] = a.may & kMayNull;
                a.may &= uint8_t(~kMayNull);
                out.set(i, interval_hull(out.at(i), a));
            }
        }
        for (uint32_t i = 0; i < n; i++)
            out.may[i] |= reached[i] ? kMayNull : 0;
        level.leave();
    }

    void case_num(NumColumn out)
    {
        Level level(*this);
        NumColumn then = level.numbers();
        uint8_t *when = level.bytes(), *reached = level.bytes();
        fill(n, any_num(0), out);
        memset(reached, 1, n);
        for (int arms = code.le<uint16_t>(); arms > 0; arms--) {
            condition(when);
            number(then);
            for (uint32_t i = 0; i < n; i++) {
                if (!reached[i])
                    continue;
                if (when[i] & kError)
                    out.may[i] |= kMayError;
                if (when[i] & kTrue)
                    out.set(i, interval_hull(out.at(i), then.at(i)));
                reached[i] = when[i] & (kFalse | kNull);
            }
        }
        number(then);
        for (uint32_t i = 0; i < n; i++)
            if (reached[i])
                out.set(i, interval_hull(out.at(i), then.at(i)));
        level.leave();
    }

    void number(NumColumn out)
    {
        switch (code.op()) {
        case ProgramOp::const_num:
            return fill(n, const_number(code.le<double>()), out);
        case ProgramOp::input_num:
            return fill(n, input_number(inputs, code.le<uint16_t>()), out);
        case ProgramOp::unknown_num:
            return fill(n, any_num(code.u8()), out);
        case ProgramOp::leaf_num:
            return leaf_number(out);
        case ProgramOp::arith:
            return arith(out);
        case ProgramOp::unary: {
            auto op = static_cast<UnaryOp>(code.u8());
            auto kind = static_cast<NumKind>(code.u8());
            number(out);
            return map(out, [=](const Num &a) { return interval_unary(op, kind, a); });
        }
        case ProgramOp::cast: {
            auto op = static_cast<CastOp>(code.u8());
            auto precision = code.le<int32_t>(), scale = code.le<int32_t>();
            number(out);
            if (op == CastOp::same)
                return;
            return map(out, [=](const Num &a) { return interval_cast(op, precision, scale, a); });
        }
        case ProgramOp::min_max:
            return min_max(out);
        case ProgramOp::coalesce:
            return coalesce(out);
        case ProgramOp::null_if: {
            Level level(*this);
            NumColumn b = level.numbers();
            number(out);
            number(b);
            map(out, b, interval_null_if);
            return level.leave();
        }
        case ProgramOp::case_num:
            return case_num(out);
        default:
            return fill(n, any_num(), out); // open_program() lets nothing else through
        }
    }

    void junction(uint8_t decider, uint8_t neutral, uint8_t *out)
    {
        Level level(*this);
        uint8_t *arm = level.bytes(), *all_neutral = level.bytes(), *some_null = level.bytes();
        JunctionColumn j{decider, neutral, out, all_neutral, some_null};
        const uint32_t rows = n;
        j.start(rows);
        for (int arms = code.le<uint16_t>(); arms > 0; arms--) {
            if (n > 0 && !j.is_undecided(rows))
                n = 0;
            condition(arm);
            j.add(n, arm);
        }
        n = missing == kBatchDone ? rows : 0;
        j.finish(rows);
        level.leave();
    }

    // Counts compared with one finite number need no columns of numbers.
    bool compare_leaf(CompareOp op, uint8_t *out)
    {
        const CodeReader start = code;
        if (op == CompareOp::eq || op == CompareOp::ne || code.op() != ProgramOp::leaf_num)
            return code = start, false;
        const int site = code.le<uint16_t>();
        Num limit;
        if (calls[site].leaf->kind->columns != LeafColumns::counts || !finite_number(&limit))
            return code = start, false;
        const Num &unknown = calls[site].leaf->kind->unknown.number;
        if (has_column(site))
            compare_counts(n, op, columns[site], unknown, limit, out);
        else
            memset(out, interval_compare(op, calls[site].without_masks().number, limit), n);
        return true;
    }
    bool finite_number(Num *out)
    {
        const ProgramOp op = code.op();
        if (op == ProgramOp::const_num)
            *out = const_number(code.le<double>());
        else if (op == ProgramOp::input_num)
            *out = input_number(inputs, code.le<uint16_t>());
        else
            return false;
        return out->may == kMayValue && out->lo == out->hi && std::isfinite(out->lo);
    }

    void compare(uint8_t *out)
    {
        auto op = static_cast<CompareOp>(code.u8());
        if (compare_leaf(op, out))
            return;
        Level level(*this);
        NumColumn a = level.numbers(), b = level.numbers();
        number(a);
        number(b);
        for (uint32_t i = 0; i < n; i++)
            out[i] = interval_compare(op, a.at(i), b.at(i));
        level.leave();
    }

    void case_bool(uint8_t *out)
    {
        Level level(*this);
        uint8_t *when = level.bytes(), *then = level.bytes(), *reached = level.bytes();
        memset(out, 0, n);
        memset(reached, 1, n);
        for (int arms = code.le<uint16_t>(); arms > 0; arms--) {
            condition(when);
            condition(then);
            for (uint32_t i = 0; i < n; i++) {
                if (!reached[i])
                    continue;
                out[i] |= when[i] & kError;
                if (when[i] & kTrue)
                    out[i] |= then[i];
                reached[i] = when[i] & (kFalse | kNull);
            }
        }
        condition(then);
        for (uint32_t i = 0; i < n; i++)
            out[i] |= reached[i] ? then[i] : 0;
        level.leave();
    }

    void condition(uint8_t *out)
    {
        switch (code.op()) {
        case ProgramOp::const_bool:
        case ProgramOp::unknown_bool:
            memset(out, code.u8(), n);
            return;
        case ProgramOp::input_bool:
            memset(out, input_outcome(inputs, code.le<uint16_t>()), n);
            return;
        case ProgramOp::compare:
            return compare(out);
        case ProgramOp::is_distinct: {
            Level level(*this);
            NumColumn a = level.numbers(), b = level.numbers();
            number(a);
            number(b);
            for (uint32_t i = 0; i < n; i++)
                out[i] = distinct_outcomes(a.at(i), b.at(i));
            return level.leave();
        }
        case ProgramOp::all_of:
            return junction(kFalse, kTrue, out);
        case ProgramOp::any_of:
            return junction(kTrue, kFalse, out);
        case ProgramOp::negate:
            condition(out);
            for (uint32_t i = 0; i < n; i++)
                out[i] = negated(out[i]);
            return;
        case ProgramOp::bool_test: {
            auto test = static_cast<BoolTest>(code.u8());
            condition(out);
            for (uint32_t i = 0; i < n; i++)
                out[i] = tested(test, out[i]);
            return;
        }
        case ProgramOp::num_is_null: {
            Level level(*this);
            NumColumn a = level.numbers();
            number(a);
            for (uint32_t i = 0; i < n; i++)
                out[i] = null_test(a.at(i));
            return level.leave();
        }
        case ProgramOp::bool_is_null:
            condition(out);
            for (uint32_t i = 0; i < n; i++)
                out[i] = null_test(out[i]);
            return;
        case ProgramOp::case_bool:
            return case_bool(out);
        case ProgramOp::leaf_bool:
            return leaf_outcomes(out);
        default:
            memset(out, kAnyOutcome, n);
        }
    }
};

} // namespace

size_t batch_memory_size(const Program &program)
{
    // The outermost level keeps the column that a number is computed into.
    return (size_t(program.depth) + 2) * kLevelBytes;
}

int evaluate_batch(const Program &program, const ProgramInput *inputs, const LeafCall *calls,
                   const LeafColumn *columns, uint32_t n, void *memory, uint8_t *outcomes)
{
    mq_assert(program.kind == ProgramBody::condition && n <= kBatchRows);
    BatchEvaluator e{CodeReader{program.code.data + program.body},
                     inputs,
                     calls,
                     columns,
                     static_cast<uint8_t *>(memory),
                     n};
    e.condition(outcomes);
    return e.missing;
}

int evaluate_number_batch(const Program &program, const ProgramInput *inputs, const LeafCall *calls,
                          const LeafColumn *columns, uint32_t n, void *memory, double *lo,
                          double *hi, uint8_t *may)
{
    mq_assert(program.kind == ProgramBody::number && n <= kBatchRows);
    BatchEvaluator e{CodeReader{program.code.data + program.body},
                     inputs,
                     calls,
                     columns,
                     static_cast<uint8_t *>(memory),
                     n};
    BatchEvaluator::Level level(e);
    NumColumn out = level.numbers();
    e.number(NumColumn{lo, hi, out.tiny, may, out.whole});
    return e.missing;
}

} // namespace mq
