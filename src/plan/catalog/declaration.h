// A value of the SQL type maskquery_declaration: an aggregate as it was when it was declared. Its
// text is the aggregate's qualified name as long as that is true, and empty afterwards.
#pragma once

#include "plan/catalog/definition.h"

namespace mq
{

struct Declaration {
    Oid aggregate; // InvalidOid: of a name that means nothing
    Oid owner;
    uint8_t digest[kDigestBytes];
};
static_assert(sizeof(Declaration) == 40, "INTERNALLENGTH in monotone.sql");

// What the aggregate is now. False when there is none.
bool declare_aggregate(Oid aggfnoid, Oid namespace_oid, Declaration *out);

// Is the aggregate what was declared? *now: what it is. namespace_oid: the extension's schema.
bool declaration_holds(const Declaration *declared, Oid namespace_oid, Definition *now);

// The digest in hexadecimal digits.
char *digest_text(const Declaration *declared);

} // namespace mq
