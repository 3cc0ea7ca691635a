// What an aggregate computes, as a digest: its own definition and those of the functions that it
// names. By contents and not by OID, so that a restored aggregate has the digest of the dumped one.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/pg_list.h"
}

namespace mq
{

constexpr size_t kDigestBytes = 32;

struct Definition {
    uint8_t digest[kDigestBytes];
    Oid owner;
    List *functions; // OIDs: the aggregate's and those of the functions that it names
};

// False when there is no such aggregate, which has no functions then. Names in the bodies of
// functions of the BEGIN ATOMIC kind are written as seen from the schema. May take AccessShareLock
// on relations that these name.
bool describe_aggregate(Oid aggfnoid, Oid namespace_oid, Definition *out);

} // namespace mq
