#include "core/segment/kernel.h"

#include "core/simd.h"

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

    // Word `step` of every touched cell: the counts of kLanes rows.
    template <bool Straddles>
    MQ_INLINE static void unpack_words(const BlockBounds &b, const uint8_t *words, uint32_t shift,
                                       uint32_t width, uint8_t *out)
    {
        const Lane mask = Lane(Lane(~Lane{0}) >> (kBits - width));
        const uint32_t up = (kBits - shift) % kBits;
        for (uint32_t run = 0; run < b.runs; run++, words += b.run_stride) {
            const uint8_t *p = words;
            for (uint32_t c = 0; c < b.cells; c += kCells, p += Bytes, out += Bytes) {
                V v, next;
                load_vector(v, p);
                v >>= shift;
                if (Straddles) {
                    load_vector(next, p + b.word_stride);
                    v |= next << up;
                }
                v &= mask;
                memcpy(out, &v, Bytes);
            }
        }
    }
    MQ_INLINE static const uint8_t *unpack(const BlockBounds &b, int i, uint32_t step)
    {
        if (!b.plane[i])
            return b.constant[i];
        const uint32_t bit = step * b.width[i], shift = bit % kBits;
        const uint8_t *words = b.plane[i] + bit / kBits * b.word_stride;
        if (shift + b.width[i] > kBits)
            unpack_words<true>(b, words, shift, b.width[i], b.unpacked[i]);
        else
            unpack_words<false>(b, words, shift, b.width[i], b.unpacked[i]);
        return b.unpacked[i];
    }

    MQ_INLINE static void flush(const V &sum, uint32_t *out)
    {
        Lane lanes[Bytes / sizeof(Lane)];
        memcpy(lanes, &sum, Bytes);
        for (uint32_t c = 0; c < kCells; c++)
            for (uint32_t l = 0; l < kLanes; l++)
                out[l] += lanes[c * kLanes + l];
    }

    // Adds the bounds of all touched cells up for kLanes rows.
    template <bool Hi, bool Lo>
    MQ_INLINE static void add_up(const BlockBounds &b, const uint8_t *from, const uint8_t *to,
                                 uint32_t *lo, uint32_t *hi)
    {
        const size_t end = size_t(b.runs) * b.cells * kWordSize;
        // A lane sums the cells of every kCells-th column; so many vectors do not overflow it.
        const size_t chunk = kBits == 16 ? 65535 / b.max_area * Bytes : end;
        for (size_t at = 0; at < end;) {
            const size_t stop = std::min(end, at + chunk);
            V least{}, most{};
            for (; at < stop; at += Bytes) {
                V n, other;
                load_vector(n, from + at);
                if (to) {
                    load_vector(other, to + at);
                    reduce(n, other);
                }
                if (Hi) {
                    load_vector(other, b.overlap + at);
                    most += n < other ? n : other;
                }
                if (Lo) {
                    load_vector(other, b.outside + at);
                    reduce(n, other);
                    least += n;
                }
            }
            if (Hi)
                flush(most, hi);
            if (Lo)
                flush(least, lo);
        }
    }

    MQ_INLINE static void run(const BlockBounds &b)
    {
        memset(b.lo, 0, b.steps * kLanes * sizeof(uint32_t));
        memset(b.hi, 0, b.steps * kLanes * sizeof(uint32_t));
        for (uint32_t step = 0; step < b.steps; step++) {
            uint32_t *lo = b.lo + step * kLanes, *hi = b.hi + step * kLanes;
            const uint8_t *from = unpack(b, 0, step), *to = unpack(b, 1, step);
            if (b.exact) {
                add_up<true, true>(b, from, to, lo, hi);
                continue;
            }
            add_up<true, false>(b, from, to, lo, hi);
            if (b.nothing)
                continue;
            from = unpack(b, 2, step), to = unpack(b, 3, step);
            add_up<false, true>(b, from, to, lo, hi);
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
