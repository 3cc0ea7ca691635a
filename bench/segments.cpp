// How fast are bounds from sealed segments, against row-shaped entries?
//
//   build/bench/segments data/wildcam-mini [STEP [ROWS]]
//
// Takes every STEP-th real map (1: all) at 224 x 224 and repeats their entries in random order
// until there are ROWS (100,000) of them, so that they lie in main memory and not in a cache; 8 x 8
// cells, 16 and 32 bins, tile extremes as they are by default. For segments of several numbers of
// rows it prints the bytes a mask, and nanoseconds a mask
//   - of the filter stage: bounds and outcome of cp(mask, roi, lv, uv) > T for every row, all bytes
//     copied out of the segment first, as an access method does that holds a page's lock no longer
//     than that: Q1 (the paper's roi ((50,50),(200,200)) and [0.6, 1.0)), random boxes with
//     one-sided and with two-sided ranges;
//   - of looking single rows up, at random and one after another, bounds of the Q1 filter.
// Bounds are compared with those of the row-shaped entries all along. "copy alone" copies the bytes
// that the Q1 filter reads and does nothing else: what memory allows.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "core/leaves/mask_leaves.h"
#include "core/program/batch.h"
#include "../test/unit/segment_bytes.h"
#include "maps.h"

using namespace mq;
using namespace mq::bench;

namespace
{

constexpr Shape kShape{224, 224};
constexpr uint32_t kSizes[] = {32, 64, 128, 256, 512, 1024};
constexpr int kFilters = 20; // of each random kind
constexpr int kRepeats = 5;  // of Q1 and of copying alone: the fastest one counts

using Random = std::mt19937_64;

void require(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s\n", what);
        exit(1);
    }
}

struct Filter {
    Roi roi;
    double lv, uv;
    double threshold;
};

std::vector<Filter> random_filters(Random &random, bool one_sided)
{
    std::vector<Filter> filters;
    auto pick = [&](int32_t n) { return int32_t(random() % uint64_t(n)); };
    for (int i = 0; i < kFilters; i++) {
        int32_t x[] = {1 + pick(224), 1 + pick(224)}, y[] = {1 + pick(224), 1 + pick(224)};
        Roi roi{std::min(x[0], x[1]), std::min(y[0], y[1]), std::max(x[0], x[1]),
                std::max(y[0], y[1])};
        double lv = (1 + pick(8)) / 10.0;
        double uv = one_sided ? 1.0 : std::min(0.95, lv + (1 + pick(4)) / 10.0);
        double area = double(roi.x2 - roi.x1 + 1) * (roi.y2 - roi.y1 + 1);
        filters.push_back(Filter{roi, lv, uv, area * pick(100) / 100});
    }
    return filters;
}

std::vector<uint8_t> compile(const Filter &f)
{
    std::vector<uint8_t> code = {kProgramVersion, 1, 0, 0, 1, 0, uint8_t(MaskLeafKind::cp), 0};
    auto add = [&](auto v) {
        const uint8_t *p = reinterpret_cast<const uint8_t *>(&v);
        code.insert(code.end(), p, p + sizeof v);
    };
    code.push_back(0);
    add(f.roi);
    code.push_back(0);
    add(f.lv);
    code.push_back(0);
    add(f.uv);
    for (uint8_t byte :
         {uint8_t(ProgramOp::compare), uint8_t(CompareOp::gt), uint8_t(ProgramOp::leaf_num),
          uint8_t(0), uint8_t(0), uint8_t(ProgramOp::const_num)})
        code.push_back(byte);
    add(f.threshold);
    return code;
}

// All rows, row-shaped.
struct Rows {
    ChiGrid grid;
    ChiBins bins;
    std::vector<uint8_t> bytes;
    size_t entry_size;
    uint32_t n;

    Bytes entry(uint32_t row) const
    {
        return Bytes{bytes.data() + size_t(row) * entry_size, entry_size};
    }
};

Rows make_rows(const std::vector<Grid> &maps, int32_t bins, uint32_t n)
{
    Rows rows;
    Error err;
    equi_width_bins(0, 1, bins, &rows.bins);
    require(chi_entry_size(rows.grid, rows.bins, kShape, &rows.entry_size, err), err.message);
    std::vector<uint8_t> different(maps.size() * rows.entry_size);
#pragma omp parallel for schedule(dynamic)
    for (size_t m = 0; m < maps.size(); m++) {
        Error e;
        size_t size = 0;
        std::vector<float> pixels = expand(maps[m], kShape.width);
        require(chi_build_entry_flat(pixels.data(), PixelFormat::f32, kShape, Domain{}, rows.grid,
                                     rows.bins, &different[m * rows.entry_size], rows.entry_size,
                                     &size, e),
                e.message);
    }
    Random random(1);
    rows.n = n;
    rows.bytes.resize(size_t(n) * rows.entry_size);
    for (uint32_t i = 0; i < n; i++)
        memcpy(&rows.bytes[size_t(i) * rows.entry_size],
               &different[random() % maps.size() * rows.entry_size], rows.entry_size);
    return rows;
}

// All rows in segments of so many.
struct Segments {
    uint32_t rows_each;
    std::vector<std::vector<uint8_t>> bytes;
    size_t total = 0;
};

Segments seal(const Rows &rows, uint32_t rows_each)
{
    Segments s{rows_each, {}};
    Error err;
    size_t bound = 0;
    require(segment_size_bound(rows.entry(0), rows_each, rows.grid, rows.bins, &bound, err),
            err.message);
    std::vector<uint8_t> out(bound);
    for (uint32_t first = 0; first < rows.n; first += rows_each) {
        std::vector<Bytes> entries;
        for (uint32_t i = first; i < std::min(first + rows_each, rows.n); i++)
            entries.push_back(rows.entry(i));
        size_t size = 0;
        require(build_segment(entries.data(), uint32_t(entries.size()), rows.grid, rows.bins,
                              out.data(), bound, &size, err),
                err.message);
        s.bytes.emplace_back(out.begin(), out.begin() + ptrdiff_t(size));
        s.total += size;
    }
    return s;
}

using test::SegmentBytes;

SegmentBytes source_of(const std::vector<uint8_t> &bytes)
{
    return SegmentBytes{Bytes{bytes.data(), bytes.size()}};
}

Segment open(const Rows &rows, const std::vector<uint8_t> &bytes)
{
    Segment segment;
    Error err;
    require(open_segment(Bytes{bytes.data(), segment_head_size(rows.bins)}, bytes.size(), rows.grid,
                         rows.bins, &segment, err),
            err.message);
    return segment;
}

EdgeSelection select(const Rows &rows, const Filter &f)
{
    return select_edges(PixelFormat::f32, Domain{}, rows.bins, f.lv, f.uv);
}

struct Tally {
    double seconds = 0, rows = 0, bytes = 0;
    long refuted = 0, proven = 0;

    void add(const uint8_t *outcomes, uint32_t n)
    {
        for (uint32_t i = 0; i < n; i++) {
            refuted += is_refuted(outcomes[i]);
            proven += is_proven(outcomes[i]);
        }
        rows += n;
    }
    double ns() const { return seconds * 1e9 / rows; }
};

void filter_segments(const Rows &rows, const Segments &segments, const Filter &f, Tally *tally)
{
    std::vector<uint8_t> code = compile(f), memory, outcomes(kBatchRows);
    Program program;
    Error err;
    Leaf leaf;
    require(open_program(Bytes{code.data(), code.size()}, mask_leaves, &leaf, &program, err),
            err.message);
    std::vector<double> work(batch_memory_size(program) / sizeof(double));
    std::vector<uint32_t> lo(kBatchRows), hi(kBatchRows);
    std::vector<uint8_t> known(kBatchRows, 1);
    SegmentCache cache;
    double start = cpu_now();
    for (const std::vector<uint8_t> &bytes : segments.bytes) {
        Segment segment = open(rows, bytes);
        if (memory.empty()) {
            memory.resize(segment_cache_size(segment));
            cache.use(memory.data(), memory.size());
        }
        SegmentBytes source = source_of(bytes);
        EdgeSelection edges = select(rows, f);
        LeafCall call;
        LeafColumn column{false, lo.data(), hi.data(), known.data()};
        read_leaf_calls(program, nullptr, &call);
        evaluate_with_columns(
            program, &call, &column,
            [&] {
                return evaluate_batch(program, nullptr, &call, &column, segment.rows, work.data(),
                                      outcomes.data());
            },
            [&](int) {
                source.bound_rows(segment, edges, call.roi, nullptr, &cache, lo.data(), hi.data());
                return true;
            });
        tally->add(outcomes.data(), segment.rows);
        tally->bytes += double(source.bytes_read);
    }
    tally->seconds += cpu_now() - start;
}

void filter_entries(const Rows &rows, const Filter &f, Tally *tally)
{
    EdgeSelection edges = select(rows, f);
    ChiEntry entry;
    Error err;
    double start = cpu_now();
    for (uint32_t i = 0; i < rows.n; i++) {
        chi_open_entry(rows.entry(i), rows.grid, rows.bins, &entry, err);
        CountBounds b = chi_bounds(entry, edges, f.roi);
        tally->refuted += double(b.hi) <= f.threshold;
        tally->proven += double(b.lo) > f.threshold;
    }
    tally->seconds += cpu_now() - start;
    tally->rows += rows.n;
}

// The bytes that a filter reads, copied to one place; the sum keeps the compiler from leaving it
// out.
double copy_alone(const Segments &segments, size_t bytes)
{
    std::vector<uint8_t> out(bytes);
    uint64_t sum = 0;
    double rows = 0, start = cpu_now();
    for (const std::vector<uint8_t> &s : segments.bytes) {
        const size_t n = std::min(bytes, s.size());
        memcpy(out.data(), s.data() + (s.size() - n) / 2, n);
        sum += out[n / 2];
        rows += segments.rows_each;
    }
    double seconds = cpu_now() - start;
    return sum == 1 ? 0 : seconds * 1e9 / rows;
}

// Looks rows up one by one and checks them. Gives nanoseconds and bytes a look-up.
void look_up(const Rows &rows, const Segments &segments, const Filter &f, bool at_random,
             double *ns, double *bytes, double *reads)
{
    const uint32_t n = std::min<uint32_t>(rows.n, 50000);
    const EdgeSelection edges = select(rows, f);
    std::vector<uint32_t> order(n);
    Random random(2);
    for (uint32_t i = 0; i < n; i++)
        order[i] = at_random ? uint32_t(random() % rows.n) : i;
    std::vector<CountBounds> found(n);
    std::vector<uint8_t> memory;
    SegmentCache cache;
    Segment segment;
    SegmentBytes source{};
    double bytes_read = 0, reads_done = 0;
    double start = cpu_now();
    for (uint32_t i = 0; i < n; i++) {
        const std::vector<uint8_t> &s = segments.bytes[order[i] / segments.rows_each];
        if (source.bytes.data != s.data()) {
            segment = open(rows, s);
            bytes_read += double(source.bytes_read);
            reads_done += double(source.reads);
            source = source_of(s);
            if (memory.empty())
                memory.resize(segment_cache_size(segment));
            cache.use(memory.data(), memory.size());
        }
        source.bound_row(segment, order[i] % segments.rows_each, edges, f.roi, &cache, &found[i]);
    }
    *ns = (cpu_now() - start) * 1e9 / n;
    *bytes = (bytes_read + double(source.bytes_read)) / n;
    *reads = (reads_done + double(source.reads)) / n;
    for (uint32_t i = 0; i < n; i++) {
        ChiEntry entry;
        Error err;
        require(chi_open_entry(rows.entry(order[i]), rows.grid, rows.bins, &entry, err),
                err.message);
        CountBounds b = chi_bounds(entry, edges, f.roi);
        require(b.lo == found[i].lo && b.hi == found[i].hi, "bounds of a row differ");
    }
}

void measure(const Rows &rows, int32_t bins)
{
    const Filter q1{Roi{50, 50, 200, 200}, 0.6, 1.0, 5000};
    Random random(3);
    const std::vector<Filter> one_sided = random_filters(random, true),
                              two_sided = random_filters(random, false);
    Tally q1_entries, one_entries, two_entries;
    for (int i = 0; i < kRepeats; i++) {
        Tally again;
        filter_entries(rows, q1, &again);
        if (i == 0 || again.seconds < q1_entries.seconds)
            q1_entries = again;
    }
    for (const Filter &f : one_sided)
        filter_entries(rows, f, &one_entries);
    for (const Filter &f : two_sided)
        filter_entries(rows, f, &two_entries);
    printf("\n%d bins, %u masks; the paper's layout takes %d bytes a mask\n\n", bins, rows.n,
           4 * bins * 64);
    printf("| rows a segment | bytes a mask | Q1: bytes read | ns | copy alone | one-sided ns | "
           "two-sided ns | random look-up: bytes | reads | ns | look-ups in order ns |\n"
           "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    printf("| row-shaped | %zu | | %.1f | | %.1f | %.1f | | | | |\n", rows.entry_size,
           q1_entries.ns(), one_entries.ns(), two_entries.ns());
    for (uint32_t rows_each : kSizes) {
        if (rows_each > kSegmentRows)
            continue;
        Segments segments = seal(rows, rows_each);
        Tally q1_tally, one_tally, two_tally;
        for (int i = 0; i < kRepeats; i++) {
            Tally again;
            filter_segments(rows, segments, q1, &again);
            if (i == 0 || again.seconds < q1_tally.seconds)
                q1_tally = again;
        }
        for (const Filter &f : one_sided)
            filter_segments(rows, segments, f, &one_tally);
        for (const Filter &f : two_sided)
            filter_segments(rows, segments, f, &two_tally);
        require(q1_tally.refuted == q1_entries.refuted && q1_tally.proven == q1_entries.proven &&
                    one_tally.refuted == one_entries.refuted &&
                    one_tally.proven == one_entries.proven &&
                    two_tally.refuted == two_entries.refuted &&
                    two_tally.proven == two_entries.proven,
                "outcomes of a segment differ");
        double copy = copy_alone(segments, size_t(q1_tally.bytes / double(segments.bytes.size())));
        double ns[2], bytes[2], reads[2];
        for (int i = 0; i < 2; i++)
            look_up(rows, segments, q1, i == 0, &ns[i], &bytes[i], &reads[i]);
        printf("| %u | %.0f | %.0f | %.1f | %.1f | %.1f | %.1f | %.0f | %.1f | %.0f | %.0f |\n",
               rows_each, double(segments.total) / rows.n, q1_tally.bytes / q1_tally.rows,
               q1_tally.ns(), copy, one_tally.ns(), two_tally.ns(), bytes[0], reads[0], ns[0],
               ns[1]);
    }
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s DIRECTORY [STEP [ROWS]]\n", argv[0]);
        return 1;
    }
    const std::string cams = std::string(argv[1]) + "/cams.csv";
    std::vector<Grid> maps = read_maps(cams.c_str(), argc > 2 ? size_t(atol(argv[2])) : 1);
    const uint32_t n = argc > 3 ? uint32_t(atol(argv[3])) : 100000;
    for (int32_t bins : {16, 32})
        measure(make_rows(maps, bins, n), bins);
    return 0;
}
