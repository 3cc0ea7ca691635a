// A fingerprint of bytes under a secret key: what is equal has equal ones, and what differs has
// not, but for a chance so small that it need not be reckoned with, whoever chose the bytes.
#pragma once

#include "core/base/bytes.h"

namespace mq
{

// To be filled with random bits, the points reduced by random_key().
constexpr size_t kFingerprintWords = 128;
struct FingerprintKey {
    uint64_t words[kFingerprintWords + 2];
    uint64_t points[2];
};

struct Fingerprint {
    uint64_t size;
    uint64_t hash[2];

    bool operator==(const Fingerprint &o) const
    {
        return size == o.size && hash[0] == o.hash[0] && hash[1] == o.hash[1];
    }
};

// A key of random bytes.
FingerprintKey random_key(const uint8_t (&random)[sizeof(FingerprintKey)]);

// Two strings of n bytes that were chosen without knowledge of the key have equal fingerprints with
// a probability below (2^-64 + 3 (n / 1024 + 1) 2^-61)^2: 2^-107 for 50 kB. Reads about 10 bytes a
// cycle. Pure.
Fingerprint fingerprint(const FingerprintKey &key, Bytes bytes);

} // namespace mq
