#include "core/segment/kernel.h"

#include "core/base/simd.h"

namespace mq
{

namespace
{

template <typename Lane, int Bytes> struct Kernel {
    using V = typename VectorOf<Lane, Bytes>::type;
    static constexpr uint32_t kBits = sizeof(Lane) * 8;
    static constexpr uint32_t kLanes = kWordSize / sizeof(Lane);
    static constexpr uint32_t kCells = Bytes / kWordSize; // of one vector
    static_assert(kRunCells % kCells == 0);

    // Vectors are passed by reference: by value, their width would be part of the ABI.
    MQ_INLINE static void reduce(V &a, const V &b) // max(a - b, 0)
    {
        a = (a > b ? a : b) - b;
    }

    // The counts of kLanes rows in all touched cells: where they are and how to get at them.
    struct Field {
        const uint8_t *words; // of the first cell; null: all 0
        size_t run_stride;
        uint32_t shift, up;
        Lane mask;
        bool straddles;

        MQ_INLINE Field(const BlockBounds &b, int i, uint32_t step)
        {
            const uint32_t bit = step * b.width[i];
            if (b.plane[i])
                *this = Field(b.plane[i] + bit / kBits * b.word_stride, b.run_stride, bit % kBits,
                              b.width[i]);
            else
                *this = Field(b.constant[i], b.cells * kWordSize, 0, kBits);
        }
        MQ_INLINE Field(const uint8_t *p, size_t stride, uint32_t first_bit, uint32_t width)
            : words(p), run_stride(stride), shift(first_bit), up((kBits - first_bit) % kBits),
              mask(Lane(Lane(~Lane{0}) >> (kBits - width))), straddles(first_bit + width > kBits)
        {
        }

        template <bool Straddles>
        MQ_INLINE void load(const BlockBounds &b, const uint8_t *p, V &v) const
        {
            load_vector(v, p);
            v >>= shift;
            if (Straddles) {
                V next;
                load_vector(next, p + b.word_stride);
                v |= next << up;
            }
            v &= mask;
        }
    };

    template <bool Straddles>
    MQ_INLINE static void unpack(const BlockBounds &b, const Field &field, uint8_t *out)
    {
        const uint8_t *words = field.words;
        for (uint32_t run = 0; run < b.runs; run++, words += field.run_stride) {
            const uint8_t *p = words;
            for (uint32_t c = 0; c < b.cells; c += kCells, p += Bytes, out += Bytes) {
                V v;
                field.template load<Straddles>(b, p, v);
                memcpy(out, &v, Bytes);
            }
        }
    }

    MQ_INLINE static void flush(const V &sum, uint32_t *out)
    {
        Lane lanes[Bytes / sizeof(Lane)];
        memcpy(lanes, &sum, Bytes);
        for (uint32_t c = 0; c < kCells; c++)
            for (uint32_t l = 0; l < kLanes; l++)
                out[l] += lanes[c * kLanes + l];
    }

    // Adds the bounds of all touched cells up for kLanes rows: counts of `from`, less those of `to`
    // unless it is null.
    template <bool Straddles, bool Hi, bool Lo>
    MQ_INLINE static void add_up(const BlockBounds &b, const Field &from, const uint8_t *to,
                                 uint32_t *lo, uint32_t *hi)
    {
        // A lane sums the cells of every kCells-th column; so many of them do not overflow it.
        const uint32_t limit = kBits == 16 ? 65535 / b.max_area : UINT32_MAX;
        uint32_t left = limit;
        V least{}, most{};
        const uint8_t *words = from.words, *overlap = b.overlap, *outside = b.outside;
        for (uint32_t run = 0; run < b.runs; run++, words += from.run_stride) {
            const uint8_t *p = words;
            for (uint32_t vectors = b.cells / kCells; vectors > 0;) {
                if (left == 0) {
                    flush(most, hi);
                    flush(least, lo);
                    most = least = V{};
                    left = limit;
                }
                const uint32_t n = std::min(left, vectors);
                left -= n;
                vectors -= n;
                for (const uint8_t *end = p + n * size_t{Bytes}; p < end; p += Bytes) {
                    V count, other;
                    from.template load<Straddles>(b, p, count);
                    if (to) {
                        load_vector(other, to);
                        to += Bytes;
                        reduce(count, other);
                    }
                    if (Hi) {
                        load_vector(other, overlap);
                        overlap += Bytes;
                        most += count < other ? count : other;
                    }
                    if (Lo) {
                        load_vector(other, outside);
                        outside += Bytes;
                        reduce(count, other);
                        least += count;
                    }
                }
            }
        }
        if (Hi)
            flush(most, hi);
        if (Lo)
            flush(least, lo);
    }

    // The bounds between two of the four edges: `i` and the next one.
    template <bool Hi, bool Lo>
    MQ_INLINE static void between(const BlockBounds &b, int i, uint32_t step)
    {
        uint32_t *lo = b.lo + step * kLanes, *hi = b.hi + step * kLanes;
        const uint8_t *to = nullptr;
        if (b.plane[i + 1]) {
            const Field field(b, i + 1, step);
            if (field.straddles)
                unpack<true>(b, field, b.unpacked);
            else
                unpack<false>(b, field, b.unpacked);
            to = b.unpacked;
        }
        const Field from(b, i, step);
        if (from.straddles)
            add_up<true, Hi, Lo>(b, from, to, lo, hi);
        else
            add_up<false, Hi, Lo>(b, from, to, lo, hi);
    }

    MQ_INLINE static void run(const BlockBounds &b)
    {
        const uint32_t first = b.first_step * kLanes, rows = b.end_step * kLanes - first;
        memset(b.lo + first, 0, rows * sizeof(uint32_t));
        memset(b.hi + first, 0, rows * sizeof(uint32_t));
        for (uint32_t step = b.first_step; step < b.end_step; step++) {
            if (b.exact) {
                between<true, true>(b, 0, step);
                continue;
            }
            between<true, false>(b, 0, step);
            if (!b.nothing)
                between<false, true>(b, 2, step);
        }
    }
};

template <int Bytes> MQ_INLINE void bounds_16_body(const BlockBounds &b)
{
    Kernel<uint16_t, Bytes>::run(b);
}
template <int Bytes> MQ_INLINE void bounds_32_body(const BlockBounds &b)
{
    Kernel<uint32_t, Bytes>::run(b);
}

MQ_KERNEL(void, bounds_16, (const BlockBounds &b), (b))
MQ_KERNEL(void, bounds_32, (const BlockBounds &b), (b))

} // namespace

void block_bounds_16(const BlockBounds &b)
{
    bounds_16(b);
}
void block_bounds_32(const BlockBounds &b)
{
    bounds_32(b);
}

} // namespace mq
