#include "core/base/fingerprint.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

using namespace mq;

namespace
{

__extension__ typedef unsigned __int128 Wide;

std::vector<uint8_t> random_bytes(std::mt19937_64 &random, size_t n)
{
    std::vector<uint8_t> v(n);
    for (uint8_t &b : v)
        b = uint8_t(random());
    return v;
}

FingerprintKey make_key(std::mt19937_64 &random)
{
    uint8_t bytes[sizeof(FingerprintKey)];
    for (uint8_t &b : bytes)
        b = uint8_t(random());
    return random_key(bytes);
}

Bytes span(const std::vector<uint8_t> &v)
{
    return Bytes{v.data(), v.size()};
}

// The definition, step by step.
uint64_t slow_hash(const FingerprintKey &key, std::vector<uint8_t> v, int which)
{
    const Wide prime = (Wide{1} << 61) - 1;
    v.resize((v.size() + 1023) / 1024 * 1024);
    Wide hash = 0;
    for (size_t at = 0; at < v.size(); at += 1024) {
        Wide sum = 0;
        for (size_t i = 0; i < 128; i += 2) {
            uint64_t m[2];
            memcpy(m, v.data() + at + 8 * i, 16);
            sum += Wide{uint64_t(m[0] + key.words[i + 2 * which])} *
                   Wide{uint64_t(m[1] + key.words[i + 1 + 2 * which])};
        }
        for (int shift : {0, 60, 120})
            hash = (hash * (key.points[which] % uint64_t(prime)) +
                    ((sum >> shift) & ((Wide{1} << 60) - 1))) %
                   prime;
    }
    return uint64_t(hash);
}

TEST(Fingerprint, IsWhatItsDefinitionSays)
{
    std::mt19937_64 random(1);
    for (size_t n : {0, 1, 7, 8, 16, 1023, 1024, 1025, 5000, 70000}) {
        FingerprintKey key = make_key(random);
        std::vector<uint8_t> v = random_bytes(random, n);
        Fingerprint f = fingerprint(key, span(v));
        EXPECT_EQ(f.size, n);
        EXPECT_EQ(f.hash[0], slow_hash(key, v, 0)) << n;
        EXPECT_EQ(f.hash[1], slow_hash(key, v, 1)) << n;
        v.assign(n, 0xff);
        f = fingerprint(key, span(v));
        EXPECT_EQ(f.hash[0], slow_hash(key, v, 0)) << n;
        EXPECT_EQ(f.hash[1], slow_hash(key, v, 1)) << n;
    }
}

TEST(Fingerprint, SeesEveryBit)
{
    std::mt19937_64 random(2);
    FingerprintKey key = make_key(random);
    std::vector<uint8_t> v = random_bytes(random, 2500);
    const Fingerprint f = fingerprint(key, span(v));
    EXPECT_TRUE(f == fingerprint(key, span(v)));
    for (size_t i = 0; i < v.size() * 8; i++) {
        v[i / 8] ^= 1 << i % 8;
        Fingerprint other = fingerprint(key, span(v));
        EXPECT_NE(f.hash[0], other.hash[0]) << i;
        EXPECT_NE(f.hash[1], other.hash[1]) << i;
        v[i / 8] ^= 1 << i % 8;
    }
}

TEST(Fingerprint, SeesOrderSizeAndKey)
{
    std::mt19937_64 random(3);
    FingerprintKey key = make_key(random);
    std::vector<uint8_t> a = random_bytes(random, 1024), b = random_bytes(random, 1024), ab = a,
                         ba = b;
    ab.insert(ab.end(), b.begin(), b.end());
    ba.insert(ba.end(), a.begin(), a.end());
    EXPECT_FALSE(fingerprint(key, span(ab)) == fingerprint(key, span(ba)));
    EXPECT_FALSE(fingerprint(key, span(ab)) == fingerprint(make_key(random), span(ab)));
    std::vector<uint8_t> longer = a;
    longer.push_back(0);
    EXPECT_FALSE(fingerprint(key, span(a)) == fingerprint(key, span(longer)));
}

} // namespace
