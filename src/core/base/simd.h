// Kernels compiled several times, for the baseline CPU and for wider vectors, chosen at run time.
//
// A kernel's body is an always-inline template over the vector width in bytes, written with the
// vector extensions of GCC and Clang. MQ_KERNEL makes one function of it for each instruction set
// and one that calls the widest that the CPU has. This is what target_clones does too, but it needs
// no ifunc (musl has none) and gives Clang builds the same speed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#define MQ_INLINE [[gnu::always_inline]] inline

namespace mq
{

// A vector of Bytes / sizeof(T) lanes.
template <typename T, int Bytes> struct VectorOf {
    typedef T type __attribute__((vector_size(Bytes)));
    static constexpr int lanes = Bytes / int(sizeof(T));
};

// Unaligned load. REQUIRES: sizeof(V) bytes at p.
template <typename V> MQ_INLINE void load_vector(V &v, const void *p)
{
    memcpy(&v, p, sizeof v);
}

} // namespace mq

// MQ_KERNEL(result, name, (declared parameters), (arguments)): defines `name` from the template
// `name##_body<Bytes>`.
#if defined(__x86_64__)
#define MQ_KERNEL(result, name, parameters, arguments)                                             \
    static result name##_sse2 parameters                                                           \
    {                                                                                              \
        return name##_body<16> arguments;                                                          \
    }                                                                                              \
    __attribute__((target("avx2"))) static result name##_avx2 parameters                           \
    {                                                                                              \
        return name##_body<32> arguments;                                                          \
    }                                                                                              \
    __attribute__((                                                                                \
        target("avx512f,avx512bw,avx512vl,avx512dq"))) static result name##_avx512 parameters      \
    {                                                                                              \
        return name##_body<64> arguments;                                                          \
    }                                                                                              \
    static result name parameters                                                                  \
    {                                                                                              \
        if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&            \
            __builtin_cpu_supports("avx512dq"))                                                    \
            return name##_avx512 arguments;                                                        \
        if (__builtin_cpu_supports("avx2"))                                                        \
            return name##_avx2 arguments;                                                          \
        return name##_sse2 arguments;                                                              \
    }
#else
#define MQ_KERNEL(result, name, parameters, arguments)                                             \
    static result name parameters                                                                  \
    {                                                                                              \
        return name##_body<16> arguments;                                                          \
    }
#endif
