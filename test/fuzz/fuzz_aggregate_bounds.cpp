// Entries with sound headers whose counts and extremes are any bytes, as a damaged index page would
// give them, as the members of a group: the bounds of an aggregate stay inside the roi, or the
// entries are found to contradict each other.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "core/chi/aggregate/aggregate_bounds.h"
#include "core/chi/entry_layout.h"

using namespace mq;

static void require(bool condition)
{
    if (!condition)
        abort();
}

struct Input {
    const uint8_t *data;
    size_t size;

    uint8_t byte()
    {
        if (size == 0)
            return 0;
        size--;
        return *data++;
    }
    int32_t below(int32_t limit) { return (byte() | byte() << 8) % limit; }
    double number() { return byte() < 16 ? INFINITY : below(1025) / 1024.0; }
};

struct Memory {
    std::vector<std::unique_ptr<uint64_t[]>> blocks;

    void *take(size_t size)
    {
        blocks.push_back(std::make_unique<uint64_t[]>(size / 8 + 1));
        return blocks.back().get();
    }
};

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in{data, size};
    const Shape shape{1 + in.below(60), 1 + in.below(60)};
    ChiBins bins;
    equi_width_bins(0, 1, kMinBins + in.below(20), &bins);
    AggregateCall call{};
    call.kind = MaskAggregate(in.byte() % 5);
    call.members_compared = in.byte() % 2;
    call.result_compared = in.byte() % 2;
    call.result_comparison = Comparison(in.byte() % 4);
    call.result_threshold = in.number();
    call.lv = in.number();
    call.uv = in.number();
    if (call.lv > call.uv)
        std::swap(call.lv, call.uv);
    call.roi = Roi{in.below(60), in.below(60), in.below(80), in.below(80)};
    if (call.roi.x1 > call.roi.x2)
        std::swap(call.roi.x1, call.roi.x2);
    if (call.roi.y1 > call.roi.y2)
        std::swap(call.roi.y1, call.roi.y2);

    const size_t n = 1 + in.byte() % 4;
    std::vector<std::vector<uint8_t>> bytes(n);
    std::vector<ChiEntry> entries(n);
    std::vector<AggregateMember> members;
    GroupMembers surveyed;
    ChiGrid grid;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || in.byte() < 16)
            grid.grid_x = grid.grid_y = 1 + in.below(12);
        Error err;
        size_t entry_size;
        require(chi_entry_size(grid, bins, shape, &entry_size, err));
        bytes[i].resize(entry_size);
        for (size_t k = 0; k + kEntryPadding < entry_size; k++)
            bytes[i][k] = in.byte();
        write_entry_header(lay_grid(grid, shape), PixelFormat(1 + in.byte() % 5), Domain{},
                           bytes[i].data());
        require(chi_open_entry(Bytes{bytes[i].data(), entry_size}, grid, bins, &entries[i], err));
        members.push_back(AggregateMember{&entries[i], &bins, Comparison(in.byte() % 4),
                                          in.number(), in.byte() / 128.0});
        require(survey_member(call, members.back(), &surveyed));
    }
    AggregateLevels levels;
    if (!find_levels(call, surveyed, &levels))
        return 0;
    const bool share = call.kind == MaskAggregate::intersect && !levels.from.everything &&
                       !levels.from.nothing && levels.to.nothing && in.byte() % 2;
    Memory memory;
    GroupBounds group;
    start_aggregate(call, surveyed, levels, share, entries[0], &group);
    start_counts(&group, memory.take(counts_size(group)));
    std::vector<MemberSets> sets(n);
    for (size_t i = 0; i < n; i++) {
        select_sets(group, members[i], true, &sets[i]);
        add_counts(&group, members[i], sets[i]);
    }
    const uint64_t area = uint64_t(group.rect.area());
    auto check = [&](bool with_extremes) {
        CountBounds counts;
        RatioBounds ratio;
        uint64_t least;
        if (share && share_bounds(group, with_extremes, &ratio, &least))
            require(0 <= ratio.lo && ratio.lo <= 1 && 0 <= ratio.hi);
        else if (!share &&
                 (with_extremes ? extreme_bounds(group, &counts) : counted_bounds(group, &counts)))
            require(counts.hi <= area);
    };
    check(false);
    if (extremes_size(group) == 0)
        return 0;
    start_extremes(&group, memory.take(extremes_size(group)));
    for (size_t i = 0; i < n; i++)
        add_extremes(&group, members[i], sets[i]);
    judge_tiles(&group);
    for (size_t i = 0; i < n; i++)
        add_rest(&group, members[i], sets[i]);
    check(true);
    return 0;
}
