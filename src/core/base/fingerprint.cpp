// NH over blocks of 1 kB, twice, by keys that are one another's shifted by two words (Black,
// Halevi, Krawczyk, Krovetz, Rogaway: "UMAC: Fast and Secure Message Authentication", Crypto 1999):
// two blocks that differ have one equal sum with probability 2^-64 at most, both with 2^-128. The
// string of a block's sums is a polynomial over the integers modulo 2^61 - 1, taken at a secret
// point: different polynomials of degree d agree at d points at most.
#include "core/base/fingerprint.h"

#include <algorithm>

namespace mq
{

namespace
{

__extension__ typedef unsigned __int128 Wide;

constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
constexpr size_t kBlockBytes = kFingerprintWords * sizeof(uint64_t);

// x modulo kPrime, or kPrime itself, of x < 2^122.
uint64_t reduce(Wide x)
{
    uint64_t folded = uint64_t(x & kPrime) + uint64_t(x >> 61);
    return (folded & kPrime) + (folded >> 61);
}

// hash * point + part, of numbers below 2^61 + 1, 2^61 and 2^61.
uint64_t add_part(uint64_t hash, uint64_t point, uint64_t part)
{
    return reduce(Wide{hash} * point + part);
}

// A sum of 128 bits, in parts of 60, 60 and 8.
uint64_t add_sum(uint64_t hash, uint64_t point, Wide sum)
{
    constexpr uint64_t kMask = (uint64_t{1} << 60) - 1;
    hash = add_part(hash, point, uint64_t(sum) & kMask);
    hash = add_part(hash, point, uint64_t(sum >> 60) & kMask);
    return add_part(hash, point, uint64_t(sum >> 120));
}

void add_block(const FingerprintKey &key, const uint8_t *block, uint64_t *hash)
{
    Wide sums[2] = {0, 0};
    for (size_t i = 0; i < kFingerprintWords; i += 2) {
        uint64_t a = load_le<uint64_t>(block + 8 * i), b = load_le<uint64_t>(block + 8 * i + 8);
        sums[0] += Wide{a + key.words[i]} * (b + key.words[i + 1]);
        sums[1] += Wide{a + key.words[i + 2]} * (b + key.words[i + 3]);
    }
    for (int i = 0; i < 2; i++)
        hash[i] = add_sum(hash[i], key.points[i], sums[i]);
}

} // namespace

FingerprintKey random_key(const uint8_t (&random)[sizeof(FingerprintKey)])
{
    FingerprintKey key;
    memcpy(&key, random, sizeof key);
    for (uint64_t &point : key.points)
        point &= kPrime;
    return key;
}

Fingerprint fingerprint(const FingerprintKey &key, Bytes bytes)
{
    Fingerprint f{bytes.size, {0, 0}};
    size_t whole = bytes.size / kBlockBytes * kBlockBytes;
    for (size_t at = 0; at < whole; at += kBlockBytes)
        add_block(key, bytes.data + at, f.hash);
    if (whole < bytes.size) {
        // Filled up with zeros: only strings of one size are compared.
        uint8_t last[kBlockBytes] = {};
        memcpy(last, bytes.data + whole, bytes.size - whole);
        add_block(key, last, f.hash);
    }
    for (uint64_t &hash : f.hash)
        hash = hash >= kPrime ? hash - kPrime : hash;
    return f;
}

} // namespace mq
